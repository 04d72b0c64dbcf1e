package io.faultdisk.posix;

import io.faultdisk.base.Errno;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Asks for the extents of a file, a batch at a time. For one thread.
 *
 * <p>Source: ioctl(2) FS_IOC_FIEMAP, {@code Documentation/filesystems/fiemap.rst} of Linux. Native
 * byte order:
 *
 * <pre>
 * offset width struct fiemap          offset width struct fiemap_extent, from 32 on
 *      0     8 fm_start                    0     8 fe_logical
 *      8     8 fm_length                   8     8 fe_physical
 *     16     4 fm_flags                   16     8 fe_length
 *     20     4 fm_mapped_extents          40     4 fe_flags
 *     24     4 fm_extent_count                     56 bytes in all
 * </pre>
 */
final class ExtentMap {
  private static final long FS_IOC_FIEMAP = 0xC020660BL;
  private static final int HEADER_BYTES = 32;
  private static final int EXTENT_BYTES = 56;

  /** FIEMAP_FLAG_SYNC: what is in memory only is written to its place first. */
  private static final int SYNC = 0x1;

  private static final int LAST = 0x1;

  private final ByteBuffer map;
  private final int batch;
  private final List<FileExtent> extents = new ArrayList<>();

  /**
   * @param batch how many extents are asked for at once
   */
  ExtentMap(int batch) {
    this.batch = batch;
    map =
        ByteBuffer.allocateDirect(HEADER_BYTES + batch * EXTENT_BYTES)
            .order(ByteOrder.nativeOrder());
  }

  /**
   * What overlaps the first {@code bytes} of the file.
   *
   * @return the number of the error, if there was one
   */
  OptionalInt read(int fd, long bytes) {
    long start = 0;
    while (start < bytes) {
      for (int i = 0; i < HEADER_BYTES; i += Long.BYTES) {
        map.putLong(i, 0);
      }
      map.putLong(0, start).putLong(8, bytes - start).putInt(16, SYNC).putInt(24, batch);
      OptionalInt failure = control(fd);
      if (failure.isPresent()) {
        return failure;
      }
      long next = take();
      if (next <= start) {
        break;
      }
      start = next;
    }
    return OptionalInt.empty();
  }

  List<FileExtent> extents() {
    return List.copyOf(extents);
  }

  /** Where to go on; 0 if there is no more. */
  private long take() {
    int mapped = map.getInt(20);
    long next = 0;
    for (int i = 0; i < mapped; i++) {
      int at = HEADER_BYTES + i * EXTENT_BYTES;
      long offset = map.getLong(at);
      long bytes = map.getLong(at + 16);
      int flags = map.getInt(at + 40);
      extents.add(
          new FileExtent(offset, map.getLong(at + 8), bytes, FileExtent.Trait.ofFlags(flags)));
      next = (flags & LAST) != 0 ? 0 : Math.addExact(offset, bytes);
    }
    return next;
  }

  private OptionalInt control(int fd) {
    Scratch scratch = Scratch.POOL.take();
    try {
      int result;
      do {
        result =
            Native.callInt(Native.IOCTL, scratch, fd, FS_IOC_FIEMAP, PosixFile.address(map), 0, 0);
      } while (result == -1 && scratch.errnoIs(Errno.EINTR));
      return result == -1 ? OptionalInt.of(scratch.errno().number()) : OptionalInt.empty();
    } finally {
      Reference.reachabilityFence(map);
      Scratch.POOL.giveBack(scratch);
    }
  }
}
