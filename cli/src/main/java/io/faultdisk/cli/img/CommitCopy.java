package io.faultdisk.cli.img;

import io.faultdisk.block.BackingChain;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockStatus;
import io.faultdisk.block.Node;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.posix.AlignedBuffers;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.Optional;
import java.util.function.DoubleConsumer;

/**
 * Copies what an image and those above its base hold into the base.
 *
 * <p>First it goes through the chain and marks the chunks that are held above the base; then it
 * copies runs of marked chunks, {@value #COPY_MAX} bytes at a time and up to {@value
 * #IN_FLIGHT_MAX} at once. Known zeroes become zeroes of the base. In the end the base is flushed,
 * twice: when the copy is complete and when the job is.
 *
 * <p>For one thread, used once. Source: the requests of QEMU 7.2's active commit, block/mirror.c.
 */
final class CommitCopy {
  private static final int IN_FLIGHT_MAX = 16;
  private static final int COPY_MAX = 1 << 20;

  /** Longest run of chunks that is looked at together. */
  private static final int RUN_MAX = IN_FLIGHT_MAX * COPY_MAX;

  private static final int CHUNK_MIN = 4096;
  private static final int CHUNK_MAX = 1 << 16;
  private static final int ALIGNMENT = 4096;

  private final BlockBackend image;
  private final Node base;
  private final BlockBackend target;
  private final RequestWindow window;
  private final Pace pace;
  private final DoubleConsumer progress;
  private final Deque<ByteBuffer> buffers = new ArrayDeque<>();
  private final BitSet dirty = new BitSet();
  private long length;
  private long left;
  private long done;
  private int chunk = CHUNK_MAX;
  private int clusterSize;

  /**
   * A copy that has not begun.
   *
   * @param target writes to the base, and may resize it if it is shorter
   * @param progress told how many of 100 percent are done
   */
  CommitCopy(
      BlockBackend image,
      BlockBackend target,
      RequestWindow window,
      Pace pace,
      DoubleConsumer progress) {
    this.image = image;
    this.base = target.root();
    this.target = target;
    this.window = window;
    this.pace = pace;
    this.progress = progress;
  }

  /** Copies everything; the first failure ends it when the requests in flight have ended. */
  void run() throws BlockIoException {
    length = image.length();
    if (length > target.length()) {
      target.truncate(length, false, Preallocation.OFF);
    }
    if (length == 0) {
      return;
    }
    measure();
    mark();
    copyAll();
    target.flush();
    target.flush();
  }

  /** Chunks have the size of the base's clusters, within limits. */
  private void measure() {
    try {
      clusterSize = base.driver().info().clusterSize();
    } catch (BlockIoException e) {
      clusterSize = 0; // a driver without info has no clusters
    }
    if (clusterSize > 0) {
      chunk = Math.clamp(clusterSize, CHUNK_MIN, CHUNK_MAX);
    }
  }

  private void mark() throws BlockIoException {
    int most = Integer.MAX_VALUE & -chunk;
    long offset = 0;
    while (offset < length) {
      BlockStatus status =
          BackingChain.allocation(
                  image.root(), Optional.of(base), false, offset, Math.min(length - offset, most))
              .status();
      if (status.allocated()) {
        dirty.set(chunkOf(offset), chunkOf(offset + status.bytes() - 1) + 1);
      }
      offset += status.bytes();
    }
    left = (long) dirty.cardinality() * chunk;
  }

  private int chunkOf(long offset) {
    return Math.toIntExact(offset / chunk);
  }

  private void copyAll() throws BlockIoException {
    try {
      int first = dirty.nextSetBit(0);
      while (first >= 0) {
        int end = Math.min(dirty.nextClearBit(first), first + Math.max(1, RUN_MAX / chunk));
        copyRun((long) first * chunk, (long) end * chunk);
        first = dirty.nextSetBit(end);
      }
    } finally {
      window.drain();
    }
  }

  private void copyRun(long start, long end) throws BlockIoException {
    long offset = start;
    while (offset < end && offset < length) {
      Piece piece = piece(offset, end - offset);
      long at = offset;
      long bytes = Math.min(piece.bytes(), length - offset);
      switch (piece.what()) {
        case COPY -> {
          pace.before(bytes);
          window.start(() -> copy(at, (int) bytes));
        }
        case ZERO ->
            window.startQuick(
                () -> {
                  target.writeZeroes(at, bytes, RequestFlags.MAY_UNMAP);
                  finished(bytes);
                });
        case DISCARD ->
            window.startQuick(
                () -> {
                  target.discard(at, bytes);
                  finished(bytes);
                });
      }
      offset += bytes;
    }
  }

  private enum What {
    COPY,
    ZERO,
    DISCARD
  }

  private record Piece(What what, long bytes) {}

  /** What to do at an offset, for whole chunks only. */
  private Piece piece(long offset, long wanted) {
    BlockStatus status;
    try {
      status = BackingChain.status(image.root(), Optional.empty(), offset, wanted).status();
    } catch (BlockIoException e) {
      return new Piece(What.COPY, Math.min(wanted, COPY_MAX)); // the read will say what is wrong
    }
    long bytes = status.data() ? Math.min(status.bytes(), COPY_MAX) : status.bytes();
    bytes -= bytes % chunk;
    if (bytes < chunk) {
      return new Piece(What.COPY, chunk);
    }
    boolean wholeClusters =
        clusterSize == 0 || (offset % clusterSize == 0 && bytes % clusterSize == 0);
    if (status.data() || !wholeClusters) {
      return new Piece(What.COPY, Math.min(bytes, RUN_MAX));
    }
    return new Piece(status.zero() ? What.ZERO : What.DISCARD, bytes);
  }

  private void copy(long offset, int bytes) throws BlockIoException {
    ByteBuffer buffer = buffer(bytes);
    try {
      image.read(offset, buffer.clear().limit(bytes));
      target.write(offset, buffer.flip(), RequestFlags.NONE);
    } finally {
      buffers.push(buffer);
    }
    finished(bytes);
  }

  private ByteBuffer buffer(int bytes) {
    ByteBuffer idle = buffers.poll();
    return idle != null && idle.capacity() >= bytes
        ? idle
        : AlignedBuffers.allocate(Math.max(bytes, COPY_MAX), ALIGNMENT);
  }

  private void finished(long bytes) {
    done += bytes;
    progress.accept(100.0 * done / Math.max(done, left));
  }
}
