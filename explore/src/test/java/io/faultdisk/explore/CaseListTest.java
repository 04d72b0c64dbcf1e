package io.faultdisk.explore;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CaseListTest {
  private static final Recording RECORDING = FakeSubject.recording(40);

  private static ExplorationPlan plan(Set<Case.Family> families, int pairs, int random, int cases) {
    return new ExplorationPlan(
        families,
        List.of(Errno.EIO, Errno.ENOSPC),
        true,
        true,
        pairs,
        random,
        100,
        cases,
        new Seed(3));
  }

  private static List<String> ids(ExplorationPlan plan) {
    return CaseList.of(RECORDING, plan).stream().map(Case::id).toList();
  }

  @Test
  void theSameRecordingAndPlanGiveTheSameList() {
    ExplorationPlan plan = plan(EnumSet.allOf(Case.Family.class), 50, 20, Integer.MAX_VALUE);
    assertThat(CaseList.of(FakeSubject.recording(40), plan))
        .isEqualTo(CaseList.of(RECORDING, plan))
        .hasSize(40 * 4 + 20 + 50 + 20);
  }

  @Test
  void anotherSeedGivesOtherPairsAndRandomCasesButTheSameErrorsAndCrashes() {
    Set<Case.Family> all = EnumSet.allOf(Case.Family.class);
    ExplorationPlan plan = plan(all, 50, 20, Integer.MAX_VALUE);
    ExplorationPlan other =
        new ExplorationPlan(
            all, plan.errnos(), true, true, 50, 20, 100, Integer.MAX_VALUE, new Seed(4));
    assertThat(ids(other).subList(0, 180)).isEqualTo(ids(plan).subList(0, 180));
    assertThat(ids(other).subList(180, 230)).isNotEqualTo(ids(plan).subList(180, 230));
    assertThat(ids(other).subList(230, 250)).isNotEqualTo(ids(plan).subList(230, 250));
  }

  @Test
  void everyNameIsUnique() {
    assertThat(ids(plan(EnumSet.allOf(Case.Family.class), 500, 200, Integer.MAX_VALUE)))
        .doesNotHaveDuplicates();
  }

  @Test
  void eachPointFailsWithEachErrnoOnceAndForGood() {
    assertThat(ids(plan(EnumSet.of(Case.Family.ERRORS), 0, 0, Integer.MAX_VALUE)).subList(0, 4))
        .containsExactly(
            "e0 pwritev#1 write: EIO",
            "e0 pwritev#1 write: EIO sticky",
            "e0 pwritev#1 write: ENOSPC",
            "e0 pwritev#1 write: ENOSPC sticky");
  }

  @Test
  void thereAreNoMorePairsThanAskedForAndNoMoreThanThereAre() {
    Set<Case.Family> pairs = EnumSet.of(Case.Family.PAIRS);
    assertThat(ids(plan(pairs, 0, 0, Integer.MAX_VALUE))).isEmpty();
    assertThat(ids(plan(pairs, 17, 0, Integer.MAX_VALUE))).hasSize(17);
    assertThat(ids(plan(pairs, 1_000_000, 0, Integer.MAX_VALUE)))
        .hasSize(20 * 20 + 19 * 20 / 2 + 20 * 7); // no pair reaches beyond the end
  }

  @Test
  void pairsAreSpreadOverTheRun() {
    List<Integer> numbers =
        CaseList.of(RECORDING, plan(EnumSet.of(Case.Family.PAIRS), 60, 0, Integer.MAX_VALUE))
            .stream()
            .map(each -> each.point().orElseThrow().number())
            .toList();
    assertThat(numbers).anyMatch(number -> number <= 10).anyMatch(number -> number > 30);
  }

  @Test
  void aBoundThinsTheListEvenlyAndKeepsItsOrder() {
    List<String> all = ids(plan(EnumSet.allOf(Case.Family.class), 50, 20, Integer.MAX_VALUE));
    List<String> thinned = ids(plan(EnumSet.allOf(Case.Family.class), 50, 20, 25));
    assertThat(thinned).hasSize(25).isSubsetOf(all).doesNotHaveDuplicates();
    for (int i = 0; i < 25; i++) {
      assertThat(all.indexOf(thinned.get(i))).as(thinned.get(i)).isEqualTo(i * 10);
    }
    assertThat(ids(plan(EnumSet.allOf(Case.Family.class), 50, 20, 250))).isEqualTo(all);
  }

  /** What cannot run out of space does not, and what else can go wrong does. */
  @Test
  void aPointFailsInTheWaysThatItHas() {
    List<FaultPoint> points = RECORDING.points().subList(0, 2);
    Recording recording =
        new Recording(
            points,
            Map.of(1, new PointTraits(false, List.of("short", "lie"))),
            List.of(),
            0,
            RECORDING.events(),
            List.of(),
            0,
            "x");
    List<String> ids =
        CaseList.of(recording, plan(EnumSet.of(Case.Family.ERRORS), 0, 0, Integer.MAX_VALUE))
            .stream()
            .map(Case::id)
            .toList();
    assertThat(ids)
        .hasSize(6 + 4)
        .startsWith(
            "e0 pwritev#1 write: EIO",
            "e0 pwritev#1 write: EIO sticky",
            "e0 pwritev#1 write: short",
            "e0 pwritev#1 write: short sticky",
            "e0 pwritev#1 write: lie",
            "e0 pwritev#1 write: lie sticky",
            "e0 pwritev#2 write: EIO");
  }
}
