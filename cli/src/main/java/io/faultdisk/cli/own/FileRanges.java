package io.faultdisk.cli.own;

import io.faultdisk.posix.FileExtent;
import io.faultdisk.posix.FileExtent.Trait;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The sectors that hold a file, and what is to be known about them.
 *
 * @param ranges in the order of the file
 * @param warnings one sentence each
 */
record FileRanges(List<Range> ranges, List<String> warnings) {

  /**
   * Sectors of 512 bytes that hold a piece of the file.
   *
   * @param offset where the piece begins in the file, in bytes
   * @param bytes how long it is, up to the end of its last block
   * @param start its first sector
   * @param sectors how many
   * @param traits as in {@link FileExtent}
   */
  record Range(long offset, long bytes, long start, long sectors, Set<Trait> traits) {
    private boolean continues(Range before) {
      return offset == before.offset + before.bytes
          && start == before.start + before.sectors
          && traits.equals(before.traits);
    }

    private Range joined(Range next) {
      return new Range(offset, bytes + next.bytes, start, sectors + next.sectors, traits);
    }
  }

  /**
   * Cuts off what lies beyond the file's last block, and joins what lies in one piece.
   *
   * @param size of the file in bytes
   * @param blockBytes of the file system
   */
  static FileRanges of(List<FileExtent> extents, long size, int blockBytes, HoldingDevice device) {
    long end = (size + blockBytes - 1) / blockBytes * blockBytes;
    List<Range> ranges = new ArrayList<>();
    Set<Trait> traits = EnumSet.noneOf(Trait.class);
    long unplaced = 0;
    long covered = 0;
    for (FileExtent extent : extents) {
      long bytes = Math.min(extent.bytes(), end - extent.offset());
      if (bytes <= 0) {
        continue;
      }
      covered += Math.min(bytes, Math.max(0, size - extent.offset()));
      traits.addAll(extent.traits());
      if (!extent.isPlaced()) {
        unplaced++;
        continue;
      }
      add(ranges, range(extent, bytes));
    }
    List<String> warnings = new ArrayList<>();
    if (unplaced > 0) {
      warnings.add(
          count(unplaced, "extent has", "extents have")
              + " no place on the device yet and"
              + (unplaced == 1 ? " is" : " are")
              + " left out: sync, and ask again");
    }
    for (Trait trait : traits) {
      warn(warnings, trait);
    }
    if (covered < size && !extents.isEmpty()) {
      warnings.add((size - covered) + " bytes of the file are holes, which no sector holds");
    }
    if (device.fileSystem().equals("btrfs")) {
      warnings.add(
          "btrfs tells places in an address space of its own, not sectors of a device: the ranges"
              + " are right only if it maps them one to one");
    } else if (!device.isBlockDevice()) {
      warnings.add(
          "the file system ("
              + device.fileSystem()
              + " on "
              + device.name()
              + ") has no block device of its own: the sectors are those of whatever holds its"
              + " files");
    }
    return new FileRanges(List.copyOf(ranges), List.copyOf(warnings));
  }

  private static Range range(FileExtent extent, long bytes) {
    int sector = HoldingDevice.SECTOR_BYTES;
    long start = extent.physical() / sector;
    long last = (Math.addExact(extent.physical(), bytes) + sector - 1) / sector;
    return new Range(extent.offset(), bytes, start, last - start, extent.traits());
  }

  private static void add(List<Range> ranges, Range next) {
    if (!ranges.isEmpty() && next.continues(ranges.getLast())) {
      ranges.set(ranges.size() - 1, ranges.getLast().joined(next));
    } else {
      ranges.add(next);
    }
  }

  private static void warn(List<String> warnings, Trait trait) {
    switch (trait) {
      case UNKNOWN, DELAYED, UNALIGNED -> {
        // said above, or without consequence
      }
      case ENCODED -> warnings.add("the file is stored encoded, compressed for example");
      case ENCRYPTED -> warnings.add("the file is stored encrypted");
      case INLINE ->
          warnings.add(
              "the file lies among the file system's metadata: its sectors hold other things, too");
      case TAIL -> warnings.add("the end of the file shares its block with other files");
      case UNWRITTEN ->
          warnings.add(
              "some extents are allocated but not written: they read as zeroes without a request"
                  + " to the device");
      case SHARED ->
          warnings.add("some extents are shared with other files, which the rules hit, too");
    }
  }

  private static String count(long count, String one, String many) {
    return count + " " + (count == 1 ? one : many);
  }
}
