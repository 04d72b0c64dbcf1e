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
  private final long reconnectSeconds;
  private final Sleeper sleeper = Sleeper.system();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition dialled = lock.newCondition();
  private final List<Thread> waiters = new ArrayList<>();
  private volatile State state = State.FAILING;
  private volatile @Nullable Connection connection;
  private @Nullable Connection spare;
  private @Nullable Thread dialing;
  private @Nullable Thread timer;
  private @Nullable UsageException lastFailure;

  /** What is wrong with an export, if it will not do. That goes for later connections, too. */
  private final Function<ExportInfo, Optional<Errno>> objection;

  private Link(Dialer dialer, Turns turns, Function<ExportInfo, Optional<Errno>> objection) {
    this.dialer = dialer;
    this.turns = turns;
    this.objection = objection;
    this.reconnectSeconds = dialer.settings().reconnectSeconds();
  }

  /**
   * Connects for the first time: once, or again and again for as long as the settings say.
   *
   * @throws UsageException why it did not work
   * @throws BlockIoException if there is an objection to the export
   */
  static Link open(Dialer dialer, Turns turns, Function<ExportInfo, Optional<Errno>> objection)
      throws UsageException, BlockIoException {
    Link link = new Link(dialer, turns, objection);
    Connection first =
        dialer.settings().openSeconds() == 0
            ? dialer.dial()
            : link.dialFor(dialer.settings().openSeconds());
    Optional<Errno> wrong = objection.apply(first.info());
    if (wrong.isPresent()) {
      first.disconnect();
      throw new BlockIoException(wrong.get());
    }
    link.connection = first;
    link.state = State.CONNECTED;
    return link;
  }

  private Connection dialFor(long seconds) throws UsageException {
    lock.lock();
    try {
      startDialing();
      long left = TimeUnit.SECONDS.toNanos(seconds);
      while (spare == null && left > 0) {
        left = dialled.awaitNanos(left);
      }
      Connection found = spare;
      spare = null;
      if (found != null) {
        return found;
      }
      UsageException why = lastFailure;
      throw why != null ? why : new UsageException("Connection attempt cancelled by timeout");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UsageException("Connection attempt cancelled");
    } finally {
      if (connection == null && spare == null) {
        stop(dialing);
      }
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
    while (true) {
      lock.lock();
      try {
        switch (state) {
          case CONNECTED -> {
            Connection current = connection;
            if (current != null) {
              return current;
            }
          }
          case WAITING -> {
            startDialing();
            startTimer();
            waiters.add(Thread.currentThread());
          }
          case FAILING -> {
            Connection ready = spare;
            spare = null;
            if (ready == null) {
              startDialing();
              throw new BlockIoException(Errno.EIO);
            }
            connected(ready);
            return ready;
          }
          case CLOSED -> throw new BlockIoException(Errno.EIO);
        }
      } finally {
        lock.unlock();
      }
      turns.awaitOutside(() -> state != State.WAITING);
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
        dialled(dialer.dial());
        return;
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

  private void failed(UsageException why) {
    lock.lock();
    try {
      lastFailure = why;
    } finally {
      lock.unlock();
    }
  }

  private void dialled(Connection fresh) {
    lock.lock();
    try {
      dialing = null;
      boolean first = connection == null;
      if (state == State.CLOSED || !(first || objection.apply(fresh.info()).isEmpty())) {
        fresh.disconnect();
      } else if (state == State.WAITING) {
        connected(fresh);
      } else {
        spare = fresh;
        dialled.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void connected(Connection fresh) {
    connection = fresh;
    change(State.CONNECTED);
    stop(timer);
    timer = null;
  }

  private void startTimer() {
    if (timer == null) {
      timer = Thread.ofVirtual().name("nbd-reconnect-delay").start(this::runTimer);
    }
  }

  private void runTimer() {
    try {
      sleeper.sleepNanos(TimeUnit.SECONDS.toNanos(reconnectSeconds));
    } catch (InterruptedException e) {
      return; // connected in time, or closed
    }
    lock.lock();
    try {
      if (timer == Thread.currentThread()) {
        timer = null;
        if (state == State.WAITING) {
          change(State.FAILING);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void change(State next) {
    state = next;
    waiters.forEach(turns::signal);
    waiters.clear();
  }

  /** Says good bye and stops trying. Idempotent. */
  @Override
  public void close() {
    lock.lock();
    try {
      boolean live = state == State.CONNECTED;
      change(State.CLOSED);
      stop(timer);
      stop(dialing);
      Connection unused = spare;
      spare = null;
      if (unused != null) {
        unused.disconnect();
      }
      Connection current = connection;
      if (live && current != null) {
        current.disconnect();
      }
    } finally {
      lock.unlock();
    }
  }

  private static void stop(@Nullable Thread thread) {
    if (thread != null) {
      thread.interrupt();
    }
  }
}
