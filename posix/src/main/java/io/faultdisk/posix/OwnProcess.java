package io.faultdisk.posix;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What a program may do to its own process. Any thread. */
public final class OwnProcess {
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
}
