package io.faultdisk.posix;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** What a program may do to its own process. Any thread. */
public final class OwnProcess {
  private static final int O_RDWR = 2;

  private OwnProcess() {}

  /**
   * Raises a signal with the system's default action for it: the JVM does not get to see it, and
   * what would end a program ends this one at once. Returns if the process survives; numbers that
   * are no signal are ignored.
   *
   * <p>Source: signal(2), raise(3).
   */
  @SuppressWarnings("restricted") // two functions of libc
  public static void raise(int signal) {
    Linker linker = Linker.nativeLinker();
    try {
      long ignored =
          (long)
              linker
                  .downcallHandle(
                      linker.defaultLookup().findOrThrow("signal"),
                      FunctionDescriptor.of(
                          ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS))
                  .invokeExact(signal, MemorySegment.NULL);
      int unused =
          (int)
              linker
                  .downcallHandle(
                      linker.defaultLookup().findOrThrow("raise"),
                      FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                  .invokeExact(signal);
    } catch (RuntimeException | Error unchecked) {
      throw unchecked;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /**
   * A second number for an open file; whoever asked closes it.
   *
   * @throws PosixException EBADF if that number is not open
   */
  public static int duplicate(int descriptor) throws PosixException {
    return call("dup", Native.DUP, descriptor, 0);
  }

  /**
   * Lets a number stand for what another one does; what it stood for before is closed.
   *
   * @throws PosixException EBADF if {@code source} is not open
   */
  public static void replace(int descriptor, int source) throws PosixException {
    call("dup2", Native.DUP2, source, descriptor);
  }

  /**
   * Closes an open file by its number.
   *
   * @throws PosixException EBADF if that number is not open
   */
  public static void close(int descriptor) throws PosixException {
    call("close", Native.CLOSE, descriptor, 0);
  }

  /**
   * Makes this process the leader of a session of its own, which no terminal can reach.
   *
   * @throws PosixException EPERM if it leads a process group already
   */
  public static void newSession() throws PosixException {
    call("setsid", Native.SETSID, 0, 0);
  }

  /**
   * Lets the standard streams lead nowhere: what is written is gone, and there is nothing to read.
   *
   * @throws PosixException if there is no {@code /dev/null}
   */
  public static void discardStandardStreams() throws PosixException {
    ByteBuffer name = PosixFile.cString("/dev/null");
    int nothing;
    try {
      nothing = call("open of '/dev/null'", Native.OPEN, PosixFile.address(name), O_RDWR);
    } finally {
      Reference.reachabilityFence(name);
    }
    for (int stream = 0; stream <= 2; stream++) {
      replace(stream, nothing);
    }
    close(nothing);
  }

  private static int call(String name, MemorySegment function, long a, long b)
      throws PosixException {
    Scratch scratch = Scratch.POOL.take();
    try {
      int result = Native.callInt(function, scratch, a, b, 0, 0, 0);
      if (result < 0) {
        throw new PosixException(scratch.errno(), name);
      }
      return result;
    } finally {
      Scratch.POOL.giveBack(scratch);
    }
  }
}
