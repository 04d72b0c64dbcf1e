package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PaceTest {
  private final ManualClock clock = new ManualClock();
  private final List<Long> waits = new ArrayList<>();
  private final Pace pace = new Pace(clock, waits::add);

  private void take(int requests) throws Exception {
    for (int i = 0; i < requests; i++) {
      pace.await();
    }
  }

  @Test
  void aBurstNeedNotWait() throws Exception {
    take(Pace.BURST + 1);
    assertThat(waits).isEmpty();
    take(2);
    assertThat(waits).containsExactly(20_000_000L, 40_000_000L);
  }

  @Test
  void whoComesEveryTwentyMillisecondsNeverWaits() throws Exception {
    take(Pace.BURST + 1);
    for (int i = 0; i < 1000; i++) {
      clock.advance(Duration.ofMillis(20));
      take(1);
    }
    assertThat(waits).isEmpty();
  }

  @Test
  void afterAPauseThereMayBeABurstAgain() throws Exception {
    take(Pace.BURST);
    clock.advance(Duration.ofSeconds(60));
    take(Pace.BURST + 1);
    assertThat(waits).isEmpty();
  }

  @Test
  void whoWouldWaitTooLongIsSentAway() throws Exception {
    take(Pace.BURST + 251);
    assertThat(waits).hasSize(250);
    assertThatThrownBy(() -> take(1))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.status()).isEqualTo(429));
    clock.advance(Duration.ofSeconds(1));
    take(1);
  }
}
