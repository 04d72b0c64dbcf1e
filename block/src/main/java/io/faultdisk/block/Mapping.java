package io.faultdisk.block;

import java.util.Optional;

/** A driver's answer to "where do these bytes come from?". */
public sealed interface Mapping {
  /** How many bytes from the asked offset on the answer covers; more than 0. */
  long bytes();

  /** Ask {@code node} at {@code offset}: this node only passes the data on. */
  record Forward(Node node, long offset, long bytes) implements Mapping {}

  /** The bytes are stored in this node itself, at {@code offset}. */
  record Data(long offset, long bytes) implements Mapping {}

  /**
   * The bytes lie in {@code node} at {@code offset}; that node may still know that they read as
   * zero.
   */
  record Stored(Node node, long offset, long bytes, boolean askBelow) implements Mapping {}

  /** The bytes are stored in a way that has no place of its own, such as compressed. */
  record Encoded(long bytes) implements Mapping {}

  /** The same, and they are known to read as zero. */
  record ZeroData(long offset, long bytes) implements Mapping {}

  /** The bytes read as zero; their place is in this node itself, at {@code offset}. */
  record Hole(long offset, long bytes) implements Mapping {}

  /**
   * The bytes read as zero and belong to this image.
   *
   * @param host room that is kept for them all the same
   */
  record Zero(long bytes, Optional<BlockStatus.Place> host) implements Mapping {
    /** Without room kept for them. */
    public Zero(long bytes) {
      this(bytes, Optional.empty());
    }
  }

  /**
   * This image says nothing about the bytes: they come from its backing file, or read as zero.
   *
   * @param host room that is kept for them all the same
   */
  record Unallocated(long bytes, Optional<BlockStatus.Place> host) implements Mapping {
    /** Without room kept for them. */
    public Unallocated(long bytes) {
      this(bytes, Optional.empty());
    }
  }
}
