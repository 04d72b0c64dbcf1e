package io.faultdisk.block;

import io.faultdisk.block.TrackedRequests.Tracked;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;

/**
 * How a node reads: pads to the alignment, cuts to the transfer limit, fills what lies behind the
 * end with zeroes, and copies on read if asked to.
 */
final class ReadPath {
  /** Largest buffer that copy-on-read uses at a time, in bytes. */
  private static final int BOUNCE_MAX = 16 << 20;

  private final Node node;

  ReadPath(Node node) {
    this.node = node;
  }

  void read(long offset, ByteBuffer target, boolean copyOnRead) throws BlockIoException {
    int bytes = target.remaining();
    Node.checkTransfer(offset, bytes);
    int align = node.limits().requestAlignment();
    if (bytes == 0 && (offset & (align - 1)) != 0) {
      return;
    }
    int start = target.position();
    PaddedBuffer padded = PaddedBuffer.of(offset, target, align);
    Tracked request = node.tracked().begin(padded.offset(), padded.bytes());
    try {
      readTracked(request, padded, copyOnRead);
    } catch (BlockIoException e) {
      target.position(start);
      throw e;
    } finally {
      node.tracked().end(request);
    }
    target.position(target.limit());
  }

  /** An aligned read inside a request that is tracked already, as read-modify-write needs it. */
  void readAligned(Tracked request, long offset, ByteBuffer target) throws BlockIoException {
    readTracked(request, PaddedBuffer.of(offset, target, 1), false);
  }

  private void readTracked(Tracked request, PaddedBuffer buffer, boolean copyOnRead)
      throws BlockIoException {
    if (!copyOnRead) {
      node.tracked().waitForSerialising(request);
    } else {
      node.tracked().makeSerialising(request, clusterSize());
      BlockStatus status = node.allocation(buffer.offset(), buffer.bytes());
      if (!status.allocated() || status.bytes() != buffer.bytes()) {
        copyOnRead(buffer);
        return;
      }
    }
    long offset = buffer.offset();
    long bytes = buffer.bytes();
    int transferMax = node.limits().transferMax();
    long align = node.limits().requestAlignment();
    long stored = Math.max(0, node.length() - offset);
    stored = (stored + align - 1) & -align;
    if (bytes <= stored && bytes <= transferMax) {
      fill(buffer, offset, (int) bytes);
      return;
    }
    long end = offset + bytes;
    while (offset < end) {
      long left = end - offset;
      if (stored == 0) {
        buffer.zero(offset, left);
        return;
      }
      int part = (int) Math.min(left, Math.min(stored, transferMax));
      fill(buffer, offset, part);
      stored -= part;
      offset += part;
    }
  }

  private void fill(PaddedBuffer buffer, long offset, int bytes) throws BlockIoException {
    ByteBuffer part = buffer.readView(offset, bytes);
    try {
      node.driver().read(offset, part);
    } catch (BlockIoException e) {
      throw e.at("read", offset, bytes, node.name());
    }
    buffer.readDone(offset, part);
  }

  private long clusterSize() throws BlockIoException {
    int cluster = clusterSizeOrZero();
    return cluster == 0 ? node.limits().requestAlignment() : cluster;
  }

  private int clusterSizeOrZero() throws BlockIoException {
    try {
      return node.driver().info().clusterSize();
    } catch (BlockIoException e) {
      return 0; // a driver without info has no clusters
    }
  }

  /** Reads whole clusters and writes those back that the image does not hold yet. */
  private void copyOnRead(PaddedBuffer buffer) throws BlockIoException {
    int cluster = Math.max(1, clusterSizeOrZero());
    long start = buffer.offset() / cluster * cluster;
    long end = (buffer.offset() + buffer.bytes() + cluster - 1) / cluster * cluster;
    int transferMax = Math.min(node.limits().transferMax(), Node.REQUEST_MAX);
    long offset = start;
    while (offset < end) {
      long asked = Math.min(end - offset, transferMax);
      boolean allocated = false;
      long bytes = asked;
      try {
        BlockStatus status = node.allocation(offset, asked);
        allocated = status.allocated();
        bytes = status.bytes();
        if (bytes == 0) {
          break; // the image ends inside the cluster
        }
      } catch (BlockIoException e) {
        // The read below fails again if it matters, and says why; treat the range as unallocated.
      }
      if (allocated) {
        long from = Math.max(offset, buffer.offset());
        long to = Math.min(offset + bytes, buffer.offset() + buffer.bytes());
        if (from < to) {
          fill(buffer, from, (int) (to - from));
        }
      } else {
        bytes = Math.min(bytes, BOUNCE_MAX);
        copyPiece(buffer, offset, (int) bytes);
      }
      offset += bytes;
    }
  }

  private void copyPiece(PaddedBuffer buffer, long offset, int bytes) throws BlockIoException {
    ByteBuffer bounce = Memory.heap(bytes);
    try {
      node.driver().read(offset, bounce.duplicate());
    } catch (BlockIoException e) {
      throw e.at("read", offset, bytes, node.name());
    }
    node.announce(QemuEvents.COR_WRITE, RequestType.WRITE, offset, bytes);
    node.writePath().writeCopied(offset, bounce);
    buffer.copyFrom(offset, bounce);
  }
}
