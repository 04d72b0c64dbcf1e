package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.testkit.RandomCases;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class SortedOffsetsTest {

  @Test
  void findsWhatALinearSearchFinds() {
    RandomCases.run(
        "sorted offsets",
        3000,
        random -> {
          long[] offsets = new long[random.nextInt(40)];
          for (int i = 0; i < offsets.length; i++) {
            offsets[i] = randomOffset(random);
          }
          Arrays.sort(offsets);
          SortedOffsets sorted = new SortedOffsets(offsets);
          for (int i = 0; i < 60; i++) {
            boolean near = offsets.length > 0 && random.nextBoolean();
            long wanted =
                near
                    ? Math.max(0, offsets[random.nextInt(offsets.length)] + random.nextInt(3) - 1)
                    : randomOffset(random);
            int linear = 0;
            while (linear < offsets.length && offsets[linear] < wanted) {
              linear++;
            }
            assertThat(sorted.atLeast(wanted))
                .as("%d in %s", wanted, Arrays.toString(offsets))
                .isEqualTo(linear);
          }
        });
  }

  /** Spread over everything, heaped at one place, or equal. */
  private static long randomOffset(RandomGenerator random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextLong(Long.MAX_VALUE);
      case 1 -> (1L << 40) + random.nextInt(100);
      case 2 -> random.nextInt(10) * 512L;
      default -> Long.MAX_VALUE - random.nextInt(600);
    };
  }
}
