package io.faultdisk.faults;

import io.faultdisk.rules.Event;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.Observer;
import io.faultdisk.rules.Operation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lists the fault points of a run while it is recorded: from being made to being closed. Safe from
 * any thread; the order of operations of several threads is that in which they were decided.
 */
public final class FaultPoints implements AutoCloseable {
  private final Faults faults;
  private final Observer.Registration registration;
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock, as what follows. */
  private final List<FaultPoint> points = new ArrayList<>();

  private final Map<Event, Long> counts = new HashMap<>();

  /** Begins to record. Rules that are there decide as ever. */
  public FaultPoints(Faults faults) {
    this.faults = faults;
    this.registration = faults.observe(this::observed);
  }

  private void observed(Observation observation) {
    if (!(observation instanceof Observation.OperationPerformed performed)) {
      return;
    }
    Operation operation = performed.operation();
    Event event = operation.wider() == null ? operation.event() : operation.wider();
    lock.lock();
    try {
      long occurrence = counts.merge(event, 1L, Long::sum);
      points.add(
          new FaultPoint(event.name(), occurrence, performed.target().toString(), faults.epoch()));
    } finally {
      lock.unlock();
    }
  }

  /** Those of the run so far, in order. */
  public List<FaultPoint> list() {
    lock.lock();
    try {
      return List.copyOf(points);
    } finally {
      lock.unlock();
    }
  }

  /** Ends the recording. */
  @Override
  public void close() {
    registration.close();
  }
}
