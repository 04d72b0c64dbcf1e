package io.faultdisk.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.faultdisk.testkit.RandomCases;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OffsetScaleTest {
  private static TimelineEntry write(long offset, long bytes) {
    return TimelineEntry.request(0, "write", offset, bytes);
  }

  @Test
  void untouchedSpaceTakesNoRoom() {
    TimelineEntry low = write(0, 8192);
    TimelineEntry high = write(1L << 40, 4096);
    OffsetScale scale = OffsetScale.of(List.of(low, high), 300);
    assertThat(scale.bottom(low)).isEqualTo(300);
    assertThat(scale.top(low)).isCloseTo(100, within(1e-6));
    assertThat(scale.bottom(high)).isCloseTo(100, within(1e-6));
    assertThat(scale.top(high)).isCloseTo(0, within(1e-6));
    assertThat(scale.marks(10))
        .extracting(OffsetScale.Mark::offset, OffsetScale.Mark::gap)
        .containsExactly(tuple(0L, false), tuple(1L << 40, true));
    assertThat(scale.marks(250)).hasSize(1);
  }

  @Test
  void nothingTouchedIsAnEmptyScale() {
    TimelineEntry flush = TimelineEntry.request(0, "flush", 0, 0);
    OffsetScale scale = OffsetScale.of(List.of(flush), 300);
    assertThat(scale.marks(10)).isEmpty();
    assertThat(scale.bottom(flush)).isEqualTo(300);
  }

  /** Whatever the offsets, even those that no disk has: inside, upright, in order. */
  @Test
  void higherOffsetsAreHigher() {
    RandomCases.run(
        "offset scale",
        500,
        random -> {
          List<TimelineEntry> requests = new ArrayList<>();
          for (int i = random.nextInt(1, 200); i > 0; i--) {
            requests.add(
                write(
                    random.nextLong() >>> random.nextInt(64),
                    random.nextLong() >>> random.nextInt(1, 64)));
          }
          OffsetScale scale = OffsetScale.of(requests, 300);
          requests.removeIf(request -> request.bytes() <= 0);
          for (TimelineEntry request : requests) {
            assertThat(scale.bottom(request)).isBetween(0.0, 300.0);
            assertThat(scale.top(request)).isBetween(-1e-6, scale.bottom(request));
          }
          requests.sort((a, b) -> Long.compare(Math.max(0, a.offset()), Math.max(0, b.offset())));
          for (int i = 1; i < requests.size(); i++) {
            assertThat(scale.bottom(requests.get(i)))
                .isLessThanOrEqualTo(scale.bottom(requests.get(i - 1)) + 1e-6);
          }
        });
  }
}
