package io.faultdisk.explore;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.testkit.RandomCases;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  @Test
  void showsBarCasesShareFailuresRateAndTimeLeft() {
    assertThat(ProgressLine.text(812, 1744, 3, 800, 80))
        .isEqualTo(
            "[###############-------------------] 812/1744  46%  3 failed  1,015/s  0:01 left");
    assertThat(ProgressLine.text(40, 4000, 0, 60_000, 80))
        .isEqualTo("[----------------------------------------] 40/4000  1%  0.7/s  1:39:00 left");
  }

  @Test
  void knowsNoRateBeforeTheFirstCaseAndNoTimeLeftAfterTheLast() {
    assertThat(ProgressLine.text(0, 10, 0, 5000, 60))
        .isEqualTo("[" + "-".repeat(40) + "] 0/10  0%");
    assertThat(ProgressLine.text(10, 10, 1, 5000, 60))
        .isEqualTo("[" + "#".repeat(29) + "] 10/10  100%  1 failed  2.0/s");
    assertThat(ProgressLine.text(0, 0, 0, 0, 60)).isEqualTo("[" + "#".repeat(40) + "] 0/0");
  }

  @Test
  void leavesOutWhatHasNoRoom() {
    assertThat(ProgressLine.text(812, 1744, 3, 800, 50))
        .isEqualTo("812/1744  46%  3 failed  1,015/s  0:01 left");
    assertThat(ProgressLine.text(812, 1744, 3, 800, 40))
        .isEqualTo("812/1744  3 failed  1,015/s  0:01 left");
    assertThat(ProgressLine.text(812, 1744, 3, 800, 30)).isEqualTo("812/1744  3 failed  0:01 left");
    assertThat(ProgressLine.text(812, 1744, 3, 800, 20)).isEqualTo("812/1744  3 failed");
    assertThat(ProgressLine.text(812, 1744, 3, 800, 10)).isEqualTo("812/1744");
    assertThat(ProgressLine.text(812, 1744, 3, 800, 3)).isEqualTo("812");
  }

  @Test
  void isNeverLongerThanTheTerminalIsWide() {
    RandomCases.run(
        "progress line",
        2000,
        random -> {
          int total = random.nextInt(0, 1 << random.nextInt(1, 31));
          int done = random.nextInt(0, total + 1);
          int width = random.nextInt(0, 200);
          assertThat(
                  ProgressLine.text(
                      done, total, random.nextInt(0, done + 1), random.nextLong(1L << 40), width))
              .hasSizeLessThanOrEqualTo(width)
              .doesNotContain("\n");
        });
  }
}
