package io.faultdisk.faults;

import io.faultdisk.rules.Decision;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.Observer;
import io.faultdisk.rules.Operation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The last things that a program announced and did to its files, for people to read when a test has
 * failed. Safe from any thread.
 */
public final class Trace implements AutoCloseable {
  private final int entriesMax;
  private final Observer.Registration registration;
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock, as the count. */
  private final Deque<Entry> entries = new ArrayDeque<>();

  private long count;

  /**
   * One line.
   *
   * @param number from 1
   * @param thread the name of the thread that did it
   * @param text what was done
   * @param decision what became of it; pass for a mere announcement
   */
  public record Entry(long number, String thread, String text, Decision decision) {
    /** {@code 7 [main] write /data/a.wal 0+512: fail with EIO by rules:1}. */
    @Override
    public String toString() {
      String line = number + " [" + thread + "] " + text;
      return decision.kind() == Decision.Kind.PASS ? line : line + ": " + decision;
    }
  }

  Trace(Faults faults, int entriesMax) {
    if (entriesMax < 1) {
      throw new IllegalArgumentException("a trace of " + entriesMax + " entries");
    }
    this.entriesMax = entriesMax;
    this.registration = faults.observe(this::observed);
  }

  private void observed(Observation observation) {
    switch (observation.kind()) {
      case OPERATION_PERFORMED -> {
        Observation.OperationPerformed performed = (Observation.OperationPerformed) observation;
        add(
            describe(
                performed.operation(),
                performed.target().toString(),
                performed.offset(),
                performed.bytes()),
            performed.decision());
      }
      case EVENT_ANNOUNCED -> {
        Observation.EventAnnounced announced = (Observation.EventAnnounced) observation;
        // With a request it is the alias of an operation, which has a line of its own.
        if (announced.request().isEmpty()) {
          add(
              "event " + announced.event() + (announced.armed() ? " (arms rules)" : ""),
              Decision.pass());
        }
      }
      case STATE_CHANGED -> {
        Observation.StateChanged changed = (Observation.StateChanged) observation;
        add("state " + changed.from() + " becomes " + changed.to(), Decision.pass());
      }
      case REQUEST_SUSPENDED ->
          add(
              "stops at " + ((Observation.RequestSuspended) observation).request().tag(),
              Decision.pass());
      case REQUEST_RESUMED ->
          add(
              "lets go " + ((Observation.RequestResumed) observation).request().tag(),
              Decision.pass());
      case REQUEST_CHECKED -> {
        // A file system performs operations; it checks no requests.
      }
    }
  }

  /** {@code write /data/a.wal 0+512}; a range without an end, as of a truncate, is {@code 40+}. */
  static String describe(Operation operation, String target, long offset, long bytes) {
    String text =
        target.equals(operation.name()) ? operation.name() : operation.name() + " " + target;
    if (bytes == 0 && offset == 0) {
      return text;
    }
    boolean open = bytes >= Long.MAX_VALUE - offset;
    return text + " " + offset + "+" + (open ? "" : bytes);
  }

  private void add(String text, Decision decision) {
    String thread = Thread.currentThread().getName();
    lock.lock();
    try {
      if (entries.size() == entriesMax) {
        entries.removeFirst();
      }
      entries.addLast(new Entry(++count, thread, text, decision));
    } finally {
      lock.unlock();
    }
  }

  /** The last entries, oldest first. */
  public List<Entry> entries() {
    lock.lock();
    try {
      return new ArrayList<>(entries);
    } finally {
      lock.unlock();
    }
  }

  /** How many there were in all. */
  public long count() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the recording; what was recorded stays. */
  @Override
  public void close() {
    registration.close();
  }
}
