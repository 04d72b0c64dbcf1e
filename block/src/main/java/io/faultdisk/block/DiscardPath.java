package io.faultdisk.block;

import io.faultdisk.base.Errno;
import io.faultdisk.block.TrackedRequests.Tracked;

/**
 * How a node discards: in pieces that respect the driver's alignment and maximum. A piece that the
 * driver does not support is skipped; any other error ends the request. Without {@code
 * discard=unmap} nothing happens at all.
 */
final class DiscardPath {
  private final Node node;

  DiscardPath(Node node) {
    this.node = node;
  }

  void discard(long offset, long bytes) throws BlockIoException {
    node.requireRecordable();
    Node.checkRange(offset, bytes);
    if (!node.flags().unmap() || !node.driver().discards()) {
      return;
    }
    Tracked request = node.tracked().begin(offset, bytes);
    try {
      if (node.readOnly()) {
        throw new BlockIoException(Errno.EPERM);
      }
      node.tracked().waitForSerialising(request);
      discardPieces(offset, bytes);
    } catch (BlockIoException e) {
      throw e.at("discard", offset, bytes, node.name());
    } finally {
      node.changed(offset, bytes, false);
      node.tracked().end(request);
    }
  }

  private void discardPieces(long start, long length) throws BlockIoException {
    BlockLimits limits = node.limits();
    int align = limits.requestAlignment();
    int granularity = limits.discardGranularity();
    long pieceMax = limits.discardMax();
    long offset = start;
    long bytes = length;
    int head = (int) (offset % granularity);
    int tail = (int) ((offset + bytes) % granularity);
    while (bytes > 0) {
      long piece = bytes;
      if (head != 0) {
        piece = Math.min(bytes, granularity - head);
        if (piece % align != 0) {
          piece %= align;
        }
        head = (int) ((head + piece) % granularity);
      } else if (tail != 0) {
        if (piece > granularity) {
          piece -= tail;
        } else if (tail % align != 0 && tail > align) {
          tail %= align;
          piece -= tail;
        }
      }
      piece = Math.min(piece, pieceMax);
      try {
        node.driver().discard(offset, piece);
      } catch (BlockIoException e) {
        if (!e.errno().equals(Errno.ENOTSUP)) {
          throw e;
        }
      }
      offset += piece;
      bytes -= piece;
    }
  }
}
