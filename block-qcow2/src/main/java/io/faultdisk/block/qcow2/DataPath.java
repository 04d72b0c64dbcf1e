package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockStatus;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.qcow2.ClusterMap.Stretch;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Reads and writes of guest data. Any thread, without the metadata lock. */
final class DataPath {
  private final Metadata metadata;
  private final ClusterMap map;
  private final ClusterDrop drop;
  private final GuestReader reader;
  private final GuestWriter writer;
  private final CompressedWriter compressedWriter;
  private final MetadataPreallocation preallocation;

  DataPath(Metadata metadata) {
    this.metadata = metadata;
    this.map = new ClusterMap(metadata);
    this.drop = new ClusterDrop(metadata);
    CompressedData compressed = new CompressedData(metadata);
    this.reader = new GuestReader(metadata, map, compressed);
    this.writer = new GuestWriter(metadata, new ClusterWriter(metadata, reader));
    this.compressedWriter = new CompressedWriter(metadata, compressed, writer);
    this.preallocation = new MetadataPreallocation(metadata);
  }

  /** Also behind the end of the disk, where the state of a virtual machine is kept. */
  void read(long offset, ByteBuffer target) throws BlockIoException {
    reader.read(offset, target);
  }

  /** Also behind the end of the disk. */
  void write(long offset, ByteBuffer source) throws BlockIoException {
    writer.write(offset, source);
  }

  /**
   * Writes whole clusters (the last one of the disk may be shorter); without data it ends a run of
   * compressed writes.
   *
   * @throws BlockIoException EINVAL if they are not whole, EIO if one is allocated already
   */
  void writeCompressed(long offset, ByteBuffer source) throws BlockIoException {
    compressedWriter.write(offset, source);
  }

  /**
   * Makes a range read as zero; parts of a subcluster only if the rest of it does so already.
   *
   * @throws BlockIoException ENOTSUP if it does not
   */
  void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    int unit = metadata.geometry.subclusterSize();
    long end = offset + bytes;
    long head = offset & (unit - 1);
    long tail = end == metadata.self().length() ? 0 : -end & (unit - 1);
    boolean whole = head == 0 && tail == 0;
    if (!whole
        && !(metadata.self().readsAsZero(offset - head, head)
            && metadata.self().readsAsZero(end, tail))) {
      throw new BlockIoException(Errno.ENOTSUP);
    }
    metadata.lock.lock();
    try {
      if (whole) {
        drop.zeroize(offset, bytes, flags);
      } else {
        requireNoData(offset - head, unit);
        drop.zeroize(offset - head, unit, flags);
      }
    } finally {
      metadata.lock.unlock();
    }
  }

  /** Somebody may have written there since we looked. */
  private void requireNoData(long offset, int bytes) throws BlockIoException {
    ClusterMap.Type type = map.find(offset, bytes).type();
    if (!type.isZero() && !type.isUnallocated()) {
      throw new BlockIoException(Errno.ENOTSUP);
    }
  }

  /**
   * Gives clusters up.
   *
   * @throws BlockIoException ENOTSUP for parts of a cluster, and if old data of a backing file
   *     would come to light
   */
  void discard(long offset, long bytes) throws BlockIoException {
    Geometry geometry = metadata.geometry;
    boolean wholeStart = geometry.offsetIntoCluster(offset) == 0;
    boolean wholeEnd =
        geometry.offsetIntoCluster(bytes) == 0 || offset + bytes == metadata.self().length();
    boolean exposesBacking = geometry.version() < 3 && metadata.self().backing().isPresent();
    if (exposesBacking || !wholeStart || !wholeEnd) {
      throw new BlockIoException(Errno.ENOTSUP);
    }
    metadata.lock.lock();
    try {
      drop.discard(offset, bytes, DiscardType.REQUEST, false);
    } finally {
      metadata.lock.unlock();
    }
  }

  Mapping map(long offset, long bytes, boolean precise) throws BlockIoException {
    Stretch stretch;
    boolean askBelow;
    metadata.lock.lock();
    try {
      askBelow = preallocation.isLikely();
      stretch = map.find(offset, Math.min(bytes, Integer.MAX_VALUE));
    } finally {
      metadata.lock.unlock();
    }
    long found = stretch.bytes();
    return switch (stretch.type()) {
      case NORMAL -> new Mapping.Stored(metadata.dataFile, stretch.host(), found, askBelow);
      case COMPRESSED -> new Mapping.Encoded(found);
      case ZERO_PLAIN -> new Mapping.Zero(found);
      case ZERO_ALLOCATED -> new Mapping.Zero(found, place(stretch));
      case UNALLOCATED_PLAIN -> new Mapping.Unallocated(found);
      case UNALLOCATED_ALLOCATED -> new Mapping.Unallocated(found, place(stretch));
    };
  }

  private Optional<BlockStatus.Place> place(Stretch stretch) {
    return Optional.of(new BlockStatus.Place(metadata.dataFile, stretch.host()));
  }
}
