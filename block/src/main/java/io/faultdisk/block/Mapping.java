package io.faultdisk.block;

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

  /** The bytes read as zero and belong to this image. */
  record Zero(long bytes) implements Mapping {}

  /** This image says nothing about the bytes: they come from its backing file, or read as zero. */
  record Unallocated(long bytes) implements Mapping {}
}
