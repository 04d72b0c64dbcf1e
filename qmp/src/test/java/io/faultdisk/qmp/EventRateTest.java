package io.faultdisk.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EventRateTest {
  @Test
  void theNextSecondTellsHowManyWereLeftOut() {
    EventRate rate = new EventRate();
    for (int i = 0; i < EventRate.PER_SECOND; i++) {
      assertThat(rate.next(i)).isEqualTo(OptionalLong.of(0));
    }
    for (int i = 0; i < 7; i++) {
      assertThat(rate.next(1000)).isEmpty();
    }
    assertThat(rate.next(TimeUnit.SECONDS.toNanos(1))).isEqualTo(OptionalLong.of(7));
    assertThat(rate.next(TimeUnit.SECONDS.toNanos(1))).isEqualTo(OptionalLong.of(0));
  }
}
