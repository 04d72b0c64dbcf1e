package io.faultdisk.cli.img;

import java.nio.ByteBuffer;

/**
 * Looks through data sector by sector: what is zero, what differs. Long stretches are compared by
 * {@link ByteBuffer#mismatch}, which works on many bytes at a time.
 *
 * <p>Positions and lengths are bytes from the start of the buffer; its own position is not used,
 * and what is looked at must lie before its limit. Stateless; any thread.
 */
final class SectorScan {
  /** Bytes of a sector. */
  static final int SECTOR = 512;

  private static final int ZERO_BYTES = 1 << 16;
  private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(ZERO_BYTES).asReadOnlyBuffer();

  private SectorScan() {}

  /** Whether a range holds only zeroes. */
  static boolean isZero(ByteBuffer data, int from, int bytes) {
    return firstNonZero(data, from, bytes) == bytes;
  }

  /**
   * How many bytes from {@code from} on, up to the start of the first sector (counted from there)
   * that is not zero; {@code bytes} if there is none.
   */
  static int zeroBytes(ByteBuffer data, int from, int bytes) {
    int found = firstNonZero(data, from, bytes);
    return found == bytes ? bytes : found & -SECTOR;
  }

  /** How many whole sectors from {@code from} on hold something that is not zero. */
  static int dataSectors(ByteBuffer data, int from, int sectors) {
    int count = 0;
    while (count < sectors && !isZero(data, from + count * SECTOR, SECTOR)) {
      count++;
    }
    return count;
  }

  /**
   * How many bytes from {@code from} on lie in sectors that are the same in both; {@code bytes} if
   * all are.
   */
  static int sameBytes(ByteBuffer a, ByteBuffer b, int from, int bytes) {
    int found = mismatch(a, b, from, bytes);
    return found < 0 ? bytes : found & -SECTOR;
  }

  /** How many bytes from {@code from} on lie in sectors that differ. */
  static int differentBytes(ByteBuffer a, ByteBuffer b, int from, int bytes) {
    int count = 0;
    while (count < bytes) {
      int sector = Math.min(SECTOR, bytes - count);
      if (mismatch(a, b, from + count, sector) < 0) {
        break;
      }
      count += sector;
    }
    return count;
  }

  /** Makes a range zero. */
  static void zero(ByteBuffer data, int from, int bytes) {
    int at = 0;
    while (at < bytes) {
      int part = Math.min(ZERO_BYTES, bytes - at);
      data.put(from + at, ZEROES, 0, part);
      at += part;
    }
  }

  private static int mismatch(ByteBuffer a, ByteBuffer b, int from, int bytes) {
    return a.slice(from, bytes).mismatch(b.slice(from, bytes));
  }

  /** Where something is not zero, exact to 8 bytes; {@code bytes} if nowhere. */
  private static int firstNonZero(ByteBuffer data, int from, int bytes) {
    if (bytes >= Long.BYTES && data.getLong(from) != 0) {
      return 0; // data mostly shows at once
    }
    int at = 0;
    while (at < bytes) {
      int part = Math.min(ZERO_BYTES, bytes - at);
      int found = data.slice(from + at, part).mismatch(ZEROES.slice(0, part));
      if (found >= 0) {
        return at + found;
      }
      at += part;
    }
    return bytes;
  }
}
