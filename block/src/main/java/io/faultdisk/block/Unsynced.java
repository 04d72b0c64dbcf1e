package io.faultdisk.block;

import java.util.List;

/**
 * What a volatile cache holds that a power cut may take.
 *
 * @param writes how many writes, write-zeroes and discards were acknowledged since the last
 *     completed flush, those written back early included; their numbers are 1 to this
 * @param held how many of them are still in the cache only
 * @param bytes how many bytes of the disk they cover together
 * @param ranges which, in ascending order, without overlaps
 * @param dropped how many acknowledged writes a failed flush has dropped that can still be read: no
 *     flush will ever make them durable
 */
public record Unsynced(long writes, long held, long bytes, List<Range> ranges, long dropped) {

  /** Copies the list. */
  public Unsynced {
    ranges = List.copyOf(ranges);
  }

  /** A part of the disk in bytes. */
  public record Range(long offset, long bytes) {}
}
