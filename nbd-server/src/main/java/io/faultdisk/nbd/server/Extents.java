package io.faultdisk.nbd.server;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockStatus;
import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.nbd.AllocationFlag;
import io.faultdisk.nbd.MetaContextName;
import java.util.Optional;

/**
 * Lists the extents of a range in one context, as many as the chunk takes. Any thread.
 *
 * <p>Source: the behaviour of QEMU 7.2, nbd/server.c.
 */
final class Extents {
  private Extents() {}

  static void list(
      BlockBackend image, MetaContext context, long offset, long bytes, ExtentChunk chunk)
      throws BlockIoException {
    switch (context) {
      case MetaContext.Allocation all -> allocation(image, offset, bytes, chunk);
      case MetaContext.Depth depth -> depth(image, offset, bytes, chunk);
      case MetaContext.Dirty dirty -> dirty(dirty.bitmap(), offset, bytes, chunk);
    }
  }

  private static void allocation(BlockBackend image, long offset, long bytes, ExtentChunk chunk)
      throws BlockIoException {
    long end = offset + bytes;
    for (long at = offset; at < end; ) {
      BlockStatus status = image.statusThroughChain(at, end - at);
      int flags =
          (status.data() ? 0 : AllocationFlag.HOLE.bit())
              | (status.zero() ? AllocationFlag.ZERO.bit() : 0);
      if (status.bytes() == 0 || !chunk.add(status.bytes(), flags)) {
        return;
      }
      at += status.bytes();
    }
  }

  private static void depth(BlockBackend image, long offset, long bytes, ExtentChunk chunk)
      throws BlockIoException {
    long end = offset + bytes;
    for (long at = offset; at < end; ) {
      var found = image.allocationThroughChain(at, end - at);
      BlockStatus status = found.status();
      int depth = status.allocated() ? found.depth() : 0;
      if (status.bytes() == 0 || !chunk.add(status.bytes(), depth)) {
        return;
      }
      at += status.bytes();
    }
  }

  private static void dirty(DirtyBitmap bitmap, long offset, long bytes, ExtentChunk chunk) {
    long end = offset + bytes;
    long at = offset;
    while (at < end) {
      Optional<DirtyBitmap.Area> area = bitmap.nextDirty(at, end);
      long clean = area.isPresent() ? area.get().offset() - at : end - at;
      if (!chunk.add(clean, 0)) {
        return;
      }
      at += clean;
      if (area.isPresent()) {
        long dirty = Math.min(area.get().bytes(), end - at);
        if (!chunk.add(dirty, MetaContextName.DIRTY)) {
          return;
        }
        at += dirty;
      }
    }
  }
}
