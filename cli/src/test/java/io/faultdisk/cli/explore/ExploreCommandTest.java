package io.faultdisk.cli.explore;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.Main;
import io.faultdisk.cli.Stdio;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code explore} as it is typed. */
final class ExploreCommandTest {
  private static final List<String> WORKLOAD =
      List.of("-c", "write 0 64k", "-c", "flush", "-c", "write 1M 4k");

  @TempDir Path temp;

  private record Run(int exit, String out, String err) {}

  private static Run run(List<String> words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit = Main.run(words, new Stdio(InputStream.nullInputStream(), out, err, false));
    return new Run(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static Run explore(String... more) {
    List<String> words = new ArrayList<>(List.of("explore", "io"));
    words.addAll(WORKLOAD);
    words.addAll(List.of(more));
    return run(words);
  }

  private String dir(String name) {
    return temp.resolve(name).toString();
  }

  @Test
  void saysWhatItHasTriedAndWritesReports() throws Exception {
    Run run = explore("--report", dir("out"), "--only-once", "--errno", "EIO");
    assertThat(run.err()).isEmpty();
    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .startsWith("io [write 0 64k, flush, write 1M 4k] on qcow2\n  ")
        .contains("no failures")
        .contains("report:    " + dir("out") + "/report.html");
    assertThat(temp.resolve("out").resolve("report.html")).exists();
    assertThat(temp.resolve("out").resolve("junit.xml")).exists();
    assertThat(Files.list(temp)).containsExactly(temp.resolve("out"));
  }

  @Test
  void shardsMergedAreTheWhole() throws Exception {
    List<String> merge = new ArrayList<>(List.of("explore", "merge", "--report", dir("merged")));
    for (int i = 1; i <= 4; i++) {
      explore("--try", "all", "--pairs", "60", "--shard", i + "/4", "--report", dir("part" + i));
      merge.add(dir("part" + i));
    }
    explore("--try", "all", "--pairs", "60", "--report", dir("whole"));
    Run merged = run(merge);
    assertThat(merged.err()).isEmpty();
    for (String file : List.of("results.json", "junit.xml", "report.html")) {
      assertThat(temp.resolve("merged").resolve(file))
          .hasSameBinaryContentAs(temp.resolve("whole").resolve(file));
    }
    // And a shard that is missing is named.
    merge.remove(dir("part3"));
    merge.set(3, dir("incomplete"));
    Run incomplete = run(merge);
    assertThat(incomplete.exit()).isEqualTo(3);
    assertThat(incomplete.err()).contains("3/4");
    assertThat(incomplete.out()).doesNotContain("--resume");
    // What is merged does not go on.
    Run again = run(merge);
    assertThat(again.exit()).isEqualTo(1);
    assertThat(again.err()).contains("has results already").doesNotContain("--resume");
  }

  @Test
  void goesOnWhereItStopped() throws Exception {
    explore("--report", dir("whole"));
    explore("--report", dir("resumed"));
    // As if it had been killed after some cases, in the middle of a line.
    Path cases = temp.resolve("resumed").resolve("cases.jsonl");
    byte[] all = Files.readAllBytes(cases);
    Files.write(cases, java.util.Arrays.copyOf(all, all.length / 3));
    Run refused = explore("--report", dir("resumed"));
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).contains("--resume");
    Run resumed = explore("--report", dir("resumed"), "--resume");
    assertThat(resumed.err()).isEmpty();
    assertThat(temp.resolve("resumed").resolve("results.json"))
        .hasSameBinaryContentAs(temp.resolve("whole").resolve("results.json"));
  }

  @Test
  void anotherExplorationIsNotResumed() {
    explore("--report", dir("out"));
    Run other = explore("--report", dir("out"), "--resume", "--seed", "2");
    assertThat(other.exit()).isEqualTo(1);
    assertThat(other.err()).contains("seed=0x1").contains("seed=0x2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          --try errors,floods    | --try: 'floods' is nothing that can be tried
          --errno EIO,EOOPS      | --errno: there is no error 'EOOPS'
          --errno SUCCESS        | --errno: 'SUCCESS' is no error
          --seed here            | 'here' is not a seed
          --shard 5/4            | there is no shard 5 of 4
          --shard 1              | '1' is not a shard
          --jobs 0               | --jobs: 0 is less than 1
          --states 0             | --states: 0 is less than 1
          --pairs=-7             | --pairs: -7 is less than 0
          --resume               | --resume needs --report
          -t lazy                | -t: 'lazy' is neither writeback nor writethrough
          -f nonsense            | nonsense
          --size large           | --size: 'large' is not a size
          --image /no/such/image | Cannot read '/no/such/image': No such file or directory
          /no/such/script        | Cannot read '/no/such/script': No such file or directory
          -c frobnicate          | The workload fails without any fault
          """)
  void mistakesAreNamed(String words, String message) {
    Run run = explore(words.split(" "));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(message).doesNotContain("\tat ");
    assertThat(run.err().lines().count()).isLessThanOrEqualTo(4);
  }

  @Test
  void emptyWordsAreMistakes() {
    assertThat(explore("--check", " ").err()).contains("--check: '' is no command");
    assertThat(explore("--report", "").err()).contains("--report: '' names no directory");
    assertThat(run(List.of("explore", "merge", "--report", "", "x")).err())
        .contains("--report: '' names no directory");
    Run program = run(List.of("explore", "run", "--check", "", "--", "true"));
    assertThat(program.exit()).isEqualTo(1);
    assertThat(program.err()).contains("--check: '' is no command");
  }

  /** A program that works on another disk must not be found to be without mistakes. */
  @Test
  void aWorkloadThatDoesNotUseItsDiskIsAMistake() {
    Run run = run(List.of("explore", "io", "-f", "raw", "-c", "help"));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("The workload asks nothing of its disk");
  }

  @Test
  void whatWasFoundIsToldEvenIfTheReportsCannotBeWritten() throws Exception {
    Files.createDirectories(temp.resolve("out").resolve("junit.xml"));
    Run run = explore("--report", dir("out"), "--cases", "3");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).contains("3 cases in ").doesNotContain("report:");
    assertThat(run.err())
        .isEqualTo(
            "faultdisk: cannot write reports to "
                + dir("out")
                + ": Is a directory\n"
                + "What was found is kept: --resume writes them once that is mended.\n");
  }

  @Test
  void aDamagedTimelineIsNamed() throws Exception {
    explore("--report", dir("out"), "--cases", "3");
    Path timeline = temp.resolve("out").resolve("timeline.json");
    Files.write(timeline, new byte[] {'[', (byte) 0xff});
    assertThat(run(List.of("explore", "merge", "--report", dir("merged"), dir("out"))).err())
        .isEqualTo("faultdisk: " + timeline + " is damaged: it is not text in UTF-8\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          abort                      | killed by signal 6
          sigraise 9                 | killed by signal 9
          power cut                  | 'power cut' fails
          open null-co://            | 'open null-co://': a workload cannot open another disk
          write 0                    | bad argument count 1 to write
          """)
  void aWorkloadThatFailsWithoutFaultsSaysWhere(String command, String message) {
    Run run = run(List.of("explore", "io", "-c", "write 0 4k", "-c", "close", "-c", command));
    Run open = run(List.of("explore", "io", "-c", "write 0 4k", "-c", command));
    assertThat(List.of(run.exit(), open.exit())).containsOnly(1);
    assertThat(run.err()).contains("The workload fails without any fault");
    assertThat(open.err()).contains(message).doesNotContain("Exception").doesNotContain("\tat ");
  }

  @Test
  void aWorkloadCannotChangeFilesOfItsOwn() throws Exception {
    Path other = Files.write(temp.resolve("other.img"), new byte[1 << 20]);
    Run run =
        run(
            List.of(
                "explore",
                "io",
                "-c",
                "close",
                "-c",
                "o -o driver=raw " + other,
                "-c",
                "write 0 4k"));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("a workload cannot open another disk than its own");
    assertThat(other).hasBinaryContent(new byte[1 << 20]);
  }

  @Test
  void aScriptThatIsNoTextIsAMistake() throws Exception {
    Path script = Files.write(temp.resolve("binary.io"), new byte[] {'a', (byte) 0xff, '\n'});
    Run run = run(List.of("explore", "io", script.toString()));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains(script + "': it is not text in UTF-8");
  }

  @Test
  void aLargeRawDiskIsNotRead() {
    Run run =
        run(
            List.of(
                "explore", "io", "-f", "raw", "--size", "1T", "-c", "write 1G 4k", "--cases", "3"));
    assertThat(run.err()).isEmpty();
    assertThat(run.exit()).isZero();
  }

  @Test
  void aFirstRunThatTakesLongIsNotWaitedForInSilence() {
    // The check goes on when it has seen the message.
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    OutputStream watched =
        new OutputStream() {
          @Override
          public void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int from, int count) {
            synchronized (err) {
              err.write(bytes, from, count);
              if (err.toString(StandardCharsets.UTF_8).contains("Ctrl-C ends it")) {
                try {
                  Files.writeString(temp.resolve("seen"), "");
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              }
            }
          }
        };
    String wait = "until [ -e " + temp.resolve("seen") + " ]; do sleep 0.1; done";
    int exit =
        Main.run(
            List.of(
                "explore",
                "io",
                "-c",
                "write 0 4k",
                "--cases",
                "1",
                "--time-limit",
                "1",
                "--check",
                wait),
            new Stdio(InputStream.nullInputStream(), new ByteArrayOutputStream(), watched, false));
    assertThat(exit).isZero();
    assertThat(err.toString(StandardCharsets.UTF_8).lines()).hasSize(1);
  }

  @Test
  void nothingToExploreIsAMistake() {
    Run run = run(List.of("explore", "io"));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("There is nothing to explore");
  }

  @Test
  void aDirectoryThatIsNoReportCannotBeMerged() {
    Run run = run(List.of("explore", "merge", "--report", dir("merged"), temp.toString()));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("there are no results in " + temp);
  }
}
