package io.faultdisk.block.quorum;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.Node;
import io.faultdisk.block.Permission;
import io.faultdisk.block.RequestFlags;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Asks all children and believes what enough of them say. Any thread. */
final class QuorumDriver implements BlockDriver {
  private final List<Node> children;
  private final int threshold;
  private final boolean firstThatReads;
  private final boolean rewrite;

  /**
   * Over children of equal length.
   *
   * @param threshold how many must agree
   * @param firstThatReads a read takes the first child that can be read, without a vote
   * @param rewrite children that were outvoted get the right data
   */
  QuorumDriver(List<Node> children, int threshold, boolean firstThatReads, boolean rewrite) {
    this.children = List.copyOf(children);
    this.threshold = threshold;
    this.firstThatReads = firstThatReads;
    this.rewrite = rewrite;
  }

  /** One request to one child. */
  private interface Request {
    void to(Node child) throws BlockIoException;
  }

  /** Sends a request to all; fails if fewer than the threshold succeed, with the usual error. */
  private void all(Request request) throws BlockIoException {
    List<BlockIoException> failures = new ArrayList<>();
    for (Node child : children) {
      try {
        request.to(child);
      } catch (BlockIoException e) {
        failures.add(e);
      }
    }
    requireEnough(failures);
  }

  private void requireEnough(List<BlockIoException> failures) throws BlockIoException {
    if (children.size() - failures.size() < threshold) {
      throw mostFrequent(failures);
    }
  }

  private static BlockIoException mostFrequent(List<BlockIoException> failures) {
    Map<Errno, Integer> votes = new HashMap<>();
    failures.forEach(failure -> votes.merge(failure.errno(), 1, Integer::sum));
    BlockIoException winner = failures.get(0);
    for (BlockIoException failure : failures) {
      if (votes.getOrDefault(failure.errno(), 0) > votes.getOrDefault(winner.errno(), 0)) {
        winner = failure;
      }
    }
    return winner;
  }

  @Override
  public void read(long offset, ByteBuffer target) throws BlockIoException {
    if (firstThatReads) {
      readFirst(offset, target);
    } else {
      readVote(offset, target);
    }
  }

  private void readFirst(long offset, ByteBuffer target) throws BlockIoException {
    List<BlockIoException> failures = new ArrayList<>();
    int start = target.position();
    for (Node child : children) {
      try {
        child.read(offset, target.position(start));
        return;
      } catch (BlockIoException e) {
        failures.add(e);
      }
    }
    throw mostFrequent(failures);
  }

  private void readVote(long offset, ByteBuffer target) throws BlockIoException {
    List<BlockIoException> failures = new ArrayList<>();
    Map<Node, ByteBuffer> contents = new HashMap<>();
    for (Node child : children) {
      ByteBuffer content = ByteBuffer.allocate(target.remaining());
      try {
        child.read(offset, content);
        contents.put(child, content.flip());
      } catch (BlockIoException e) {
        failures.add(e);
      }
    }
    requireEnough(failures);
    ByteBuffer winner = winner(contents);
    target.put(winner.duplicate());
    if (rewrite) {
      correct(offset, contents, winner);
    }
  }

  /** The content that most children have; of two that are equally frequent the first child's. */
  private ByteBuffer winner(Map<Node, ByteBuffer> contents) throws BlockIoException {
    Map<ByteBuffer, Integer> votes = new HashMap<>();
    contents.values().forEach(content -> votes.merge(content, 1, Integer::sum));
    @Nullable ByteBuffer winner = null;
    for (Node child : children) {
      ByteBuffer content = contents.get(child);
      if (content != null
          && (winner == null || votes.getOrDefault(content, 0) > votes.getOrDefault(winner, 0))) {
        winner = content;
      }
    }
    if (winner == null || votes.getOrDefault(winner, 0) < threshold) {
      throw new BlockIoException(Errno.EIO);
    }
    return winner;
  }

  private void correct(long offset, Map<Node, ByteBuffer> contents, ByteBuffer winner) {
    for (Node child : children) {
      if (!winner.equals(contents.get(child))) {
        try {
          child.write(offset, winner.duplicate(), RequestFlags.WRITE_UNCHANGED);
        } catch (BlockIoException e) {
          // It stays outvoted; the read itself was good.
        }
      }
    }
  }

  @Override
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    all(child -> child.write(offset, source.duplicate(), flags));
    source.position(source.limit());
  }

  @Override
  public void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    all(child -> child.writeZeroes(offset, bytes, flags));
  }

  @Override
  public boolean writesZeroes() {
    return true;
  }

  @Override
  public int writeFlags() {
    return RequestFlags.WRITE_UNCHANGED;
  }

  @Override
  public Mapping map(long offset, long bytes, boolean precise) {
    return new Mapping.Data(offset, bytes);
  }

  @Override
  public long length() throws BlockIoException {
    long length = children.get(0).length();
    for (Node child : children) {
      if (child.length() != length) {
        throw new BlockIoException(Errno.EIO);
      }
    }
    return length;
  }

  @Override
  public void close() {}

  @Override
  public OptionalLong allocatedSize() {
    long sum = 0;
    for (Node child : children) {
      OptionalLong size = child.allocatedSize();
      if (size.isEmpty()) {
        return size;
      }
      sum += size.getAsLong();
    }
    return OptionalLong.of(sum);
  }

  @Override
  public Permission.Wish childWish(ChildRole role, Permission.Wish wish, boolean writable) {
    return wish(wish, rewrite);
  }

  /** Whoever else wrote to a child, or resized it, would make it differ from the others. */
  static Permission.Wish wish(Permission.Wish wish, boolean rewrite) {
    return new Permission.Wish(
        wish.taken() | (rewrite ? Permission.WRITE : 0),
        wish.shared() & (Permission.CONSISTENT_READ | Permission.WRITE_UNCHANGED));
  }
}
