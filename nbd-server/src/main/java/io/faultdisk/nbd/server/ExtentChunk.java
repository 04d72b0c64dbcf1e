package io.faultdisk.nbd.server;

import io.faultdisk.nbd.ReplyType;
import java.nio.ByteBuffer;

/**
 * A chunk that lists extents, as it grows: neighbours that are alike become one. For one request
 * and its thread.
 *
 * <pre>
 * width  compact             |  width  extended
 *     4  context             |      4  context
 *                            |      4  number of extents
 *     4  length    } of each |      8  length    } of each
 *     4  flags     } extent  |      8  flags     } extent
 * </pre>
 */
final class ExtentChunk {
  /** The most extents that one chunk lists. A client that wants to know more asks again. */
  static final int EXTENTS_MAX = 4096;

  /** The most that a chunk needs, with its header. */
  static final int BYTES_MAX = 2 * Long.BYTES * EXTENTS_MAX + ReplyMode.OVERHEAD_MAX;

  private static final long COMPACT_MAX = 0xffff_ffffL;

  private final ByteBuffer out;
  private final ReplyMode mode;
  private final int start;
  private final int most;
  private int count;
  private long lastBytes;
  private long lastFlags;

  /**
   * Starts behind the position of the buffer.
   *
   * @param onlyOne the client wants the first extent only
   */
  ExtentChunk(ByteBuffer out, ReplyMode mode, boolean onlyOne) {
    this.out = out;
    this.mode = mode;
    this.start = out.position();
    this.most = onlyOne ? 1 : EXTENTS_MAX;
    out.position(start + headerBytes());
  }

  private int headerBytes() {
    return mode.chunkHeaderBytes() + (isExtended() ? 2 : 1) * Integer.BYTES;
  }

  private boolean isExtended() {
    return mode == ReplyMode.EXTENDED;
  }

  /** Adds what comes next; false if there is no room any more, and then it is not in. */
  boolean add(long bytes, long flags) {
    if (bytes == 0) {
      return true;
    }
    boolean fits = isExtended() || lastBytes + bytes <= COMPACT_MAX;
    if (count > 0 && flags == lastFlags && fits) {
      lastBytes += bytes;
      return true;
    }
    if (count == most) {
      return false;
    }
    putLast();
    count++;
    lastBytes = bytes;
    lastFlags = flags;
    return true;
  }

  private void putLast() {
    if (count == 0) {
      return;
    }
    if (isExtended()) {
      out.putLong(lastBytes).putLong(lastFlags);
    } else {
      out.putInt((int) lastBytes).putInt((int) lastFlags);
    }
  }

  /** Completes the chunk; the buffer's position is then behind it. */
  void end(Request request, boolean last, int context) {
    putLast();
    int end = out.position();
    int bytes = end - start - mode.chunkHeaderBytes();
    out.position(start);
    ReplyType type = isExtended() ? ReplyType.BLOCK_STATUS_EXT : ReplyType.BLOCK_STATUS;
    mode.chunk(out, request, last, type, bytes);
    out.putInt(context);
    if (isExtended()) {
      out.putInt(count);
    }
    out.position(end);
  }
}
