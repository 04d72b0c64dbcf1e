package io.faultdisk.cli.img;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class BenchPlanTest {
  @Test
  void requestsStartOverAtTheEndOfTheImage() {
    BenchPlan plan = plan(10, 1, 8192, 4096, 0, true);
    assertThat(IntStream.range(0, 5).mapToLong(i -> plan.offsetOf(i, 16384)))
        .containsExactly(8192L, 12288L, 0L, 4096L, 8192L);
  }

  @Test
  void theFirstRequestGoesWhereTheUserSaysEvenBehindTheEnd() {
    BenchPlan plan = plan(10, 1, 20000, 4096, 0, true);
    assertThat(plan.offsetOf(0, 16384)).isEqualTo(20000);
    assertThat(plan.offsetOf(1, 16384)).isEqualTo(24096 - 16384);
  }

  @Test
  void anEmptyImageHasNoPlaceToStartOverAt() {
    assertThat(plan(10, 1, 512, 4096, 0, true).offsetOf(3, 0)).isEqualTo(512);
  }

  @Test
  void theFirstFlushComesWhenTheRestIsAMultipleOfTheInterval() {
    assertThat(plan(100, 4, 0, 1, 10, true).firstRound()).isEqualTo(4 + 96 % 10);
    assertThat(plan(3, 4, 0, 1, 10, true).firstRound()).isEqualTo(3);
    assertThat(plan(100, 4, 0, 1, 0, true).firstRound()).isEqualTo(100);
  }

  @Test
  void aFlushThatWaitsForNobodyIsSentAgainForEachOfTheLast() {
    BenchPlan plan = plan(10, 2, 0, 1, 4, false);
    // 8 are not sent when the first completes, then 7, ...; at the end nothing is left twice.
    assertThat(IntStream.rangeClosed(1, 10).filter(plan::flushesAfter))
        .containsExactly(1, 5, 9, 10);
  }

  private static BenchPlan plan(
      int count, int depth, long offset, int step, int flushInterval, boolean drain) {
    return new BenchPlan(true, 4096, depth, count, offset, step, flushInterval, drain, 0);
  }
}
