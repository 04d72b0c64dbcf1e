package io.faultdisk.bench;

import io.faultdisk.rules.Decision;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.InjectError;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to decide a request while 0, 10 or 10,000 rules are armed, each for another sector.
 *
 * <p>Requests come in random order out of 4096, so that neither caches nor branch prediction make
 * the long search look better than it is.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CheckBenchmark {
  /** One rule each 8 KiB. */
  private static final int SECTORS_APART = 16;

  private static final int REQUESTS = 4096;
  private static final int REQUEST_BYTES = 4096;
  private static final int WIDE_BYTES = 1 << 20;

  /** How many rules are armed. */
  @Param({"0", "10", "10000"})
  public int rules;

  private FaultEngine engine = new FaultEngine(List.of());
  private final long[] hits = new long[REQUESTS];
  private final long[] misses = new long[REQUESTS];
  private int turn;

  static List<Rule> sectorRules(int count) {
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rules.add(InjectError.on(QemuEvents.READ_AIO).withSector((long) i * SECTORS_APART));
    }
    return rules;
  }

  /** Arms the rules and chooses the requests. */
  @Setup
  public void build() {
    engine = new FaultEngine(sectorRules(rules));
    engine.announce(QemuEvents.READ_AIO);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < REQUESTS; i++) {
      long first =
          random.nextInt(Math.max(1, rules)) * (long) SECTORS_APART * InjectError.SECTOR_BYTES;
      hits[i] = first;
      misses[i] = first + InjectError.SECTOR_BYTES;
    }
  }

  private long next(long[] offsets) {
    turn = (turn + 1) & (REQUESTS - 1);
    return offsets[turn];
  }

  /** Where a rule is (with 0 rules: none). */
  @Benchmark
  public Decision hit() {
    return engine.check(RequestType.READ, next(hits), REQUEST_BYTES);
  }

  /** Between two rules. */
  @Benchmark
  public Decision miss() {
    return engine.check(RequestType.READ, next(misses), REQUEST_BYTES);
  }

  /** A request over 128 rules. */
  @Benchmark
  public Decision wide() {
    return engine.check(RequestType.READ, next(hits), WIDE_BYTES);
  }

  /** A request type that no rule is for. */
  @Benchmark
  public Decision otherType() {
    return engine.check(RequestType.BLOCK_STATUS, next(hits), REQUEST_BYTES);
  }
}
