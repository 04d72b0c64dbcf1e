package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * How often each cluster of the image file is referred to, as a check finds out: refcount blocks as
 * they would be on disk, made when something in them is counted.
 *
 * <p>A long file with few clusters in use therefore needs little memory. One check, one thread.
 */
final class ReferenceCounts {
  /** More clusters than this no check can deal with. */
  static final long CLUSTERS_MAX = Integer.MAX_VALUE;

  /** Stands for a block in which nothing is counted. */
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final int order;
  private final long max;
  private final int blockBytes;
  private final int entryBits;
  private final int entryMask;
  private ByteBuffer[] blocks = {};
  private long clusters;

  /**
   * All zero.
   *
   * @param clusters length of the image file in clusters; it may grow
   */
  ReferenceCounts(Geometry geometry, long clusters) throws BlockIoException {
    order = geometry.refcountOrder();
    max = order == 6 ? -1 : geometry.refcountMax();
    blockBytes = geometry.clusterSize();
    entryBits = Integer.numberOfTrailingZeros(geometry.refcountBlockEntries());
    entryMask = geometry.refcountBlockEntries() - 1;
    growTo(clusters);
  }

  /** How many clusters are counted. */
  long clusters() {
    return clusters;
  }

  /** Entries of one block. */
  int blockEntries() {
    return entryMask + 1;
  }

  /** Index of the block that counts a cluster. */
  long blockOf(long cluster) {
    return cluster >>> entryBits;
  }

  /** Makes it longer; the new clusters are not referred to. ENOMEM beyond what is possible. */
  void growTo(long newClusters) throws BlockIoException {
    if (newClusters < 0 || newClusters > CLUSTERS_MAX) {
      throw new BlockIoException(Errno.ENOMEM);
    }
    clusters = Math.max(clusters, newClusters);
  }

  /** References to a cluster, unsigned; 0 behind the end. */
  long get(long cluster) {
    ByteBuffer block = existing(blockOf(cluster));
    return block.capacity() == 0 ? 0 : RefcountFormat.get(block, order, (int) cluster & entryMask);
  }

  /** Sets a count. */
  void set(long cluster, long count) throws BlockIoException {
    RefcountFormat.set(made(blockOf(cluster)), order, (int) cluster & entryMask, count);
  }

  /** One more reference; false if the count is at its maximum and stays there. */
  boolean increment(long cluster) throws BlockIoException {
    ByteBuffer block = made(blockOf(cluster));
    int index = (int) cluster & entryMask;
    long count = RefcountFormat.get(block, order, index);
    if (count == max) {
      return false;
    }
    RefcountFormat.set(block, order, index, count + 1);
    return true;
  }

  /** Whether nothing is counted in a whole block, as far as is known without looking into it. */
  boolean nothingIn(long blockIndex) {
    return existing(blockIndex).capacity() == 0;
  }

  /** A whole block as it is to be on disk, ready to be written; one that counts something. */
  ByteBuffer block(long blockIndex) {
    return existing(blockIndex).duplicate().clear();
  }

  /** Forgets all references. */
  void clear() {
    Arrays.fill(blocks, NOTHING);
  }

  private ByteBuffer existing(long blockIndex) {
    return blockIndex < blocks.length ? blocks[(int) blockIndex] : NOTHING;
  }

  private ByteBuffer made(long blockIndex) throws BlockIoException {
    ByteBuffer block = existing(blockIndex);
    return block.capacity() == 0 ? make((int) blockIndex) : block;
  }

  private ByteBuffer make(int blockIndex) throws BlockIoException {
    try {
      int old = blocks.length;
      if (blockIndex >= old) {
        blocks = Arrays.copyOf(blocks, Math.max(blockIndex + 1, old + (old >> 1)));
        Arrays.fill(blocks, old, blocks.length, NOTHING);
      }
      blocks[blockIndex] = ByteBuffer.allocate(blockBytes);
    } catch (OutOfMemoryError e) {
      throw new BlockIoException(Errno.ENOMEM);
    }
    return blocks[blockIndex];
  }
}
