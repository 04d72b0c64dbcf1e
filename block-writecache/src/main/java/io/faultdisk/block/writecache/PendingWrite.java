package io.faultdisk.block.writecache;

import io.faultdisk.block.Unsynced.Range;
import java.util.ArrayList;
import java.util.List;

/**
 * A write that was acknowledged and is not durable. Its data never changes; {@link #live} does,
 * under the lock of the cache and by who has the medium.
 */
final class PendingWrite {
  /** What a pending write takes in memory besides its data, in bytes. */
  private static final int OVERHEAD = 200;

  /** What it does to the medium. */
  enum Kind {
    WRITE,
    WRITE_ZEROES,
    DISCARD
  }

  final Kind kind;

  /** Counts all writes of the cache, from 1. */
  final long sequence;

  final long offset;
  final long bytes;

  /** What of its flags matters when it is written back. */
  final int flags;

  /** What is written; empty for the kinds without. */
  final byte[] data;

  /** Whether no flush shall make it durable any more. */
  boolean dropped;

  /** The parts that nothing durable has replaced since, ascending. */
  private List<Range> live;

  PendingWrite(Kind kind, long sequence, long offset, long bytes, int flags, byte[] data) {
    this.kind = kind;
    this.sequence = sequence;
    this.offset = offset;
    this.bytes = bytes;
    this.flags = flags;
    this.data = data;
    this.live = bytes == 0 ? List.of() : List.of(new Range(offset, bytes));
  }

  List<Range> live() {
    return live;
  }

  long end() {
    return offset + bytes;
  }

  /** What it takes in memory, in bytes. */
  long cost() {
    return (long) data.length + OVERHEAD;
  }

  /** The medium holds something newer from {@code start} to {@code end}. */
  void supersede(long start, long end) {
    if (end <= offset || start >= end()) {
      return;
    }
    List<Range> left = new ArrayList<>(live.size() + 1);
    for (Range range : live) {
      long rangeEnd = range.offset() + range.bytes();
      long before = Math.min(rangeEnd, start);
      if (range.offset() < before) {
        left.add(new Range(range.offset(), before - range.offset()));
      }
      long after = Math.max(range.offset(), end);
      if (after < rangeEnd) {
        left.add(new Range(after, rangeEnd - after));
      }
    }
    live = left;
  }
}
