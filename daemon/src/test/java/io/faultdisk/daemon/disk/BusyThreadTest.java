package io.faultdisk.daemon.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Errno;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.InjectError;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Rule;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is timed of a thread that has much to do, with a clock that is set by hand. */
class BusyThreadTest {
  /** Counts how often it is looked at. */
  private static final class CountingClock implements Clock {
    long now = 1_000_000_000;
    int looks;

    @Override
    public long nanoTime() {
      looks++;
      return now;
    }

    @Override
    public Instant now() {
      return Instant.EPOCH;
    }
  }

  private final CountingClock clock = new CountingClock();
  private final FaultEngine engine = new FaultEngine(List.of());
  private final DiskActivity activity = new DiskActivity(engine, 1 << 20, clock);

  /** A request that takes so long. */
  private void request(long nanos, Decision decision) {
    long began = activity.began(RequestType.READ);
    began = activity.decided(began, decision);
    clock.now += nanos;
    activity.ended(began, RequestType.READ, 0, 512, decision, null);
  }

  private void request(long nanos) {
    request(nanos, Decision.pass());
  }

  private Counters.OfType reads() {
    return activity.counters().of(RequestType.READ);
  }

  @Test
  void ofManyRequestsSomeAreTimedAndAllAreCounted() {
    for (int i = 0; i < 8000; i++) {
      request(100);
    }
    assertThat(clock.looks).isBetween(2000, 2100);
    Counters.OfType reads = reads();
    assertThat(reads.requests()).isEqualTo(8000);
    assertThat(reads.bytes()).isEqualTo(8000 * 512);
    assertThat(reads.nanos()).isEqualTo(8000 * 100);
    assertThat(reads.latencies().percentile(99)).isBetween(100L, 130L);
    assertThat(activity.counters().inFlight()).isZero();
  }

  @Test
  void ofFewRequestsAllAreTimed() {
    for (int i = 0; i < 100; i++) {
      clock.now += 1_000_000;
      request(100);
    }
    assertThat(clock.looks).isEqualTo(200);
  }

  @Test
  void whatARuleDecidesIsTimed() throws Exception {
    Rule rule = new FaultSpec("inject-error", Map.of("errno", "EIO")).rule();
    engine.add(List.of(rule));
    engine.announce(rule.event());
    Decision decision = engine.check(RequestType.READ, 0, 512);
    assertThat(decision).isInstanceOf(Decision.ByRule.class);
    assertThat(((InjectError) rule).errno()).isEqualTo(Errno.EIO);
    for (int i = 0; i < 100; i++) {
      request(100);
    }
    request(5_000_000_000L, decision);
    assertThat(reads().nanos()).isEqualTo(100 * 100 + 5_000_000_000L);
  }

  /** Who looks at a disk that has become idle sees what comes next as it is. */
  @Test
  void theFirstRequestAfterALookIsTimed() {
    for (int i = 0; i < 101; i++) {
      request(100);
    }
    long before = reads().nanos();
    request(1_000_000_000);
    assertThat(reads().nanos() - before).isEqualTo(1_000_000_000);
  }

  @Test
  void aResetCountsFromZeroAndKeepsWhatIsUnderWay() {
    request(100);
    long began = activity.began(RequestType.READ);
    activity.reset();
    assertThat(reads().requests()).isZero();
    assertThat(activity.counters().inFlight()).isEqualTo(1);
    activity.ended(began, RequestType.READ, 0, 512, Decision.pass(), null);
    assertThat(reads().requests()).isEqualTo(1);
    assertThat(reads().bytes()).isEqualTo(512);
    assertThat(activity.counters().inFlight()).isZero();
  }

  /** Threads come and go; what they have counted stays. */
  @Test
  void threadsThatEndLeaveTheirCounts() throws Exception {
    for (int i = 0; i < 300; i++) {
      Thread thread = Thread.ofPlatform().start(() -> request(100));
      thread.join();
    }
    assertThat(reads().requests()).isEqualTo(300);
  }
}
