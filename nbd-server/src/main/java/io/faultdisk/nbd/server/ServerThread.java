package io.faultdisk.nbd.server;

/**
 * A thread of a server, which knows what it runs: so that what it runs can be told before the
 * thread waits inside the block layer.
 */
final class ServerThread extends Thread {

  /** What can run on such a thread. */
  interface Task {
    void run();

    /** The thread is about to wait for somebody inside the block layer, for as long as it takes. */
    void beforeWait();

    /** The wait is over. */
    void afterWait();
  }

  private Task task;

  ServerThread(Runnable body, Task first) {
    super(body);
    this.task = first;
    setDaemon(true);
  }

  /** On the thread itself: what it runs from now on. */
  void task(Task next) {
    task = next;
  }

  /** On the thread itself: what it runs. */
  Task task() {
    return task;
  }
}
