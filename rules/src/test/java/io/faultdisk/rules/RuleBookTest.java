package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Errno;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A rule that was taken out leaves nothing behind. */
final class RuleBookTest {
  private static final int CYCLES = 100_000;

  private static final InjectError FAILS = InjectError.on(QemuEvents.NONE).withErrno(Errno.EIO);
  private static final InjectError WAITS = FAILS.withSuspend("A");

  private final Breakpoints breakpoints = new Breakpoints();
  private final RuleBook book = new RuleBook();

  private static BadBlocks bad() throws Exception {
    return (BadBlocks)
        RuleSources.read(
                RuleFile.of(
                    "r", "[bad-blocks]\nevent = \"none\"\noffset = \"0\"\nbytes = \"4096\"\n"),
                Dialect.FAULTDISK)
            .get(0);
  }

  @Test
  void aBookIsAsItWasOnceWhatCameHasGone() throws Exception {
    SetState moves = new SetState(QemuEvents.NONE, 0, 2, Source.program());
    List<Rule> passing = List.of(WAITS, moves, bad());
    book.add(List.of(FAILS, moves), breakpoints);
    List<Snapshot.RuleStatus> before = book.statuses(ActiveList.NONE);
    for (int i = 0; i < CYCLES; i++) {
      List<Integer> ids = book.add(passing, breakpoints);
      assertThat(book.size()).isEqualTo(5);
      for (int id : ids) {
        assertThat(book.remove(id)).isTrue();
        assertThat(book.remove(id)).isFalse();
      }
    }
    assertThat(book.size()).isEqualTo(2);
    assertThat(book.statuses(ActiveList.NONE)).isEqualTo(before);
  }

  @Test
  void rulesThatAreTakenOutByEqualityAreForgottenToo() throws Exception {
    SetState moves = new SetState(QemuEvents.NONE, 0, 2, Source.program());
    book.add(List.of(FAILS, WAITS, bad(), moves, WAITS), breakpoints);
    assertThat(book.remove(List.of(WAITS, moves, bad()))).isEqualTo(4);
    assertThat(book.size()).isEqualTo(1);
    assertThat(book.remove(List.of(WAITS))).isZero();
  }

  @Test
  void itIsSuspendingAsLongAsOneOfItsRulesIs() {
    List<Integer> ids = book.add(List.of(FAILS, WAITS, WAITS), breakpoints);
    assertThat(book.isSuspending()).isTrue();
    book.remove(ids.get(1));
    assertThat(book.isSuspending()).isTrue();
    book.remove(ids.get(2));
    assertThat(book.isSuspending()).isFalse();
    book.add(List.of(WAITS), breakpoints);
    assertThat(book.isSuspending()).isTrue();
    book.remove(List.of(WAITS));
    assertThat(book.isSuspending()).isFalse();
  }

  @Test
  void writesHealNothingOnceTheLastBadBlocksAreOut() throws Exception {
    int id = book.add(List.of(bad()), breakpoints).get(0);
    assertThat(book.hasBadBlocks()).isTrue();
    book.remove(id);
    assertThat(book.hasBadBlocks()).isFalse();
  }
}
