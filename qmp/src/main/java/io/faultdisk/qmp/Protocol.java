package io.faultdisk.qmp;

import io.faultdisk.base.json.JsonObject;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What all monitors of a daemon share: commands, events, and that one command is executed at a
 * time.
 *
 * <p>Any thread.
 */
public final class Protocol {
  private final Commands commands;
  private final Events events;
  private final QmpVersion version;
  private final ReentrantLock turn = new ReentrantLock(true);
  private volatile boolean ended;

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
          ended = true;
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

  /** Whether commands that come now are not executed any more. */
  boolean ended() {
    return ended;
  }

  /** Does something while no command is executed. */
  void exclusively(Runnable work) {
    turn.lock();
    try {
      work.run();
    } finally {
      turn.unlock();
    }
  }

  /** No more commands; waits for the one that is being executed, for a while. */
  void end(long nanosMax) {
    ended = true;
    try {
      if (turn.tryLock(nanosMax, TimeUnit.NANOSECONDS)) {
        turn.unlock();
      }
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    }
  }
}
