package io.faultdisk.block.logwrites;

import java.util.ArrayList;
import java.util.List;

/**
 * One entry of a log.
 *
 * @param number its number, from 0
 * @param position where in the log it begins, in bytes
 * @param offset where on the disk, in bytes
 * @param bytes how many bytes it changes; 0 for a flush and a mark
 * @param flags what it is, a sum of the constants here; 0 for a plain write
 * @param mark the name of a mark; empty for anything else
 * @param dataPosition where in the log its data begin, in bytes, if it has any
 */
public record LogEntry(
    long number,
    long position,
    long offset,
    long bytes,
    long flags,
    String mark,
    long dataPosition) {
  /** All completed writes are durable. */
  public static final int FLUSH = 1;

  /** The write is durable when it completes. */
  public static final int FUA = 2;

  /** The range is given up; without data. */
  public static final int DISCARD = 4;

  /** A name for this moment; nothing on the disk changes. */
  public static final int MARK = 8;

  /** The write is metadata of a file system. Linux only. */
  public static final int METADATA = 16;

  static final int ALL_FLAGS = 31;

  /** Whether it has all of these flags. */
  public boolean has(int wanted) {
    return (flags & wanted) == wanted;
  }

  /** Whether it is a write with data. */
  public boolean hasData() {
    return bytes > 0 && (flags & (DISCARD | MARK)) == 0;
  }

  /** {@code write of 4096 bytes at 65536 (fua)}, {@code flush}, {@code mark 'x'}. */
  @Override
  public String toString() {
    if (has(MARK)) {
      return "mark '" + mark + "'";
    }
    List<String> more = new ArrayList<>();
    if (has(FLUSH) && bytes > 0) {
      more.add("flush");
    }
    if (has(FUA)) {
      more.add("fua");
    }
    if (has(METADATA)) {
      more.add("metadata");
    }
    String what = has(DISCARD) ? "discard" : "write";
    String range = what + " of " + bytes + " bytes at " + offset;
    String main = bytes == 0 && has(FLUSH) ? "flush" : range;
    return more.isEmpty() ? main : main + " (" + String.join(", ", more) + ")";
  }
}
