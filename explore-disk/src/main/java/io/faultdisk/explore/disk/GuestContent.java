package io.faultdisk.explore.disk;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockStatus;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** Reads what an image shows its user. */
final class GuestContent {
  private GuestContent() {}

  /** All of it; holes are not read. */
  static DiskContent of(BlockBackend image) throws BlockIoException {
    Map<Long, byte[]> pages = new HashMap<>();
    long length = image.length();
    for (long at = 0; at < length; ) {
      BlockStatus status = image.statusThroughChain(at, length - at);
      if (!status.zero()) {
        long end = at + status.bytes();
        for (long page = at >> DiskContent.PAGE_BITS; page << DiskContent.PAGE_BITS < end; page++) {
          long offset = page << DiskContent.PAGE_BITS;
          byte[] data = new byte[DiskContent.PAGE];
          image.read(
              offset, ByteBuffer.wrap(data, 0, (int) Math.min(DiskContent.PAGE, length - offset)));
          pages.put(page, data);
        }
      }
      at += status.bytes();
    }
    return new DiskContent(pages, length);
  }
}
