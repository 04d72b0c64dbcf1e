package io.faultdisk.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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
    @SuppressWarnings("restricted") // two functions of libc
    public void raise(int number) {
      if (number == SIGPIPE) {
        return; // ignored, as in QEMU
      }
      Linker linker = Linker.nativeLinker();
      try {
        long ignored =
            (long)
                linker
                    .downcallHandle(
                        linker.defaultLookup().findOrThrow("signal"),
                        FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS))
                    .invokeExact(number, MemorySegment.NULL);
        int unused =
            (int)
                linker
                    .downcallHandle(
                        linker.defaultLookup().findOrThrow("raise"),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                    .invokeExact(number);
      } catch (RuntimeException | Error unchecked) {
        throw unchecked;
      } catch (Throwable impossible) {
        throw new AssertionError(impossible);
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
  }
}
