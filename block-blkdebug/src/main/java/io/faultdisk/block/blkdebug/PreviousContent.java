package io.faultdisk.block.blkdebug;

import io.faultdisk.block.BlockIoException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What each sector held before the last write to it, for rules that read that.
 *
 * <p>Keeps up to {@link #SECTORS_MAX} sectors; beyond that those written longest ago are forgotten
 * and read as they are. Any thread; of two writes to a sector at the same time, both may remember
 * what was there before either.
 */
final class PreviousContent {
  private static final int SECTOR = 512;

  /** As many as 64 MiB have. */
  private static final int SECTORS_MAX = 128 << 10;

  /** How much is read at a time, in bytes. */
  private static final int PIECE = 1 << 20;

  private final ReentrantLock lock = new ReentrantLock();

  /** By sector, the one written longest ago first. */
  private final Map<Long, byte[]> sectors = new LinkedHashMap<>();

  /** Reads the disk. */
  interface Reader {
    void read(long offset, ByteBuffer target) throws BlockIoException;
  }

  /**
   * Before a write: reads what it will replace. What cannot be read is not remembered.
   *
   * @param length of the disk; what lies behind it was nothing
   */
  void remember(long offset, long bytes, long length, Reader disk) {
    long start = offset / SECTOR * SECTOR;
    long end = Math.min(length, offset + bytes);
    long from = Math.max(start, end - (long) SECTORS_MAX * SECTOR) / SECTOR * SECTOR;
    while (from < end) {
      int piece = (int) Math.min(PIECE, end - from);
      ByteBuffer content = ByteBuffer.allocate((piece + SECTOR - 1) / SECTOR * SECTOR);
      try {
        disk.read(from, content.limit(piece));
        keep(from / SECTOR, content.array());
      } catch (BlockIoException unreadable) {
        // Then there is nothing to be read later either, and the write itself shall go on.
      }
      from += piece;
    }
  }

  private void keep(long first, byte[] content) {
    lock.lock();
    try {
      for (int at = 0; at < content.length; at += SECTOR) {
        byte[] sector = new byte[SECTOR];
        System.arraycopy(content, at, sector, 0, SECTOR);
        long number = first + at / SECTOR;
        sectors.remove(number); // to its new place in the order
        sectors.put(number, sector);
      }
      Iterator<Long> oldest = sectors.keySet().iterator();
      for (int over = sectors.size() - SECTORS_MAX; over > 0; over--) {
        oldest.next();
        oldest.remove();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Puts the previous content over what was read.
   *
   * @param target holds what was read from {@code offset} on, between {@code start} and its
   *     position
   */
  void putOver(long offset, ByteBuffer target, int start) {
    long end = offset + target.position() - start;
    lock.lock();
    try {
      for (long number = offset / SECTOR; number * SECTOR < end; number++) {
        byte[] sector = sectors.get(number);
        if (sector != null) {
          long from = Math.max(offset, number * SECTOR);
          long to = Math.min(end, (number + 1) * SECTOR);
          target.put(
              start + (int) (from - offset),
              sector,
              (int) (from - number * SECTOR),
              (int) (to - from));
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
