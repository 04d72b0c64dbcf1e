package io.faultdisk.cli.img;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BackingChain;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockStatus;
import io.faultdisk.block.Node;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.posix.AlignedBuffers;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.DoubleConsumer;

/**
 * Makes an image independent of the difference between its backing file and another one: where it
 * holds nothing itself and the two differ, it is given what the old one holds.
 *
 * <p>For one thread, used once. Source: the order of requests of QEMU 7.2, qemu-img.c.
 */
final class RebaseCopy {
  private static final int CHUNK = 2 << 20;
  private static final int ALIGNMENT = 4096;

  /**
   * A backing file, or none.
   *
   * @param length its bytes; 0 if there is none
   */
  record Backing(Optional<BlockBackend> image, long length) {}

  private final BlockBackend image;
  private final Node overlay;
  private final Backing before;
  private final Backing after;
  private final Optional<Node> common;
  private final DoubleConsumer progress;
  private final ByteBuffer old = AlignedBuffers.allocate(CHUNK, ALIGNMENT);
  private final ByteBuffer next = AlignedBuffers.allocate(CHUNK, ALIGNMENT);

  /**
   * A rebase that has not begun.
   *
   * @param common the new backing file, if it is part of the old chain: what the images between
   *     hold nothing of is the same in both
   * @param progress told how many percent more are done
   */
  RebaseCopy(
      BlockBackend image,
      Backing before,
      Backing after,
      Optional<Node> common,
      DoubleConsumer progress) {
    this.image = image;
    this.overlay = BackingChain.skipFilters(image.root());
    this.before = before;
    this.after = after;
    this.common = common;
    this.progress = progress;
  }

  /**
   * Goes through an image of that length.
   *
   * @throws UsageException with the text for the user, at the first failure
   */
  void run(long length) throws UsageException {
    float step = length == 0 ? 0 : 100f / (length / Math.min(length, CHUNK));
    long offset = 0;
    while (offset < length) {
      BlockStatus held = allocation(offset, Math.min(CHUNK, length - offset));
      if (!held.allocated() && held.bytes() > 0) {
        offset += settle(offset, (int) held.bytes());
        progress.accept(step);
      } else {
        offset += held.bytes();
      }
    }
  }

  /** Whether the overlay, or with a common backing file anything above that, holds a range. */
  private BlockStatus allocation(long offset, long bytes) throws UsageException {
    try {
      BlockStatus status = overlay.allocation(offset, bytes);
      Optional<Node> below = overlay.backing();
      if (status.allocated() || common.isEmpty() || below.isEmpty()) {
        return status;
      }
      BlockStatus between =
          BackingChain.allocation(below.get(), common, false, offset, status.bytes()).status();
      // What lies between is to be looked at; what does not is as good as held.
      return new BlockStatus(
          between.bytes(), !between.allocated(), false, false, false, Optional.empty());
    } catch (BlockIoException e) {
      throw new UsageException("error while reading image metadata: " + e.errno().text());
    }
  }

  /** Compares what both backing files show, and writes what differs; returns how far it went. */
  private int settle(long offset, int wanted) throws UsageException {
    boolean oldIsZero = offset >= before.length();
    int bytes = read(before, offset, wanted, old, "old");
    bytes = read(after, offset, bytes, next, "new");
    int at = 0;
    while (at < bytes) {
      int same = SectorScan.sameBytes(old, next, at, bytes - at);
      at += same;
      int different = SectorScan.differentBytes(old, next, at, bytes - at);
      if (different > 0) {
        write(offset + at, at, different, oldIsZero);
      }
      at += different;
    }
    return bytes;
  }

  /** Reads as much as there is before the end of the backing file; zeroes behind it. */
  private static int read(Backing backing, long offset, int wanted, ByteBuffer buffer, String which)
      throws UsageException {
    buffer.clear();
    if (backing.image().isEmpty() || offset >= backing.length()) {
      SectorScan.zero(buffer, 0, wanted);
      return wanted;
    }
    int bytes = (int) Math.min(wanted, backing.length() - offset);
    try {
      backing.image().get().read(offset, buffer.limit(bytes));
    } catch (BlockIoException e) {
      throw new UsageException("error while reading from " + which + " backing file");
    }
    buffer.clear();
    return bytes;
  }

  private void write(long offset, int from, int bytes, boolean zero) throws UsageException {
    try {
      if (zero) {
        image.writeZeroes(offset, bytes, RequestFlags.NONE);
      } else {
        image.write(offset, old.clear().limit(from + bytes).position(from), RequestFlags.NONE);
        old.clear();
      }
    } catch (BlockIoException e) {
      throw new UsageException("Error while writing to COW image: " + e.errno().text());
    }
  }
}
