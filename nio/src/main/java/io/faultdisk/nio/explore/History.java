package io.faultdisk.nio.explore;

import io.faultdisk.faults.Faults;
import io.faultdisk.faults.Receipt;
import io.faultdisk.faults.Trace;
import io.faultdisk.nio.PowerCut;
import io.faultdisk.nio.Unsynced;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.Observer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What happened in a test, as far as people want to read it when it has failed: what was injected,
 * what came before the first fault, the last steps, the power cut.
 *
 * <p>Records from any thread.
 */
final class History implements AutoCloseable {
  /** How many steps are remembered: those that end the test. */
  private static final int LAST_MAX = 20;

  /** How many are shown that lead to the first fault. */
  private static final int BEFORE_FAULT_MAX = 10;

  private static final int RECEIPTS_MAX = 20;

  private final Faults faults;
  private final Trace trace;

  /** Registered after the trace, which so has each operation before we see it. */
  private final Observer.Registration counting;

  private final Map<String, Long> counts = new ConcurrentHashMap<>();

  /** The steps to the first fault and it; empty before there is one. */
  private volatile List<Trace.Entry> untilFault = List.of();

  private volatile String powerCut = "";

  History(Faults faults) {
    this.faults = faults;
    this.trace = faults.trace(LAST_MAX);
    this.counting = faults.observe(this::observed);
  }

  private void observed(Observation observation) {
    if (observation instanceof Observation.OperationPerformed performed) {
      counts.merge(performed.operation().name(), 1L, Long::sum);
      if (performed.operation().wider() != null) {
        counts.merge(performed.operation().wider().name(), 1L, Long::sum);
      }
      if (performed.decision().kind() != Decision.Kind.PASS && untilFault.isEmpty()) {
        List<Trace.Entry> entries = trace.entries();
        untilFault =
            List.copyOf(
                entries.subList(Math.max(0, entries.size() - BEFORE_FAULT_MAX), entries.size()));
      }
    } else if (observation instanceof Observation.EventAnnounced announced) {
      counts.merge(announced.event().name(), 1L, Long::sum);
    }
  }

  /** How often an event happened. */
  long count(String event) {
    return counts.getOrDefault(event, 0L);
  }

  /** The power is cut now, and so much is not durable. */
  void powerCut(PowerCut cut, Unsynced unsynced) {
    // What a failed or lying flush has dropped does not wait for another one.
    String lost =
        unsynced.isEmpty() ? "nothing was waiting to become durable" : unsynced.toString();
    powerCut = "the power was cut after step " + trace.count() + ", " + cut + ": " + lost;
  }

  /** How the power was cut, in lines; empty if it was not. */
  String powerCut() {
    return powerCut;
  }

  /** All of it, a few lines each. */
  List<String> lines(Names names) {
    List<String> lines = new ArrayList<>();
    List<Receipt> receipts = faults.receipts();
    lines.add(receipts.isEmpty() ? "nothing was injected" : "injected:");
    receipts.stream().limit(RECEIPTS_MAX).forEach(receipt -> lines.add("  " + receipt));
    if (receipts.size() > RECEIPTS_MAX) {
      lines.add("  and so on, " + receipts.size() + " in all");
    }
    List<Trace.Entry> last = trace.entries();
    List<Trace.Entry> first = untilFault;
    if (!first.isEmpty()
        && !last.isEmpty()
        && first.get(first.size() - 1).number() < last.get(0).number()) {
      lines.add("the steps to the first of them:");
      first.forEach(entry -> lines.add("  " + entry));
    }
    if (!last.isEmpty()) {
      lines.add("the last " + last.size() + " of " + trace.count() + " steps:");
      last.forEach(entry -> lines.add("  " + entry));
    }
    if (!powerCut.isEmpty()) {
      lines.addAll(powerCut.lines().toList());
    }
    return lines.stream().map(names::shorten).toList();
  }

  /** Ends the recording. */
  @Override
  public void close() {
    counting.close();
    trace.close();
  }
}
