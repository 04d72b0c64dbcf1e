package io.faultdisk.nbd.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a server's connections: direct buffers that are used again, and a limit for what is
 * in use.
 *
 * <p>There are small buffers, which every connection is sure of and which are not counted; large
 * ones, which a busy connection gets in their place as long as no more than half of the limit is in
 * use; and payloads of any length, for which one waits. So large buffers, which connections may
 * keep, never use up what payloads, which are given back, need.
 *
 * <p>Any thread; {@link #takePayload} and {@link #takeLarge} may block and must not be called from
 * within the block layer.
 */
final class BufferPool {
  /** Holds three requests of 4 KiB with their headers. */
  static final int SMALL_BYTES = 16 << 10;

  /** Holds 63 requests of 4 KiB, and a request of 128 KiB. */
  static final int LARGE_BYTES = 256 << 10;

  /** A payload's data is aligned to this, which is what any device wants. */
  private static final int ALIGNMENT = 4096;

  /** Room before a payload's data, for the header of a reply. */
  private static final int HEADER_BYTES = 64;

  /** What a payload has besides its power of two. */
  private static final int HEADROOM_BYTES = HEADER_BYTES + ALIGNMENT;

  private static final int SMALL_IDLE_MAX = 256;

  /** Payloads come in powers of two, from 16 KiB to 32 MiB. */
  private static final int CLASS_MIN = 14;

  private static final int CLASSES = 12;

  private final long limit;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition givenBack = lock.newCondition();

  private final Deque<ByteBuffer> idleSmall = new ArrayDeque<>();
  private final Deque<ByteBuffer> idleLarge = new ArrayDeque<>();
  private final IdlePayloads idlePayloads = new IdlePayloads();
  private long idleBytes;
  private long usedBytes;
  private boolean closed;

  /** Given-back payloads by size. */
  private static final class IdlePayloads {
    private final Deque<ByteBuffer>[] bySize = newArray();

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
    private static Deque<ByteBuffer>[] newArray() {
      Deque<ByteBuffer>[] result = new Deque[CLASSES];
      for (int i = 0; i < CLASSES; i++) {
        result[i] = new ArrayDeque<>();
      }
      return result;
    }

    Deque<ByteBuffer> of(int capacity) {
      return bySize[sizeClass(capacity)];
    }

    private static int sizeClass(int capacity) {
      int bits = Integer.SIZE - Integer.numberOfLeadingZeros(capacity - HEADROOM_BYTES - 1);
      return Math.max(0, bits - CLASS_MIN);
    }

    static int capacityFor(int bytes) {
      // A request may be of no bytes; its buffer is as good as any other of the smallest.
      return (1 << (CLASS_MIN + sizeClass(Math.max(bytes, 1) + HEADROOM_BYTES))) + HEADROOM_BYTES;
    }

    void clear() {
      for (Deque<ByteBuffer> each : bySize) {
        each.clear();
      }
    }
  }

  /**
   * An empty pool.
   *
   * @param limit bytes of large buffers and payloads, in use or kept
   */
  BufferPool(long limit) {
    this.limit = limit;
  }

  /** A small buffer; never waits. */
  ByteBuffer takeSmall() {
    lock.lock();
    try {
      ByteBuffer idle = idleSmall.poll();
      if (idle != null) {
        return idle.clear();
      }
    } finally {
      lock.unlock();
    }
    return ByteBuffer.allocateDirect(SMALL_BYTES);
  }

  /** A large buffer if there is memory to spare, else a small one. */
  ByteBuffer takeLargeIfCheap() {
    lock.lock();
    try {
      if (usedBytes + LARGE_BYTES <= limit / 2) {
        return take(idleLarge.poll(), LARGE_BYTES);
      }
    } finally {
      lock.unlock();
    }
    return takeSmall();
  }

  /**
   * A large buffer; waits until there is memory.
   *
   * @throws IOException if the server ends meanwhile
   */
  ByteBuffer takeLarge() throws IOException {
    lock.lock();
    try {
      awaitRoom(LARGE_BYTES);
      return take(idleLarge.poll(), LARGE_BYTES);
    } finally {
      lock.unlock();
    }
  }

  /**
   * A buffer with room for so many bytes from {@link #dataStart} on; waits until there is memory.
   *
   * @param bytes up to 32 MiB
   * @throws IOException if the server ends meanwhile
   */
  ByteBuffer takePayload(int bytes) throws IOException {
    int capacity = IdlePayloads.capacityFor(bytes);
    lock.lock();
    try {
      awaitRoom(capacity);
      return take(idlePayloads.of(capacity).poll(), capacity);
    } finally {
      lock.unlock();
    }
  }

  private void awaitRoom(int capacity) throws IOException {
    while (usedBytes + capacity > limit && !closed) {
      givenBack.awaitUninterruptibly();
    }
    if (closed) {
      throw new IOException("the server is going away");
    }
  }

  private ByteBuffer take(@Nullable ByteBuffer idle, int capacity) {
    usedBytes += capacity;
    if (idle != null) {
      idleBytes -= capacity;
      return idle.clear();
    }
    if (usedBytes + idleBytes > limit) {
      idleLarge.clear();
      idlePayloads.clear();
      idleBytes = 0;
    }
    return ByteBuffer.allocateDirect(capacity);
  }

  /** Where the data of a payload goes: aligned, with room for a header before it. */
  static int dataStart(ByteBuffer payload) {
    int beyond = payload.alignmentOffset(HEADER_BYTES, ALIGNMENT);
    return beyond == 0 ? HEADER_BYTES : HEADER_BYTES + ALIGNMENT - beyond;
  }

  /** Takes any of them back. */
  void giveBack(ByteBuffer buffer) {
    int capacity = buffer.capacity();
    lock.lock();
    try {
      if (capacity == SMALL_BYTES) {
        if (idleSmall.size() < SMALL_IDLE_MAX) {
          idleSmall.push(buffer);
        }
        return;
      }
      usedBytes -= capacity;
      idleBytes += capacity;
      (capacity == LARGE_BYTES ? idleLarge : idlePayloads.of(capacity)).push(buffer);
      givenBack.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Lets those go who wait. */
  void close() {
    lock.lock();
    try {
      closed = true;
      givenBack.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Bytes of large buffers and payloads that somebody has. */
  long usedBytes() {
    lock.lock();
    try {
      return usedBytes;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes of large buffers and payloads that exist. */
  long allBytes() {
    lock.lock();
    try {
      return usedBytes + idleBytes;
    } finally {
      lock.unlock();
    }
  }
}
