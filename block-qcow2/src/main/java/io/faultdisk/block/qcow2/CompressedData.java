package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.qcow2.codec.Codec;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/**
 * Compressed clusters: reading them, and the work of packing and unpacking, of which only so many
 * go on at a time.
 */
final class CompressedData {
  private static final int WORKERS_MAX = 4;

  private final Metadata metadata;

  // Both under the metadata lock.
  private final Waiters idle = new Waiters();
  private int working;

  CompressedData(Metadata metadata) {
    this.metadata = metadata;
  }

  /**
   * Reads from one compressed cluster.
   *
   * @param entry its L2 entry
   * @param offset guest offset of the first byte that is wanted
   */
  void read(long entry, long offset, ByteBuffer target) throws BlockIoException {
    Geometry geometry = metadata.geometry;
    byte[] data = new byte[L2Entry.compressedBytes(entry, geometry)];
    metadata.announce(QemuEvents.READ_COMPRESSED, RequestType.READ);
    metadata.file.read(L2Entry.compressedOffset(entry, geometry), ByteBuffer.wrap(data));
    byte[] cluster = new byte[geometry.clusterSize()];
    Codec codec = codec();
    if (!work(() -> codec.decompress(data, cluster))) {
      throw new BlockIoException(Errno.EIO);
    }
    target.put(cluster, (int) geometry.offsetIntoCluster(offset), target.remaining());
  }

  /**
   * Packs a cluster; what is missing of it in {@code source} counts as zeroes.
   *
   * @return the packed bytes, nothing remaining if that saves no space
   */
  ByteBuffer pack(ByteBuffer source) {
    byte[] cluster = new byte[metadata.geometry.clusterSize()];
    source.get(source.position(), cluster, 0, source.remaining());
    byte[] packed = new byte[cluster.length - 1];
    Codec codec = codec();
    int bytes = work(() -> codec.compress(cluster, packed));
    return ByteBuffer.wrap(packed, 0, Math.max(bytes, 0));
  }

  /** Computes outside of the metadata lock, when it is this one's turn. */
  private <T> T work(Supplier<T> task) {
    metadata.lock.lock();
    while (working >= WORKERS_MAX) {
      idle.await(metadata.turns, metadata.lock);
    }
    working++;
    metadata.lock.unlock();
    try {
      metadata.turns.pass();
      return task.get();
    } finally {
      metadata.lock.lock();
      working--;
      idle.wakeOne(metadata.turns);
      metadata.lock.unlock();
    }
  }

  private Codec codec() {
    return metadata.header.compression() == Header.COMPRESSION_ZSTD ? Codec.ZSTD : Codec.ZLIB;
  }
}
