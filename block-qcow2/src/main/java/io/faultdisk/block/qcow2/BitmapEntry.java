package io.faultdisk.block.qcow2;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One entry of the bitmap directory.
 *
 * <p>On disk, big-endian, padded to 8 bytes:
 *
 * <pre>
 *   offset  width  what
 *        0      8  offset of the bitmap table, in bytes
 *        8      4  entries of the bitmap table
 *       12      4  flags: 1 in use, 2 auto (enabled)
 *       16      1  type, 1 = dirty tracking
 *       17      1  granularity, as a power of two
 *       18      2  bytes of the name
 *       20      4  bytes of extra data; none are supported
 *       24         name
 * </pre>
 *
 * <p>For one thread.
 */
final class BitmapEntry {
  static final int IN_USE = 1;
  static final int AUTO = 1 << 1;

  /** Most entries of a bitmap table. */
  static final int TABLE_MAX = 0x8000000;

  /** Most bytes of bitmap data; bounds what a bitmap takes in memory. */
  static final long DATA_MAX = 0x20000000;

  static final int GRANULARITY_BITS_MIN = 9;
  static final int GRANULARITY_BITS_MAX = 31;
  static final int NAME_MAX = 1023;

  private static final int FIXED_BYTES = 24;
  private static final int RESERVED_FLAGS = ~(IN_USE | AUTO);
  private static final int DIRTY_TRACKING = 1;

  private final byte[] name;
  private final int type;
  int granularityBits;
  int flags;
  long tableOffset;
  int tableEntries;

  /** An entry for a bitmap that is not stored yet. */
  BitmapEntry(String name) {
    this(name.getBytes(StandardCharsets.UTF_8), DIRTY_TRACKING);
  }

  private BitmapEntry(byte[] name, int type) {
    this.name = name;
    this.type = type;
  }

  /** The fixed part of an entry in the file, before anything is known to be sensible. */
  record Fixed(ByteBuffer directory, int at) {
    static boolean fits(ByteBuffer directory, int at) {
      return at + FIXED_BYTES <= directory.limit();
    }

    /** Where the next entry begins, calculated in 32 bits; can be anything. */
    int next() {
      int bytes = FIXED_BYTES + nameBytes() + extraBytes();
      return at + (bytes + 7 & -8);
    }

    private int nameBytes() {
      return directory.getShort(at + 18) & 0xffff;
    }

    int extraBytes() {
      return directory.getInt(at + 20);
    }

    BitmapEntry entry() {
      byte[] name = new byte[nameBytes()];
      directory.get(at + FIXED_BYTES, name);
      BitmapEntry entry = new BitmapEntry(untilNul(name), directory.get(at + 16) & 0xff);
      entry.tableOffset = directory.getLong(at);
      entry.tableEntries = directory.getInt(at + 8);
      entry.flags = directory.getInt(at + 12);
      entry.granularityBits = directory.get(at + 17) & 0xff;
      return entry;
    }

    private static byte[] untilNul(byte[] name) {
      int length = 0;
      while (length < name.length && name[length] != 0) {
        length++;
      }
      return Arrays.copyOf(name, length);
    }
  }

  String name() {
    return new String(name, StandardCharsets.UTF_8);
  }

  boolean inUse() {
    return (flags & IN_USE) != 0;
  }

  boolean auto() {
    return (flags & AUTO) != 0;
  }

  /** Bytes in the directory. */
  int bytes() {
    return bytes(name.length);
  }

  /** Bytes in the directory of an entry with a name that long. */
  static int bytes(int nameBytes) {
    return FIXED_BYTES + nameBytes + 7 & -8;
  }

  /** Appends the entry; what follows is at a multiple of 8. */
  void put(ByteBuffer directory) {
    int end = directory.position() + bytes();
    directory.putLong(tableOffset).putInt(tableEntries).putInt(flags);
    directory.put((byte) DIRTY_TRACKING).put((byte) granularityBits);
    directory.putShort((short) name.length).putInt(0).put(name);
    directory.position(end);
  }

  /**
   * Whether the entry can be used.
   *
   * @param diskBytes length of the disk; a bitmap that is not in use must describe all of it
   */
  boolean satisfiesConstraints(Geometry geometry, long diskBytes) {
    long dataBytes = (tableEntries & 0xffffffffL) << geometry.clusterBits();
    return tableEntries != 0
        && tableOffset != 0
        && geometry.offsetIntoCluster(tableOffset) == 0
        && Integer.compareUnsigned(tableEntries, TABLE_MAX) <= 0
        && granularityBits <= GRANULARITY_BITS_MAX
        && granularityBits >= GRANULARITY_BITS_MIN
        && (flags & RESERVED_FLAGS) == 0
        && name.length <= NAME_MAX
        && type == DIRTY_TRACKING
        && dataBytes <= DATA_MAX
        && (inUse() || Long.compareUnsigned(diskBytes, (dataBytes * 8) << granularityBits) <= 0);
  }
}
