package io.faultdisk.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SummaryTest {
  @Test
  void saysWhatWasFoundWhereItIsAndHowToSeeItAgain() {
    assertThat(
            String.join(
                "\n",
                Summary.lines(
                    SampleResults.small(),
                    new Summary.Run(390, 1234, Optional.of(Path.of("found"))))))
        .isEqualTo(
            """
            io script examples/qcow2.io on a qcow2 image of 4 GiB, checked by img check and the oracle
              69 fault points, 54 crash states (27 more have equal content: no need to check them)

              family       cases       ok   failed     hung  crashed   missed
              errors         276      266        6        2        2        0
              crashes         54       52        2        0        0        0
              pairs           40       35        0        0        0        5
              random          20       20        0        0        0        0
              all            390      373        8        2        2        5

            390 cases in 1.2 s, 316 per second
            12 failures of 4 kinds:
              1. 6 x error at l2_update write: failed
                 cluster 56 is used, but its refcount is 0
                 first: e1 l2_update#1 write: ENOSPC sticky
              2. 2 x error at flush_to_os flush: hung
                 not done after 10000 ms
                 first: e4 flush_to_os#1 flush: EIO sticky
              3. 2 x error at refblock_load read: crashed
                 java.lang.IllegalStateException: refcount block 0 is not there
                 first: e6 refblock_load#1 read: ENOSPC
              4. 2 x power cut at flush_to_disk flush: failed
                 block 12 holds neither what was flushed nor what was written since
                 first: e5 flush_to_disk#1 flush: cut, 2,1 of 4 survive

            report:    found/report.html
            reproduce: sh found/repro/0051/command.sh\
            """);
  }

  @Test
  void aPartSaysHowToGoOn() {
    Results whole =
        FakeSubject.results(
            FakeSubject.recording(4),
            FakeSubject.plan(),
            outcome -> new Outcome(Verdict.OK, "", List.of()));
    Results part = new Results(whole.heading(), whole.cases().subList(0, 5), whole.timeline());
    assertThat(Summary.lines(part, new Summary.Run(0, 0, Optional.of(Path.of("d")))))
        .containsExactly(
            "a fake",
            "  4 fault points, 2 crash states (5 more have equal content: no need to check them)",
            "",
            "  family       cases       ok   failed     hung  crashed   missed",
            "  errors           5        5        0        0        0        0",
            "",
            "5 of 18 cases tried so far",
            "no failures",
            "",
            "report:    d/report.html",
            "go on with the same command and --resume");
    assertThat(Summary.lines(part, new Summary.Run(0, 0, Optional.of(Path.of("d")), false)))
        .endsWith("report:    d/report.html");
  }

  @Test
  void textsFromOutsideCannotSteerTheTerminal() {
    Results hostile =
        FakeSubject.results(
            FakeSubject.recording(4),
            FakeSubject.plan(),
            outcome -> new Outcome(Verdict.FAILED, "\u001b[2Jgone\r\u202eback", List.of()));
    assertThat(Summary.lines(hostile, new Summary.Run(18, 10, Optional.empty())))
        .contains("     \\x1b[2Jgone")
        .allSatisfy(line -> assertThat(line).doesNotContainPattern("[\\x00-\\x1f\u202e]"));
  }
}
