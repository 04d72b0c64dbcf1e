package io.faultdisk.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.faultdisk.base.UsageException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class MergeTest {
  private static final Results WHOLE =
      FakeSubject.results(FakeSubject.recording(12), FakeSubject.everything(), o -> o);

  private static ResultPart part(String name, Shard shard) {
    return part(name, shard, WHOLE);
  }

  private static ResultPart part(String name, Shard shard, Results of) {
    return new ResultPart(
        name,
        shard,
        new Results(
            of.heading(),
            of.cases().stream().filter(result -> shard.has(result.index())).toList(),
            of.timeline()));
  }

  @Test
  void shardsInAnyOrderMakeTheWhole() throws Exception {
    List<ResultPart> parts = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      parts.add(part("d" + i, new Shard(i, 4)));
    }
    Collections.reverse(parts);
    Merge merge = Merge.of(parts);
    assertThat(merge.results()).isEqualTo(WHOLE);
    assertThat(merge.missing()).isEmpty();
  }

  @Test
  void theSameCaseTwiceIsFineIfItEndedTheSame() throws Exception {
    assertThat(Merge.of(List.of(part("a", Shard.ALL), part("b", new Shard(2, 3)))).results())
        .isEqualTo(WHOLE);
  }

  @Test
  void theSameCaseWithTwoEndingsIsRefused() {
    Results changed =
        FakeSubject.results(
            FakeSubject.recording(12),
            FakeSubject.everything(),
            outcome ->
                outcome.verdict() == Verdict.FAILED
                    ? new Outcome(Verdict.OK, "", outcome.receipts())
                    : outcome);
    CaseResult first = WHOLE.failures().get(0);
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> Merge.of(List.of(part("a", Shard.ALL), part("b", Shard.ALL, changed))))
        .withMessage(
            "case %d (%s) is failed ('block 3 is lost') in a, but ok in b",
            first.index(), first.id());
  }

  @Test
  void whereAProgramHungNeedNotBeTheSamePlace() throws Exception {
    Results here = hungAt("here");
    Results there = hungAt("there");
    assertThat(Merge.of(List.of(part("a", Shard.ALL, here), part("b", Shard.ALL, there))).results())
        .isEqualTo(here);
  }

  private static Results hungAt(String place) {
    return FakeSubject.results(
        FakeSubject.recording(4),
        FakeSubject.plan(),
        outcome -> new Outcome(Verdict.HUNG, "not done after 1 ms\n  at " + place, List.of()));
  }

  @Test
  void anotherExplorationIsRefusedWithWhatDiffers() {
    Results other = FakeSubject.results(FakeSubject.recording(8), FakeSubject.everything(), o -> o);
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> Merge.of(List.of(part("a", Shard.ALL), part("b", Shard.ALL, other))))
        .withMessageStartingWith("the results in b do not belong to those in a ('here'): ")
        .withMessageContaining("recording: 'digest-12' here, 'digest-8' there");
  }

  @Test
  void whatIsMissingIsCountedByShard() throws Exception {
    ResultPart torn =
        new ResultPart(
            "d3",
            new Shard(3, 4),
            new Results(
                WHOLE.heading(),
                part("d3", new Shard(3, 4)).results().cases().subList(0, 5),
                WHOLE.timeline()));
    Merge merge = Merge.of(List.of(part("d1", new Shard(1, 4)), part("d2", new Shard(2, 4)), torn));
    assertThat(WHOLE.heading().cases()).isEqualTo(70);
    assertThat(merge.missing())
        .containsExactly(
            "shard 3/4: 12 cases are missing: d3 is not complete, go on with --resume",
            "shard 4/4: 17 cases are missing: no directory is of this shard");
    assertThat(merge.results().isComplete()).isFalse();
  }

  @Test
  void nothingCannotBeMerged() {
    assertThatExceptionOfType(UsageException.class).isThrownBy(() -> Merge.of(List.of()));
  }
}
