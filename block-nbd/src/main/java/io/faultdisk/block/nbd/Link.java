package io.faultdisk.block.nbd;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Sleeper;
import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What holds a node to its server, through losses of the connection.
 *
 * <pre>
 *                loss, with reconnect-delay           delay over
 *   CONNECTED ------------------------------> WAITING ----------> FAILING
 *       ^  |                                     |                  |   ^
 *       |  +---- loss, without ------------------|------------------|---+
 *       +------------------- connected again ----+------------------+
 *
 *   any -- close, or a server that does not keep to the protocol --> CLOSED
 * </pre>
 *
 * <p>While {@code WAITING}, requests wait. While {@code FAILING} they fail, but each makes sure
 * that the background goes on trying, and one that finds it successful takes that connection. A
 * loss is noticed by the request that it hits; nothing is tried while nobody wants anything.
 *
 * <p>Any thread may ask for the connection; waiting is done through the graph's {@link Turns}. One
 * thread at a time dials, with growing pauses.
 *
 * <p>Source: the states are those of QEMU 7.2, block/nbd.c and nbd/client-connection.c.
 */
final class Link implements AutoCloseable {
  private static final long FIRST_PAUSE_SECONDS = 1;
  private static final long LAST_PAUSE_SECONDS = 16;

  private enum State {
    CONNECTED,
    WAITING,
    FAILING,
    CLOSED
  }

  private final Dialer dialer;
  private final Turns turns;
  private final Sleeper sleeper;
  private final long reconnectSeconds;

  /** What is wrong with an export, if it will not do. That goes for later connections, too. */
  private final Function<ExportInfo, Optional<Errno>> objection;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Thread> waiters = new ArrayList<>();

  /** How often waiters were taken out and woken. */
  private volatile int wakeUps;

  private volatile State state = State.WAITING;
  private volatile @Nullable Connection connection;
  private @Nullable Connection spare;
  private @Nullable Thread dialing;
  private @Nullable Thread timer;
  private @Nullable UsageException lastFailure;

  private Link(
      Dialer dialer,
      Turns turns,
      Sleeper sleeper,
      Function<ExportInfo, Optional<Errno>> objection) {
    this.dialer = dialer;
    this.turns = turns;
    this.sleeper = sleeper;
    this.objection = objection;
    this.reconnectSeconds = dialer.settings().reconnectSeconds();
  }

  /**
   * Connects for the first time: once, or again and again for as long as the settings say.
   *
   * @throws UsageException why it did not work
   * @throws BlockIoException if there is an objection to the export
   */
  static Link open(
      Dialer dialer, Turns turns, Sleeper sleeper, Function<ExportInfo, Optional<Errno>> objection)
      throws UsageException, BlockIoException {
    Link link = new Link(dialer, turns, sleeper, objection);
    boolean good = false;
    try {
      long seconds = dialer.settings().openSeconds();
      if (seconds == 0) {
        link.dialled(dialer.dial());
      } else {
        link.dialFor(seconds);
      }
      Optional<Errno> wrong = objection.apply(link.info());
      if (wrong.isPresent()) {
        throw new BlockIoException(wrong.get());
      }
      good = true;
      return link;
    } finally {
      if (!good) {
        link.close();
      }
    }
  }

