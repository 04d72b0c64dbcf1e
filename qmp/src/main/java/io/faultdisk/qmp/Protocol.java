package io.faultdisk.qmp;

import io.faultdisk.base.json.JsonObject;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What all monitors of a daemon share: commands, events, and an end.
 *
 * <p>Any thread.
 */
public final class Protocol {
  private final Commands commands;
  private final Events events;
  private final QmpVersion version;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  private int executing;
  private boolean ended;

  /**
   * Speaks of these; {@code query-version} and {@code quit} are added to the commands.
   *
   * @param quit told on any thread that the daemon shall end
   */
  public Protocol(Commands commands, Events events, QmpVersion version, Runnable quit) {
    this.commands = commands;
    this.events = events;
    this.version = version;
    commands.add("query-version", _ -> version.toJson());
    commands.add(
        "quit",
        _ -> {
          refuseMore();
          quit.run();
          return new JsonObject(Map.of());
        });
  }

  Commands commands() {
    return commands;
  }

  Events events() {
    return events;
  }

  QmpVersion version() {
    return version;
  }

  /** Executes a command and replies, unless the daemon ends. */
  void execute(Runnable command) {
    lock.lock();
    try {
      if (ended) {
        return;
      }
      executing++;
    } finally {
      lock.unlock();
    }
    try {
      command.run();
    } finally {
      lock.lock();
      try {
        executing--;
        idle.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void refuseMore() {
    lock.lock();
    try {
      ended = true;
    } finally {
      lock.unlock();
    }
  }

  /** No more commands; waits for those that are being executed, for a while. */
  void end(long nanosMax) {
    lock.lock();
    try {
      ended = true;
      long left = nanosMax;
      while (executing > 0 && left > 0) {
        left = idle.awaitNanos(left);
      }
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
