package io.faultdisk.posix;

import io.faultdisk.base.Errno;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Native memory for one call at a time: where the linker leaves errno, and room for one struct.
 * Pooled; belongs to its taker until given back.
 */
final class Scratch {
  static final Pool<Scratch> POOL = new Pool<>(32, Scratch::new);

  /** The largest struct passed, statx, has 256 bytes. */
  private static final int STRUCT_BYTES = 256;

  /** errno is an int at offset 0 of the call state; the rest is slack. */
  private static final int CALL_STATE_BYTES = 16;

  private final ByteBuffer memory =
      AlignedBuffers.allocate(CALL_STATE_BYTES + STRUCT_BYTES, 16).order(ByteOrder.nativeOrder());
  private final MemorySegment callState = MemorySegment.ofBuffer(memory.slice(0, CALL_STATE_BYTES));
  private final ByteBuffer struct =
      memory.slice(CALL_STATE_BYTES, STRUCT_BYTES).order(ByteOrder.nativeOrder());
  private final long structAddress = MemorySegment.ofBuffer(struct).address();

  MemorySegment callState() {
    return callState;
  }

  /** Room for one struct, in native byte order; holds whatever the last user left there. */
  ByteBuffer struct() {
    return struct;
  }

  /** Address of {@link #struct()}, valid while this instance is reachable. */
  long structAddress() {
    return structAddress;
  }

  /** errno of the last call made with this instance; only meaningful if it returned -1. */
  Errno errno() {
    return Errno.of(memory.getInt(0));
  }

  boolean errnoIs(Errno expected) {
    return memory.getInt(0) == expected.number();
  }
}
