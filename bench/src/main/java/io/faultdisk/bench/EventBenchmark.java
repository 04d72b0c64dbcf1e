package io.faultdisk.bench;

import io.faultdisk.rules.Event;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.InjectError;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.SetState;
import io.faultdisk.rules.Source;
import java.util.ArrayList;
import java.util.List;
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

/** What it costs to announce an event. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EventBenchmark {
  private static final Event[] SIX = {
    QemuEvents.READ_AIO,
    QemuEvents.WRITE_AIO,
    QemuEvents.PWRITEV,
    QemuEvents.PWRITEV_DONE,
    QemuEvents.FLUSH_TO_OS,
    QemuEvents.FLUSH_TO_DISK
  };

  private final FaultEngine noRules = new FaultEngine(List.of());
  private final FaultEngine rulesOnOtherEvents = new FaultEngine(othersThan(SIX));
  private final FaultEngine stateMachine =
      new FaultEngine(
          List.of(
              new SetState(QemuEvents.READ_AIO, 1, 2, Source.program()),
              new SetState(QemuEvents.READ_AIO, 2, 1, Source.program())));
  private int turn;

  private static List<Rule> othersThan(Event... without) {
    List<Rule> rules = new ArrayList<>();
    for (Event event : QemuEvents.all()) {
      if (!List.of(without).contains(event)) {
        rules.add(InjectError.on(event));
      }
    }
    return rules;
  }

  /** An engine with one event that has many rules. */
  @State(Scope.Benchmark)
  public static class Armed {
    /** How many rules the event has. */
    @Param({"1", "10000"})
    public int rules;

    FaultEngine engine = new FaultEngine(List.of());

    /** Builds the engine. */
    @Setup
    public void build() {
      engine = new FaultEngine(CheckBenchmark.sectorRules(rules));
    }
  }

  private Event next() {
    turn = turn == SIX.length - 1 ? 0 : turn + 1;
    return SIX[turn];
  }

  /** The cost of choosing an event, contained in the two below. */
  @Benchmark
  public Event nothing() {
    return next();
  }

  /** No rules at all: the cost that everybody always pays. */
  @Benchmark
  public void noRules() {
    noRules.announce(next(), RequestType.READ, 0, 4096);
  }

  /** All other events have rules. */
  @Benchmark
  public void rulesOnOtherEvents() {
    rulesOnOtherEvents.announce(next(), RequestType.READ, 0, 4096);
  }

  /** The event changes the state. */
  @Benchmark
  public void setState() {
    stateMachine.announce(QemuEvents.READ_AIO, RequestType.READ, 0, 4096);
  }

  /** The event arms its rules. */
  @Benchmark
  public void arm(Armed armed) {
    armed.engine.announce(QemuEvents.READ_AIO, RequestType.READ, 0, 4096);
  }
}
