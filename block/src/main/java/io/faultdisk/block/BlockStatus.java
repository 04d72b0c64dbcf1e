package io.faultdisk.block;

import java.util.Optional;

/**
 * What is known about a range of a node.
 *
 * @param bytes how many bytes from the asked offset on this covers; 0 at the end of the image
 * @param allocated the image itself decides the content (rather than a backing file)
 * @param data the content is stored somewhere
 * @param zero the content reads as zero
 * @param end the range reaches the end of the image
 * @param host where it is stored, if there is one place
 */
public record BlockStatus(
    long bytes, boolean allocated, boolean data, boolean zero, boolean end, Optional<Place> host) {

  /** An offset in a node. */
  public record Place(Node node, long offset) {}

  /** The answer for an offset at or behind the end. */
  static final BlockStatus END = new BlockStatus(0, false, false, false, true, Optional.empty());

  BlockStatus withEnd(boolean reached) {
    return reached == end ? this : new BlockStatus(bytes, allocated, data, zero, reached, host);
  }
}
