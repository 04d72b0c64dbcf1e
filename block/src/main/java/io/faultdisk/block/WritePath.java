package io.faultdisk.block;

import static io.faultdisk.block.RequestFlags.has;

import io.faultdisk.base.Errno;
import io.faultdisk.block.TrackedRequests.Tracked;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;

/**
 * How a node writes.
 *
 * <p>An unaligned write reads the blocks at its edges first ({@code pwritev_rmw_*}); a failing read
 * there is ignored and the write goes on, as in QEMU. The driver's part stands between {@code
 * pwritev} (or {@code pwritev_zero}) and {@code pwritev_done}, however many pieces it takes. Zero
 * writes are cut at the driver's preferred alignment; a piece that the driver does not support is
 * written as a buffer of zeroes instead. FUA that the driver lacks becomes one flush.
 */
final class WritePath {
  /** Largest buffer of zeroes that stands in for a write-zeroes, in bytes. */
  private static final int ZERO_BUFFER_MAX = 16 << 20;

  /** How much is looked at in one go for being zero, in bytes. */
  private static final int ZERO_CHECK = 1 << 20;

  private final Node node;

  WritePath(Node node) {
    this.node = node;
  }

  void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    int bytes = source.remaining();
    Node.checkTransfer(offset, bytes);
    int align = node.limits().requestAlignment();
    if (bytes == 0 && (offset & (align - 1)) != 0) {
      return;
    }
    int start = source.position();
    PaddedBuffer buffer = PaddedBuffer.of(offset, source, align);
    Tracked request = node.tracked().begin(buffer.offset(), buffer.bytes());
    try {
      if (buffer.isPadded()) {
        node.tracked().makeSerialising(request, align);
        readEdges(request, buffer.edges(), RequestType.WRITE);
      }
      writeAligned(request, buffer, flags);
    } catch (BlockIoException e) {
      source.position(start);
      throw e;
    } finally {
      node.tracked().end(request);
    }
    source.position(source.limit());
  }

  void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    Node.checkRange(offset, bytes);
    int align = node.limits().requestAlignment();
    if (has(flags, RequestFlags.NO_FALLBACK) && ((offset | bytes) & (align - 1)) != 0) {
      throw new BlockIoException(Errno.ENOTSUP);
    }
    if (bytes == 0) {
      return; // unlike an empty write, this does not even count as one
    }
    Tracked request = node.tracked().begin(offset, bytes);
    try {
      if (((offset | bytes) & (align - 1)) == 0) {
        zeroAligned(request, offset, bytes, flags);
      } else {
        zeroUnaligned(request, offset, bytes, flags);
      }
    } finally {
      node.tracked().end(request);
    }
  }

  /**
   * Writes back what copy-on-read has read: unchanged data, so no event of an ordinary write and no
   * FUA.
   */
  void writeCopied(long offset, ByteBuffer data) throws BlockIoException {
    if (node.driver().writesZeroes() && isZero(data)) {
      zeroPieces(offset, data.capacity(), RequestFlags.WRITE_UNCHANGED);
    } else {
      driverWrite(offset, data.duplicate().clear(), RequestFlags.WRITE_UNCHANGED);
    }
  }

  /**
   * Zeroes a range with ragged edges: the edge blocks are read, zeroed in part and written as data,
   * the middle is a write-zeroes of its own.
   */
  private void zeroUnaligned(Tracked request, long offset, long bytes, int flags)
      throws BlockIoException {
    int align = node.limits().requestAlignment();
    EdgeBlocks edges = EdgeBlocks.of(offset, bytes, align);
    node.tracked().makeSerialising(request, align);
    readEdges(request, edges, RequestType.WRITE_ZEROES);
    if (edges.oneRead()) {
      zero(edges.content(), edges.head(), (int) bytes);
      writeAligned(request, PaddedBuffer.of(edges.start(), edges.content(), align), flags);
      return;
    }
    long middle = edges.start();
    if (edges.head() != 0) {
      zero(edges.first(), edges.head(), align - edges.head());
      writeAligned(request, PaddedBuffer.of(middle, edges.first(), align), flags);
      middle += align;
    }
    long lastBlock = edges.tail() == 0 ? edges.end() : edges.end() - align;
    if (lastBlock > middle) {
      zeroAligned(request, middle, lastBlock - middle, flags);
    }
    if (edges.tail() != 0) {
      zero(edges.last(), 0, align - edges.tail());
      writeAligned(request, PaddedBuffer.of(lastBlock, edges.last(), align), flags);
    }
  }

  /**
   * Reads the blocks at the edges of an unaligned write. A failing read is ignored and ends the
   * reading.
   */
  private void readEdges(Tracked request, EdgeBlocks edges, RequestType type)
      throws BlockIoException {
    boolean head = edges.head() != 0;
    boolean tail = edges.tail() != 0;
    if (edges.oneRead()) {
      readBlocks(request, edges.start(), edges.content(), head, tail, type);
    } else if ((!head || readBlocks(request, edges.start(), edges.first(), true, false, type))
        && tail) {
      ByteBuffer last = edges.last();
      readBlocks(request, edges.end() - last.capacity(), last, false, true, type);
    }
  }

  /**
   * One read of a read-modify-write, with its events; false if it failed, which does not fail the
   * write.
   */
  private boolean readBlocks(
      Tracked request,
      long offset,
      ByteBuffer blocks,
      boolean head,
      boolean tail,
      RequestType type) {
    int bytes = blocks.remaining();
    if (head) {
      node.announce(QemuEvents.PWRITEV_RMW_HEAD, type, offset, bytes);
    }
    if (tail) {
      node.announce(QemuEvents.PWRITEV_RMW_TAIL, type, offset, bytes);
    }
    try {
      node.readPath().readAligned(request, offset, blocks.duplicate());
    } catch (BlockIoException e) {
      return false;
    }
    if (head) {
      node.announce(QemuEvents.PWRITEV_RMW_AFTER_HEAD, type, offset, bytes);
    }
    if (tail) {
      node.announce(QemuEvents.PWRITEV_RMW_AFTER_TAIL, type, offset, bytes);
    }
    return true;
  }

  private void writeAligned(Tracked request, PaddedBuffer buffer, int flags)
      throws BlockIoException {
    node.requireRecordable();
    long offset = buffer.offset();
    long bytes = buffer.bytes();
    boolean ok = false;
    try {
      prepare(request);
      int effective = detectZeroes(buffer, flags);
      if (has(effective, RequestFlags.ZERO_WRITE)) {
        node.announce(QemuEvents.PWRITEV_ZERO, RequestType.WRITE_ZEROES, offset, bytes);
        zeroPieces(offset, bytes, effective & ~RequestFlags.ZERO_WRITE);
      } else if (has(flags, RequestFlags.COMPRESSED)) {
        node.driver().writeCompressed(offset, buffer.whole());
      } else {
        node.announce(QemuEvents.PWRITEV, RequestType.WRITE, offset, bytes);
        writePieces(buffer, flags);
      }
      ok = true;
    } catch (BlockIoException e) {
      throw e.at("write", offset, bytes, node.name());
    } finally {
      node.announce(QemuEvents.PWRITEV_DONE, RequestType.WRITE, offset, bytes);
      node.changed(offset, bytes, ok);
    }
  }

  private void zeroAligned(Tracked request, long offset, long bytes, int flags)
      throws BlockIoException {
    node.requireRecordable();
    boolean ok = false;
    try {
      prepare(request);
      node.announce(QemuEvents.PWRITEV_ZERO, RequestType.WRITE_ZEROES, offset, bytes);
      zeroPieces(offset, bytes, flags);
      ok = true;
    } catch (BlockIoException e) {
      throw e.at("write-zeroes", offset, bytes, node.name());
    } finally {
      node.announce(QemuEvents.PWRITEV_DONE, RequestType.WRITE_ZEROES, offset, bytes);
      node.changed(offset, bytes, ok);
    }
  }

  private int detectZeroes(PaddedBuffer buffer, int flags) throws BlockIoException {
    NodeOptions.DetectZeroes mode = node.options().detectZeroes();
    if (mode == NodeOptions.DetectZeroes.OFF || !node.driver().writesZeroes() || !isZero(buffer)) {
      return flags;
    }
    int zeroFlags = flags | RequestFlags.ZERO_WRITE;
    return mode == NodeOptions.DetectZeroes.UNMAP ? zeroFlags | RequestFlags.MAY_UNMAP : zeroFlags;
  }

  private void prepare(Tracked request) throws BlockIoException {
    if (node.readOnly()) {
      throw new BlockIoException(Errno.EPERM);
    }
    node.tracked().waitForSerialising(request);
  }

  private void writePieces(PaddedBuffer buffer, int flags) throws BlockIoException {
    long offset = buffer.offset();
    long end = offset + buffer.bytes();
    int transferMax = node.limits().transferMax();
    do {
      int bytes = (int) Math.min(end - offset, transferMax);
      boolean last = offset + bytes == end;
      int pieceFlags =
          last || has(node.driver().writeFlags(), RequestFlags.FUA)
              ? flags
              : flags & ~RequestFlags.FUA;
      driverWrite(offset, buffer.writeView(offset, bytes), pieceFlags);
      offset += bytes;
    } while (offset < end);
  }

  private void driverWrite(long offset, ByteBuffer source, int flags) throws BlockIoException {
    node.driver().write(offset, source, flags & node.driver().writeFlags());
    if (has(flags, RequestFlags.FUA) && !has(node.driver().writeFlags(), RequestFlags.FUA)) {
      node.flush();
    }
  }

  private void zeroPieces(long start, long length, int flags) throws BlockIoException {
    BlockDriver driver = node.driver();
    int zeroFlags = driver.zeroFlags();
    if (has(flags & ~zeroFlags, RequestFlags.NO_FALLBACK)) {
      throw new BlockIoException(Errno.ENOTSUP);
    }
    BlockLimits limits = node.limits();
    int granularity = limits.zeroGranularity();
    long zeroMax = limits.zeroMax();
    int transferMax = limits.maxTransfer() == 0 ? ZERO_BUFFER_MAX : limits.maxTransfer();
    long offset = start;
    long bytes = length;
    int head = (int) (offset % granularity);
    int tail = (int) ((offset + bytes) % granularity);
    boolean flushNeeded = false;
    while (bytes > 0) {
      long piece = bytes;
      if (head != 0) {
        piece = Math.min(Math.min(bytes, transferMax), granularity - head);
        head = (int) ((head + piece) % granularity);
      } else if (tail != 0 && piece > granularity) {
        piece -= tail;
      }
      piece = Math.min(piece, zeroMax);
      boolean done = driver.writesZeroes() && tryZero(offset, piece, flags & zeroFlags, flags);
      if (done) {
        flushNeeded |= has(flags & ~zeroFlags, RequestFlags.FUA);
      } else {
        int dataFlags = flags;
        if (has(flags & ~driver.writeFlags(), RequestFlags.FUA)) {
          dataFlags &= ~RequestFlags.FUA;
          flushNeeded = true;
        }
        piece = Math.min(piece, transferMax);
        driverWrite(offset, Memory.heap(piece), dataFlags);
      }
      offset += piece;
      bytes -= piece;
    }
    if (flushNeeded) {
      node.flush();
    }
  }

  /** True if the driver did it, false if it cannot and a data write may stand in. */
  private boolean tryZero(long offset, long bytes, int driverFlags, int flags)
      throws BlockIoException {
    try {
      node.driver().writeZeroes(offset, bytes, driverFlags);
      return true;
    } catch (BlockIoException e) {
      if (e.errno().equals(Errno.ENOTSUP) && !has(flags, RequestFlags.NO_FALLBACK)) {
        return false;
      }
      throw e;
    }
  }

  private static void zero(ByteBuffer buffer, int from, int count) {
    for (int i = from; i < from + count; i++) {
      buffer.put(i, (byte) 0);
    }
  }

  private static boolean isZero(PaddedBuffer buffer) throws BlockIoException {
    long end = buffer.offset() + buffer.bytes();
    for (long at = buffer.offset(); at < end; at += ZERO_CHECK) {
      if (!isZero(buffer.writeView(at, (int) Math.min(ZERO_CHECK, end - at)))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isZero(ByteBuffer buffer) {
    for (int i = buffer.position(); i < buffer.limit(); i++) {
      if (buffer.get(i) != 0) {
        return false;
      }
    }
    return true;
  }
}
