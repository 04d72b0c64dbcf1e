package io.faultdisk.explore.disk;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockStatus;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Knows what a disk may hold for its user after a power cut or errors: what was acknowledged and
 * flushed must be there, what was not may or may not, sector by sector, and nothing else.
 *
 * <p>A write is superseded by another one on the same bytes that began after it had returned, was
 * acknowledged, and is durable: because it said FUA, or a flush began after it and was
 * acknowledged. Whatever is not superseded may be read; what was there before all counts as a write
 * of its own. What was discarded may read as anything until it is written to. Immutable; any
 * thread.
 */
final class Oracle {
  private static final int SECTOR = 512;
  private static final int CHUNK = 1 << 20;

  private final DiskContent before;
  private final List<GuestLog.Write> writes;
  private final List<GuestLog.Flush> flushes;

  /**
   * Learns what was done.
   *
   * @param before what the user could read at the start
   */
  Oracle(DiskContent before, GuestLog log) {
    this.before = before;
    this.writes = log.writes();
    this.flushes = log.flushes();
  }

  /** How many flushes and durable writes had been acknowledged by then: never falls. */
  long promised(long tick) {
    long promised = 0;
    for (GuestLog.Flush flush : flushes) {
      promised += flush.end() < tick ? 1 : 0;
    }
    for (GuestLog.Write write : writes) {
      promised += write.fua && write.acknowledged && write.end < tick ? 1 : 0;
    }
    return promised;
  }

  private boolean isDurable(GuestLog.Write write, long tick) {
    if (!write.acknowledged || write.end >= tick) {
      return false;
    }
    if (write.fua) {
      return true;
    }
    for (GuestLog.Flush flush : flushes) {
      if (flush.start() > write.end && flush.end() < tick) {
        return true;
      }
    }
    return false;
  }

  /**
   * Compares what can be read now.
   *
   * @param tick when the power went; {@link Long#MAX_VALUE} if it did not
   * @return what is wrong, if anything
   * @throws BlockIoException if it cannot be read
   */
  Optional<String> check(BlockBackend image, long tick) throws BlockIoException {
    List<GuestLog.Write> relevant = new ArrayList<>();
    TreeSet<Long> borders = new TreeSet<>();
    for (GuestLog.Write write : writes) {
      if (write.start < tick && write.bytes > 0) {
        relevant.add(write);
        borders.add(write.offset);
        borders.add(write.offset + write.bytes);
      }
    }
    Optional<String> wrong = untouched(image, relevant);
    if (wrong.isPresent() || borders.isEmpty()) {
      return wrong;
    }
    long from = borders.first();
    for (long to : borders.tailSet(from, false)) {
      List<GuestLog.Write> over = new ArrayList<>();
      for (GuestLog.Write write : relevant) {
        if (write.offset <= from && write.offset + write.bytes >= to) {
          over.add(write);
        }
      }
      if (!over.isEmpty()) {
        wrong = segment(image, from, to, over, tick);
        if (wrong.isPresent()) {
          return wrong;
        }
      }
      from = to;
    }
    return Optional.empty();
  }

  /** What may be read in a range that all these writes cover. */
  private Optional<String> segment(
      BlockBackend image, long from, long to, List<GuestLog.Write> over, long tick)
      throws BlockIoException {
    long latestDurable = Long.MIN_VALUE;
    for (GuestLog.Write write : over) {
      if (isDurable(write, tick)) {
        latestDurable = Math.max(latestDurable, write.start);
      }
    }
    List<GuestLog.Write> allowed = new ArrayList<>();
    for (GuestLog.Write write : over) {
      if (write.end >= latestDurable) {
        allowed.add(write);
      }
    }
    boolean beforeAllowed = latestDurable == Long.MIN_VALUE;
    for (long at = from; at < to; at += CHUNK) {
      int bytes = (int) Math.min(CHUNK, to - at);
      byte[] found = read(image, at, bytes);
      for (int i = 0; i < bytes; ) {
        int count = (int) Math.min(bytes - i, SECTOR - (at + i) % SECTOR);
        if (!isAllowed(found, i, at + i, count, allowed, beforeAllowed)) {
          return Optional.of(describe(found, i, at + i, count, over, allowed, tick));
        }
        i += count;
      }
    }
    return Optional.empty();
  }

