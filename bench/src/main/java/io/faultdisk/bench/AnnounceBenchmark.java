package io.faultdisk.bench;

import io.faultdisk.base.Errno;
import io.faultdisk.events.EventScope;
import io.faultdisk.events.FaultEvents;
import io.faultdisk.faults.Faults;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.FileEvents;
import io.faultdisk.rules.RuleBuilder;
import io.faultdisk.rules.Target;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs a program to announce an event, and a file system to ask about an operation. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AnnounceBenchmark {
  private static final FaultEvents NONE = FaultEvents.none();
  private static final FaultEvents CURRENT = FaultEvents.current();
  private static final Target FILE = Target.of("/data/a.wal");

  private final Faults noRules = Faults.create();
  private final Faults rulesForOthers = Faults.create();

  /** A scope of the measured thread. */
  @State(Scope.Thread)
  public static class Listening {
    private final Faults faults = Faults.create();
    private @Nullable EventScope scope;

    /** Opens it. */
    @Setup
    public void open() {
      scope = faults.listen();
    }

    /** Closes it. */
    @TearDown
    public void close() {
      if (scope != null) {
        scope.close();
      }
    }
  }

  /** Adds the rules. */
  @Setup
  public void rules() {
    rulesForOthers.add(
        RuleBuilder.on("write").path("*.other").fail(Errno.EIO),
        RuleBuilder.on("fsync").fail(Errno.EIO));
  }

  /** Production code without the engine. */
  @Benchmark
  public void none() {
    NONE.event("wal_append");
  }

  /** Production code, and no test listens anywhere. */
  @Benchmark
  public void currentUnheard() {
    CURRENT.event("wal_append");
  }

  /** A test listens, and has no rules. */
  @Benchmark
  public void currentHeard(Listening listening) {
    CURRENT.event("wal_append");
  }

  /** An operation; no rules at all. */
  @Benchmark
  public Decision operationWithoutRules() {
    return noRules.perform(FileEvents.WRITE, FILE, 4096, 4096);
  }

  /** An operation; rules on it for other files. */
  @Benchmark
  public Decision operationWithRulesForOthers() {
    return rulesForOthers.perform(FileEvents.WRITE, FILE, 4096, 4096);
  }
}
