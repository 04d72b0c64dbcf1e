package io.faultdisk.block;

import java.util.Optional;

/** How a node finds out what a range holds: asks the driver, then follows where it points. */
final class StatusPath {
  private final Node node;

  StatusPath(Node node) {
    this.node = node;
  }

  BlockStatus status(boolean precise, long offset, long bytes) throws BlockIoException {
    long total = node.length();
    if (offset >= total) {
      return BlockStatus.END;
    }
    if (bytes == 0) {
      return new BlockStatus(0, false, false, false, false, Optional.empty());
    }
    long clipped = Math.min(bytes, total - offset);
    long align = node.limits().requestAlignment();
    long start = offset & -align;
    long length = ((offset + clipped + align - 1) & -align) - start;
    Mapping mapping;
    try {
      mapping = node.driver().map(start, length, precise);
    } catch (BlockIoException e) {
      throw e.at("block-status", start, length, node.name());
    }
    long skip = offset - start;
    long found = Math.min(mapping.bytes() - skip, clipped);
    BlockStatus status = follow(mapping, precise, offset, skip, found);
    return status.withEnd(offset + status.bytes() == total);
  }

  private BlockStatus follow(Mapping mapping, boolean precise, long offset, long skip, long bytes)
      throws BlockIoException {
    return switch (mapping) {
      case Mapping.Forward(Node below, long at, _) -> {
        BlockStatus status =
            precise ? below.status(at + skip, bytes) : below.allocation(at + skip, bytes);
        yield new BlockStatus(
            status.bytes(), status.allocated(), status.data(), status.zero(), false, status.host());
      }
      case Mapping.Stored(Node below, long at, _, boolean askBelow) -> {
        var host = Optional.of(new BlockStatus.Place(below, at + skip));
        BlockStatus stored = new BlockStatus(bytes, true, true, false, false, host);
        yield precise && askBelow ? refine(stored, below, at + skip) : stored;
      }
      case Mapping.Data(long at, _) -> {
        var host = Optional.of(new BlockStatus.Place(node, at + skip));
        yield new BlockStatus(bytes, true, true, false, false, host);
      }
      case Mapping.ZeroData(long at, _) -> {
        var host = Optional.of(new BlockStatus.Place(node, at + skip));
        yield new BlockStatus(bytes, true, true, true, false, host);
      }
      case Mapping.Hole(long at, _) -> {
        var host = Optional.of(new BlockStatus.Place(node, at + skip));
        yield new BlockStatus(bytes, true, false, true, false, host);
      }
      case Mapping.Encoded(_) -> new BlockStatus(bytes, true, true, false, false, Optional.empty());
      case Mapping.Zero(_, var host) ->
          new BlockStatus(bytes, true, false, true, false, shifted(host, skip));
      case Mapping.Unallocated(_, var host) ->
          new BlockStatus(
              bytes, false, false, readsAsZero(precise, offset), false, shifted(host, skip));
    };
  }

  /**
   * Whether what this image does not hold reads as zero for want of a backing file, or because that
   * is shorter. Its length is only looked at for a precise answer.
   */
  private boolean readsAsZero(boolean precise, long offset) {
    Optional<Node> backing = node.backing();
    if (backing.isEmpty()) {
      return node.type().supportsBacking();
    }
    if (!precise) {
      return false;
    }
    try {
      return offset >= backing.get().length();
    } catch (BlockIoException e) {
      return false; // nothing is known, so nothing is claimed
    }
  }

  private static Optional<BlockStatus.Place> shifted(Optional<BlockStatus.Place> host, long skip) {
    return host.map(place -> new BlockStatus.Place(place.node(), place.offset() + skip));
  }

  /** The node that stores the data may know that it reads as zero, or that its file is shorter. */
  private static BlockStatus refine(BlockStatus stored, Node below, long at)
      throws BlockIoException {
    BlockStatus inner;
    try {
      inner = below.status(at, stored.bytes());
    } catch (BlockIoException e) {
      return stored; // a refinement only: what is known stays true
    }
    if (inner.end() && (inner.bytes() == 0 || inner.zero())) {
      return new BlockStatus(stored.bytes(), true, true, true, false, stored.host());
    }
    return new BlockStatus(inner.bytes(), true, true, inner.zero(), false, stored.host());
  }
}