  private boolean isAllowed(
      byte[] found, int i, long offset, int count, List<GuestLog.Write> allowed, boolean orBefore) {
    for (GuestLog.Write write : allowed) {
      if (holds(write, found, i, offset, count)) {
        return true;
      }
    }
    return orBefore && Arrays.equals(found, i, i + count, original(offset, count), 0, count);
  }

  private byte[] original(long offset, int count) {
    byte[] original = new byte[count];
    before.read(offset, original, 0, count);
    return original;
  }

  private static boolean holds(GuestLog.Write write, byte[] found, int i, long offset, int count) {
    if (write.discard) {
      return true;
    }
    if (write.isZero()) {
      for (int k = i; k < i + count; k++) {
        if (found[k] != 0) {
          return false;
        }
      }
      return true;
    }
    int at = (int) (offset - write.offset);
    return Arrays.equals(found, i, i + count, write.data, at, at + count);
  }

  private String describe(
      byte[] found,
      int i,
      long offset,
      int count,
      List<GuestLog.Write> over,
      List<GuestLog.Write> allowed,
      long tick) {
    String what = "garbage, which nobody ever wrote there";
    if (Arrays.equals(found, i, i + count, original(offset, count), 0, count)) {
      what = "what was there at the start";
    }
    for (GuestLog.Write write : over) {
      if (!allowed.contains(write) && holds(write, found, i, offset, count)) {
        what = "older data";
      }
    }
    boolean durable = over.stream().anyMatch(write -> isDurable(write, tick));
    return (durable ? "lost: acknowledged and flushed data" : "wrong data")
        + " at offset "
        + offset
        + ": there is "
        + what;
  }

  private static byte[] read(BlockBackend image, long offset, int bytes) throws BlockIoException {
    byte[] found = new byte[bytes];
    long length = image.length();
    int there = (int) Math.max(0, Math.min(bytes, length - offset));
    if (there > 0) {
      image.read(offset, ByteBuffer.wrap(found, 0, there));
    }
    return found;
  }

  /** What nobody wrote to must be as before; what is a hole now and was one is not read. */
  private Optional<String> untouched(BlockBackend image, List<GuestLog.Write> relevant)
      throws BlockIoException {
    TreeSet<Long> pages = new TreeSet<>(before.pages().keySet());
    long length = image.length();
    for (long at = 0; at < length; ) {
      BlockStatus status = image.statusThroughChain(at, length - at);
      if (status.bytes() <= 0) {
        throw new IllegalStateException("a status of no bytes at " + at);
      }
      if (!status.zero()) {
        for (long page = at >> DiskContent.PAGE_BITS;
            page << DiskContent.PAGE_BITS < at + status.bytes();
            page++) {
          pages.add(page);
        }
      }
      at += status.bytes();
    }
    for (long page : pages) {
      Optional<String> wrong =
          untouched(image, page << DiskContent.PAGE_BITS, DiskContent.PAGE, relevant);
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    return Optional.empty();
  }

  private Optional<String> untouched(
      BlockBackend image, long offset, int bytes, List<GuestLog.Write> relevant)
      throws BlockIoException {
    for (GuestLog.Write write : relevant) {
      if (write.offset <= offset && write.offset + write.bytes >= offset + bytes) {
        return Optional.empty();
      }
    }
    byte[] found = read(image, offset, bytes);
    byte[] original = original(offset, bytes);
    for (int i = 0; i < bytes; i++) {
      if (found[i] != original[i] && !touched(offset + i, relevant)) {
        return Optional.of("wrong data at offset " + (offset + i) + ": nobody wrote there");
      }
    }
    return Optional.empty();
  }

  private static boolean touched(long offset, List<GuestLog.Write> relevant) {
    for (GuestLog.Write write : relevant) {
      if (write.offset <= offset && offset < write.offset + write.bytes) {
        return true;
      }
    }
    return false;
  }
}
