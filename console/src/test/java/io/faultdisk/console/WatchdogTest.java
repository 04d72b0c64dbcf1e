package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.testkit.ManualClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class WatchdogTest {
  private final ManualClock clock = new ManualClock();
  private final Watchdog watchdog = new Watchdog(clock);

  @Test
  void whoIsLateIsInterrupted() throws Exception {
    CountDownLatch watched = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Thread.startVirtualThread(
        () -> {
          try (Watchdog.Watched _ = watchdog.watch(TimeUnit.SECONDS.toNanos(20))) {
            watched.countDown();
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
        });
    watched.await();
    clock.advance(Duration.ofSeconds(20));
    watchdog.look();
    assertThat(interrupted.getCount()).isEqualTo(1);
    clock.advance(Duration.ofMillis(1));
    watchdog.look();
    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whoIsDoneIsNot() {
    try (Watchdog.Watched _ = watchdog.watch(1)) {
      clock.advance(Duration.ofNanos(1));
    }
    clock.advance(Duration.ofSeconds(60));
    watchdog.look();
    assertThat(Thread.interrupted()).isFalse();
  }
}
