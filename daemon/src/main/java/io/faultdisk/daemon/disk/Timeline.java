package io.faultdisk.daemon.disk;

import io.faultdisk.base.Clock;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.Observer;
import io.faultdisk.rules.RequestType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The latest requests of a disk, for somebody who watches.
 *
 * <p>People cannot read a hundred thousand lines a second. So there are at most {@value #ROWS_MAX}
 * rows between two {@linkplain #take looks}, and as many for requests that met with a rule or
 * failed; the others are only counted. With nobody watching, and once the rows are used up, a
 * request costs a look at one field.
 *
 * <p>Any thread; {@link #watch}, {@link #take} and {@link #unwatch} are for one at a time.
 */
public final class Timeline {
  /** Rows between two looks. */
  public static final int ROWS_MAX = 250;

  private static final int EVENTS_MAX = 8;

  private final FaultEngine engine;
  private final ReentrantLock lock = new ReentrantLock();
  private final Clock clock = Clock.system();
  private final Queue<Row> rows = new ConcurrentLinkedQueue<>();
  private final AtomicInteger room = new AtomicInteger();
  private final AtomicInteger roomForFaults = new AtomicInteger();
  private final AtomicLong numbers = new AtomicLong();

  /** How many requests were answered so far, and how many of them somebody has heard of. */
  private final LongSupplier answered;

  private long told;

  /** The events on the way of the thread's request. */
  private final ThreadLocal<Announced> events = ThreadLocal.withInitial(Announced::new);

  /**
   * Counts the looks: what was announced before the latest is most likely of a request that is
   * over.
   */
  private final AtomicLong looks = new AtomicLong();

  private volatile boolean watched;

  /** Whether there is room for requests that are nothing special. */
  private volatile boolean recording;

  private Observer.@Nullable Registration registration;

  /** What the request of a thread has announced since a look. */
  private static final class Announced {
    private final List<String> names = new ArrayList<>();
    private long look;
  }

  /**
   * One request.
   *
   * @param number counts the rows, from 1
   * @param time when it was answered
   * @param events those it announced on its way, as far as the thread is the same, in order
   * @param type what was asked for
   * @param offset its first byte
   * @param bytes its length
   * @param nanos how long it took
   * @param verdict {@code ok} or the name of the error
   * @param rule the kind of the rule that decided it; empty if none did
   */
  public record Row(
      long number,
      Instant time,
      List<String> events,
      RequestType type,
      long offset,
      long bytes,
      long nanos,
      String verdict,
      String rule) {}

  /**
   * What came since the last look.
   *
   * @param rows the oldest first
   * @param skipped how many more requests there were
   */
  public record Part(List<Row> rows, long skipped) {}

  /**
   * One that nobody watches yet.
   *
   * @param answered how many requests were answered so far, which only grows
   */
  Timeline(FaultEngine engine, LongSupplier answered) {
    this.engine = engine;
    this.answered = answered;
  }

  /** Somebody wants to see rows from now on. */
  public void watch() {
    lock.lock();
    try {
      watched = true;
      told = answered.getAsLong();
      allow();
    } finally {
      lock.unlock();
    }
  }

  /** Nobody does any more. */
  public void unwatch() {
    lock.lock();
    try {
      watched = false;
      stopListening();
      rows.clear();
      recording = false;
    } finally {
      lock.unlock();
    }
  }

  /** What came since the last look, with room for as much again. */
  public Part take() {
    lock.lock();
    try {
      if (!watched) {
        return new Part(List.of(), 0);
      }
      long all = answered.getAsLong();
      List<Row> taken = new ArrayList<>();
      for (Row row = rows.poll(); row != null; row = rows.poll()) {
        taken.add(row);
      }
      long skipped = Math.max(0, all - told - taken.size());
      told += skipped + taken.size();
      allow();
      return new Part(List.copyOf(taken), skipped);
    } finally {
      lock.unlock();
    }
  }

  private void allow() {
    room.set(ROWS_MAX);
    roomForFaults.set(ROWS_MAX);
    looks.getAndIncrement();
    recording = true;
    if (registration == null) {
      registration = engine.observe(this::observed);
    }
  }

  private void observed(Observation observation) {
    if (observation instanceof Observation.EventAnnounced announced
        && announced.request().isPresent()) {
      if (!recording) {
        // Requests do not wait for somebody who looks; the next one will do it.
        if (lock.tryLock()) {
          try {
            if (!recording) {
              stopListening();
            }
          } finally {
            lock.unlock();
          }
        }
        return;
      }
      Announced own = events.get();
      if (own.look != looks.get()) {
        own.names.clear();
        own.look = looks.get();
      }
      if (own.names.size() < EVENTS_MAX && !announced.event().name().endsWith("_done")) {
        own.names.add(announced.event().name());
      }
    }
  }

  /** Under the lock. */
  private void stopListening() {
    if (registration != null) {
      registration.close();
      registration = null;
    }
  }

  /** Whether somebody does. */
  public boolean isWatched() {
    return watched;
  }

  /**
   * A request was answered, and is not counted as such yet; to be called only if {@link
   * #isWatched}.
   */
  void add(
      RequestType type,
      long offset,
      long bytes,
      long nanos,
      Decision decision,
      @Nullable BlockIoException failure) {
    boolean special = failure != null || decision instanceof Decision.ByRule;
    if (!special && !recording) {
      return;
    }
    Announced own = events.get();
    List<String> announced = List.copyOf(own.names);
    own.names.clear();
    if (special && !take(roomForFaults)) {
      return;
    }
    if (!special && !take(room)) {
      recording = false;
      return;
    }
    rows.add(
        new Row(
            numbers.incrementAndGet(),
            clock.now(),
            announced,
            type,
            offset,
            bytes,
            nanos,
            failure == null ? "ok" : failure.errno().name(),
            decision instanceof Decision.ByRule byRule ? byRule.rule().kind().wireName() : ""));
  }

  private static boolean take(AtomicInteger room) {
    return room.get() > 0 && room.getAndDecrement() > 0;
  }
}
