package io.faultdisk.block.logwrites;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The layout of a log. All numbers are little endian; everything begins at a multiple of the log's
 * sector size.
 *
 * <pre>
 *   superblock, in sector 0        entry, in a sector of its own     behind the entry
 *    0  8  magic                    0  8  first sector                 the data, if it is a write
 *    8  8  version, 1               8  8  number of sectors            (no discard, no mark)
 *   16  8  number of entries       16  8  flags
 *   24  4  sector size             24  8  length of the mark
 *                                  32     the mark, without NUL
 * </pre>
 *
 * <p>Source: Linux, Documentation/admin-guide/device-mapper/log-writes.rst and
 * drivers/md/dm-log-writes.c; what QEMU 7.2 writes was looked at in its logs.
 */
final class LogFormat {
  static final long MAGIC = 0x6a736677736872L;
  static final long VERSION = 1;

  /** Length of an entry's header in bytes; a mark follows in the same sector. */
  static final int ENTRY_BYTES = 32;

  static final int SUPER_BYTES = 28;
  static final int SECTOR_MIN = 32;
  static final int SECTOR_MAX = 8 << 20;

  private LogFormat() {}

  static boolean isSectorSize(long bytes) {
    return bytes >= SECTOR_MIN && bytes <= SECTOR_MAX && Long.bitCount(bytes) == 1;
  }

  /** A sector with the superblock. */
  static ByteBuffer superblock(long entries, int sectorSize) {
    ByteBuffer sector = ByteBuffer.allocate(sectorSize).order(ByteOrder.LITTLE_ENDIAN);
    sector.putLong(MAGIC).putLong(VERSION).putLong(entries).putInt(sectorSize);
    return sector.clear();
  }

  /** A buffer for an entry's sector and so many bytes behind it, filled up to the mark. */
  static ByteBuffer entry(
      int sectorSize, long sector, long sectors, int flags, byte[] mark, int dataBytes) {
    ByteBuffer entry = ByteBuffer.allocate(sectorSize + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    entry.putLong(sector).putLong(sectors).putLong(flags).putLong(mark.length).put(mark);
    return entry;
  }
}
