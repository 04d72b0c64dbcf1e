package io.faultdisk.nbd.server;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The threads of a server: platform threads, since they spend their time in system calls that would
 * hold the carrier of a virtual one. They are made when needed and end when idle for a while.
 *
 * <p>The loop of a connection starts at once. Requests that may be slow are bounded: so many run at
 * a time, the others stand in a queue, and one that waits inside the block layer (for a breakpoint,
 * a lock, another request) does not count.
 *
 * <p>Any thread.
 */
final class ServerThreads {
  private static final long IDLE_SECONDS = 1;

  private final int workersMax;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();

  /** Tasks that an idle thread is to take, never more than there are idle threads. */
  private final Deque<ServerThread.Task> handedOut = new ArrayDeque<>();

  /** Slow requests that wait for their turn. */
  private final Deque<ServerThread.Task> queue = new ArrayDeque<>();

  private int idle;
  private int working;
  private int alive;
  private int named;

  /**
   * No threads yet.
   *
   * @param workersMax slow requests at a time
   */
  ServerThreads(int workersMax) {
    this.workersMax = workersMax;
  }

  /** Runs the task on a thread of its own, soon. */
  void start(ServerThread.Task task) {
    lock.lock();
    try {
      startLocked(task);
    } finally {
      lock.unlock();
    }
  }

  /** Runs a slow request when it is its turn; it calls {@link #workerDone} at its end. */
  void startSlow(ServerThread.Task task) {
    lock.lock();
    try {
      if (working < workersMax) {
        working++;
        startLocked(task);
      } else {
        queue.add(task);
      }
    } finally {
      lock.unlock();
    }
  }

  /** A slow request has ended, or does not count for a while: another may run. */
  void workerDone() {
    lock.lock();
    try {
      working--;
      ServerThread.Task next = working < workersMax ? queue.poll() : null;
      if (next != null) {
        working++;
        startLocked(next);
      }
    } finally {
      lock.unlock();
    }
  }

  /** A slow request that did not count does so again; it need not wait for its turn. */
  void workerBack() {
    lock.lock();
    try {
      working++;
    } finally {
      lock.unlock();
    }
  }

  /** How many there are, idle ones included. */
  int alive() {
    lock.lock();
    try {
      return alive;
    } finally {
      lock.unlock();
    }
  }

  private void startLocked(ServerThread.Task task) {
    if (idle > handedOut.size()) {
      handedOut.add(task);
      work.signal();
      return;
    }
    alive++;
    named++;
    ServerThread thread = new ServerThread(this::runTasks, task);
    thread.setName("nbd-" + named);
    boolean started = false;
    try {
      thread.start();
      started = true;
    } finally {
      if (!started) {
        alive--;
      }
    }
  }

  private void runTasks() {
    ServerThread self = (ServerThread) Thread.currentThread();
    boolean orderly = false;
    try {
      for (ServerThread.Task task = self.task(); task != null; task = nextTask()) {
        self.task(task);
        task.run();
      }
      orderly = true;
    } finally {
      if (!orderly) {
        ended();
      }
    }
  }

  private void ended() {
    lock.lock();
    try {
      alive--;
    } finally {
      lock.unlock();
    }
  }

  /** Null when there was nothing to do for long: the thread is no longer counted then. */
  private ServerThread.@Nullable Task nextTask() {
    lock.lock();
    try {
      idle++;
      awaitWork();
      idle--;
      ServerThread.Task task = handedOut.poll();
      if (task == null) {
        alive--;
      }
      return task;
    } finally {
      lock.unlock();
    }
  }

  private void awaitWork() {
    try {
      long nanos = TimeUnit.SECONDS.toNanos(IDLE_SECONDS);
      while (handedOut.isEmpty() && nanos > 0) {
        nanos = work.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      // Somebody wants the thread to end.
    }
  }
}
