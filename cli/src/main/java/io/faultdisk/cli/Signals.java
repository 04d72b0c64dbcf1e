package io.faultdisk.cli;

import io.faultdisk.posix.OwnProcess;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** How a command that is told to raises a signal in itself. */
public interface Signals {
  /** abort(3) raises this one. */
  int SIGABRT = 6;

  /** The process has ended by a signal, seen from inside a JVM that goes on. */
  final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int SHELL_OFFSET = 128;

    private final int exitCode;

    Killed(int signal) {
      super("killed by signal " + signal, null, false, false);
      this.exitCode = SHELL_OFFSET + signal;
    }

    /** What a shell would report, 128 + signal. */
    public int exitCode() {
      return exitCode;
    }
  }

  /**
   * Raises a signal; returns if the process survives it.
   *
   * @param number 0 and above; numbers that are no signal are ignored
   */
  void raise(int number);

  /** Undoes {@link #onTermination}; from then on the process ends when its command does. */
  interface Termination extends AutoCloseable {
    @Override
    void close();

    /** A process that was asked to end does so with this exit code, rather than with 0. */
    default void exitCode(int code) {}
  }

  /**
   * Has a command told, on another thread, when the process is asked to end (SIGTERM, SIGINT,
   * SIGHUP). The process ends once the command has closed the result, with exit code 0 or what the
   * command has said there.
   */
  Termination onTermination(Runnable told);

  /** Really raises it, with the default action of the system: the JVM does not get to see it. */
  static Signals ofProcess() {
    return ProcessSignals.INSTANCE;
  }

  /**
   * Raises nothing: a signal that would end the process is a {@link Killed}. For runs inside
   * somebody's JVM.
   */
  static Signals simulated() {
    return SimulatedSignals.INSTANCE;
  }

  /** See {@link #ofProcess()}. */
  enum ProcessSignals implements Signals {
    /** Has no state, so one is enough. */
    INSTANCE;

    private static final int SIGPIPE = 13;

    @Override
    public void raise(int number) {
      if (number != SIGPIPE) { // ignored, as in QEMU
        OwnProcess.raise(number);
      }
    }

    @Override
    public Termination onTermination(Runnable told) {
      CountDownLatch done = new CountDownLatch(1);
      AtomicInteger exitCode = new AtomicInteger();
      Thread hook =
          new Thread(
              () -> {
                told.run();
                awaitUninterruptibly(done);
                Runtime.getRuntime().halt(exitCode.get());
              },
              "termination");
      Runtime.getRuntime().addShutdownHook(hook);
      return new Termination() {
        @Override
        public void close() {
          try {
            Runtime.getRuntime().removeShutdownHook(hook);
          } catch (IllegalStateException alreadyEnding) {
            done.countDown();
          }
        }

        @Override
        public void exitCode(int code) {
          exitCode.set(code);
        }
      };
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
      while (true) {
        try {
          latch.await();
          return;
        } catch (InterruptedException again) {
          // Nobody has a reason to interrupt it.
        }
      }
    }
  }

  /** See {@link #simulated()}. */
  enum SimulatedSignals implements Signals {
    /** Has no state, so one is enough. */
    INSTANCE;

    private static final int LARGEST = 64;

    @Override
    public void raise(int number) {
      boolean harmless =
          switch (number) {
            case 0, 32, 33 -> true; // no signals of ours
            case 13 -> true; // SIGPIPE, ignored
            case 17, 18, 23, 28 -> true; // SIGCHLD, SIGCONT, SIGURG, SIGWINCH: no action
            case 19, 20, 21, 22 -> true; // would stop it, until somebody lets it go on
            default -> number > LARGEST;
          };
      if (!harmless) {
        throw new Killed(number);
      }
    }

    @Override
    public Termination onTermination(Runnable told) {
      return () -> {};
    }
  }
}
