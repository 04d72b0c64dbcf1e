package io.faultdisk.posix;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The one door to libc: every function is called through a single downcall handle of the shape
 * {@code (address, errno state, long x 5) -> long}.
 *
 * <p><b>Why one shape.</b> Making a downcall handle is what costs at start-up, and it costs per
 * shape: binding classes are generated and linked anew in each process, an AOT cache does not keep
 * them. For open, pread and one OFD lock in a fresh JVM (25.0.3, AOT cache, SerialGC, C1, two
 * cores), processor time above an empty main, median of 21 runs:
 *
 * <pre>
 * a handle of the exact type for each function   109 ms
 * one handle for syscall(2), 5 arguments          75 ms
 * one handle for all functions, 5 longs           45 ms   (24 ms on the clock of a calm machine)
 *   ... without errno capture                     38 ms   errno would be a guess
 *   ... binding not specialized (USE_SPEC=false)  ~80 ms
 * FileChannel open and read, no lock               1 ms   but no errno, no OFD lock, no punch
 * </pre>
 *
 * <p>Every image is locked when it is opened, so FileChannel for the rest would save nothing.
 *
 * <p><b>What it rests on.</b> Pointers travel as longs and so do ints; in the calling conventions
 * of Linux on x86-64 and AArch64 the callee looks at the low half only, and variadic functions
 * (open, fcntl) take integers in the same registers. An int result has undefined upper bits, which
 * {@link #callInt} cuts off. Structs are read and written through byte buffers, not {@link
 * MemorySegment} accessors: those would link var handles, which costs milliseconds more.
 *
 * <p>Any thread may call; a blocking call holds the carrier of a virtual thread. The linker
 * captures errno before the JVM can overwrite it; it is meaningful only after a result of -1.
 */
final class Native {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup LIBC = LINKER.defaultLookup();

  static final MemorySegment OPEN = LIBC.findOrThrow("open");
  static final MemorySegment CLOSE = LIBC.findOrThrow("close");
  static final MemorySegment PREAD = LIBC.findOrThrow("pread");
  static final MemorySegment PWRITE = LIBC.findOrThrow("pwrite");
  static final MemorySegment FDATASYNC = LIBC.findOrThrow("fdatasync");
  static final MemorySegment FSYNC = LIBC.findOrThrow("fsync");
  static final MemorySegment FTRUNCATE = LIBC.findOrThrow("ftruncate");
  static final MemorySegment FALLOCATE = LIBC.findOrThrow("fallocate");
  static final MemorySegment LSEEK = LIBC.findOrThrow("lseek");
  static final MemorySegment STATX = LIBC.findOrThrow("statx");
  static final MemorySegment UNLINK = LIBC.findOrThrow("unlink");
  static final MemorySegment IOCTL = LIBC.findOrThrow("ioctl");
  static final MemorySegment FCNTL = LIBC.findOrThrow("fcntl");
  static final MemorySegment DUP = LIBC.findOrThrow("dup");
  static final MemorySegment DUP2 = LIBC.findOrThrow("dup2");
  static final MemorySegment SETSID = LIBC.findOrThrow("setsid");

  @SuppressWarnings("restricted")
  private static final MethodHandle CALL =
      LINKER.downcallHandle(
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG),
          Linker.Option.captureCallState("errno"));

  private Native() {}

  /** Initializes this class and makes one call, which links the handle. */
  static void link() {
    Scratch scratch = Scratch.POOL.take();
    callInt(CLOSE, scratch, -1, 0, 0, 0, 0);
    Scratch.POOL.giveBack(scratch);
  }

  /** Calls a function that returns a long (ssize_t, off_t). */
  static long callLong(
      MemorySegment function, Scratch scratch, long a, long b, long c, long d, long e) {
    try {
      return (long) CALL.invokeExact(function, scratch.callState(), a, b, c, d, e);
    } catch (RuntimeException | Error unchecked) {
      throw unchecked;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Calls a function that returns an int. */
  static int callInt(
      MemorySegment function, Scratch scratch, long a, long b, long c, long d, long e) {
    return (int) callLong(function, scratch, a, b, c, d, e);
  }
}
