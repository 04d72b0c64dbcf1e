package io.faultdisk.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FailureGroupTest {
  private static CaseResult failure(int index, String place, Verdict verdict, String reason) {
    return new CaseResult(
        index,
        Case.Family.ERRORS,
        "case " + index,
        Optional.of(new FaultPoint(index + 1, 0, place)),
        new Outcome(verdict, reason, List.of()));
  }

  private static List<FailureGroup> groups(CaseResult... failures) {
    Heading heading = new Heading("s", "p", "r", failures.length, 1, 1, 0, new TreeMap<>());
    return FailureGroup.of(new Results(heading, List.of(failures), List.of()));
  }

  @Test
  void numbersOfPlaceAndReasonDoNotMatter() {
    assertThat(
            groups(
                failure(0, "l2_update#1 write", Verdict.FAILED, "cluster 5 lost\nat 1"),
                failure(1, "l2_update#12 write 3", Verdict.FAILED, "cluster 0x77 lost\nat 2")))
        .singleElement()
        .satisfies(
            group -> {
              assertThat(group.title()).isEqualTo("error at l2_update write");
              assertThat(group.reason()).isEqualTo("cluster 5 lost");
              assertThat(group.members()).hasSize(2);
            });
  }

  @Test
  void placeKindVerdictAndReasonDo() {
    assertThat(
            groups(
                failure(0, "l2_update#1 write", Verdict.FAILED, "lost"),
                failure(1, "l2_load#1 read", Verdict.FAILED, "lost"),
                failure(2, "l2_update#1 write", Verdict.HUNG, "lost"),
                failure(3, "l2_update#1 write", Verdict.FAILED, "found"),
                failure(4, "l2_load#1 read", Verdict.FAILED, "lost"),
                failure(5, "l2_load#1 read", Verdict.OK, "lost"),
                failure(6, "l2_load#1 read", Verdict.MISSED, "lost")))
        .extracting(group -> group.members().get(0).index() + "x" + group.members().size())
        .containsExactly("1x2", "0x1", "2x1", "3x1");
  }

  @Test
  void someOfEachKindAreChosenBeforeMoreOfOne() {
    List<CaseResult> many = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      many.add(failure(i, "a#1 write", Verdict.FAILED, "x"));
    }
    many.add(failure(50, "b#1 write", Verdict.FAILED, "x"));
    many.add(failure(51, "c#1 write", Verdict.FAILED, "x"));
    List<FailureGroup> groups = groups(many.toArray(new CaseResult[0]));
    assertThat(FailureGroup.chosen(groups, 5)).containsExactly(0, 1, 2, 50, 51);
    assertThat(FailureGroup.chosen(groups, 2)).containsExactly(0, 50);
    assertThat(FailureGroup.chosen(groups, 0)).isEmpty();
    assertThat(FailureGroup.chosen(groups, 1000)).hasSize(52);
  }
}