  private void dialFor(long seconds) throws UsageException {
    lock.lock();
    try {
      startDialing();
      startTimer(seconds);
      while (state == State.WAITING) {
        changed.await();
      }
      if (state != State.CONNECTED) {
        UsageException why = lastFailure;
        throw why != null ? why : new UsageException("Connection attempt cancelled by timeout");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UsageException("Connection attempt cancelled");
    } finally {
      lock.unlock();
    }
  }

  /** What was agreed on for the last connection. */
  ExportInfo info() {
    Connection last = connection;
    if (last == null) {
      throw new IllegalStateException("never connected");
    }
    return last.info();
  }

  /**
   * The connection to use now; waits for one while there is hope.
   *
   * @throws BlockIoException EIO if there is none
   */
  Connection connection() throws BlockIoException {
    Connection current = connection;
    while (current == null || state != State.CONNECTED) {
      int before = wakeUps;
      if (hasToWait()) {
        // Not for the state: who is woken may find that the new connection is lost, too, and then
        // has to get in line again.
        turns.awaitOutside(() -> wakeUps != before);
      }
      current = connection;
    }
    return current;
  }

  /** Whether there is hope; if so, this thread will be woken when something changes. */
  private boolean hasToWait() throws BlockIoException {
    lock.lock();
    try {
      return switch (state) {
        case CONNECTED -> false;
        case WAITING -> {
          startDialing();
          startTimer(reconnectSeconds);
          waiters.add(Thread.currentThread());
          yield true;
        }
        case FAILING -> {
          Connection ready = spare;
          spare = null;
          if (ready == null) {
            startDialing();
            throw new BlockIoException(Errno.EIO);
          }
          connected(ready);
          yield false;
        }
        case CLOSED -> throw new BlockIoException(Errno.EIO);
      };
    } finally {
      lock.unlock();
    }
  }

  /**
   * A request has found that the connection is gone.
   *
   * @return whether it is worth trying again
   */
  boolean lost(Connection gone) {
    lock.lock();
    try {
      if (gone == connection && state == State.CONNECTED) {
        gone.close();
        state =
            gone.isViolated() ? State.CLOSED : reconnectSeconds > 0 ? State.WAITING : State.FAILING;
      }
      return reconnectSeconds > 0 && (state == State.WAITING || state == State.CONNECTED);
    } finally {
      lock.unlock();
    }
  }

  private void startDialing() {
    if (dialing == null) {
      dialing = Thread.ofPlatform().daemon().name("nbd-connect").start(this::dial);
    }
  }

  private void dial() {
    long pause = FIRST_PAUSE_SECONDS;
    while (state != State.CLOSED) {
      try {
        Connection fresh = dialer.dial();
        if (isGood(fresh)) {
          dialled(fresh);
          return;
        }
        fresh.disconnect();
      } catch (UsageException e) {
        failed(e);
      }
      try {
        sleeper.sleepNanos(TimeUnit.SECONDS.toNanos(pause));
      } catch (InterruptedException e) {
        return; // closed
      }
      pause = Math.min(2 * pause, LAST_PAUSE_SECONDS);
    }
  }

  /** Of the first one, whoever opens the link finds out. */
  private boolean isGood(Connection fresh) {
    return connection == null || objection.apply(fresh.info()).isEmpty();
  }

  private void failed(UsageException why) {
    lock.lock();
    try {
      lastFailure = why;
    } finally {
      lock.unlock();
    }
  }

  private void dialled(Connection fresh) {
    boolean unwanted;
    List<Thread> woken;
    lock.lock();
    try {
      dialing = null;
      unwanted = state == State.CLOSED;
      if (state == State.WAITING) {
        connected(fresh);
      } else if (!unwanted) {
        spare = fresh;
      }
      woken = takeWaiters();
    } finally {
      lock.unlock();
    }
    woken.forEach(turns::signal);
    if (unwanted) {
      fresh.disconnect();
    }
  }

  private void connected(Connection fresh) {
    connection = fresh;
    state = State.CONNECTED;
    stop(timer);
    timer = null;
  }

  private void startTimer(long seconds) {
    if (timer == null) {
      timer = Thread.ofVirtual().name("nbd-reconnect-delay").start(() -> runTimer(seconds));
    }
  }

  private void runTimer(long seconds) {
    try {
      sleeper.sleepNanos(TimeUnit.SECONDS.toNanos(seconds));
    } catch (InterruptedException e) {
      return; // connected in time, or closed
    }
    List<Thread> woken;
    lock.lock();
    try {
      if (timer != Thread.currentThread()) {
        return;
      }
      timer = null;
      if (state == State.WAITING) {
        state = State.FAILING;
      }
      woken = takeWaiters();
    } finally {
      lock.unlock();
    }
    woken.forEach(turns::signal);
  }

  /** Those who have to look at the state again; none may be signalled under the lock. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // changed under the lock only
  private List<Thread> takeWaiters() {
    changed.signalAll();
    if (state == State.WAITING) {
      return List.of();
    }
    wakeUps++;
    List<Thread> woken = List.copyOf(waiters);
    waiters.clear();
    return woken;
  }

  /** Says good bye and stops trying. Idempotent. */
  @Override
  public void close() {
    Connection current;
    Connection unused;
    List<Thread> woken;
    lock.lock();
    try {
      current = state == State.CONNECTED ? connection : null;
      unused = spare;
      spare = null;
      state = State.CLOSED;
      stop(timer);
      stop(dialing);
      woken = takeWaiters();
    } finally {
      lock.unlock();
    }
    woken.forEach(turns::signal);
    if (unused != null) {
      unused.disconnect();
    }
    if (current != null) {
      current.disconnect();
    }
  }

  private static void stop(@Nullable Thread thread) {
    if (thread != null) {
      thread.interrupt();
    }
  }
}
