package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Preallocation;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;

/**
 * Compressed writes: each cluster is a part of the request. Clusters that are allocated already
 * cannot be written so; data that do not get smaller are written as usual.
 */
final class CompressedWriter {
  private final Metadata metadata;
  private final L2Tables tables;
  private final CompressedData compressed;
  private final GuestWriter plain;

  CompressedWriter(Metadata metadata, CompressedData compressed, GuestWriter plain) {
    this.metadata = metadata;
    this.tables = new L2Tables(metadata);
    this.compressed = compressed;
    this.plain = plain;
  }

  /** Whole clusters, or up to the end of the disk; without data it ends a run of such writes. */
  void write(long offset, ByteBuffer source) throws BlockIoException {
    if (metadata.externalData()) {
      throw new BlockIoException(Errno.ENOTSUP);
    }
    if (!source.hasRemaining()) {
      // Readers of the file ask for whole sectors: there should be something to read.
      metadata.file.truncate(metadata.file.length(), false, Preallocation.OFF);
      return;
    }
    Geometry geometry = metadata.geometry;
    long end = offset + source.remaining();
    if (geometry.offsetIntoCluster(offset) != 0
        || (geometry.offsetIntoCluster(end) != 0 && end != metadata.self().length())) {
      throw new BlockIoException(Errno.EINVAL);
    }
    Parts parts = new Parts(metadata.turns);
    try {
      long at = offset;
      while (source.hasRemaining() && !parts.failed()) {
        int bytes = Math.min(source.remaining(), geometry.clusterSize());
        boolean isRest = bytes == source.remaining();
        ByteBuffer piece = source.slice(source.position(), bytes);
        source.position(source.position() + bytes);
        long from = at;
        parts.run(isRest, () -> writeCluster(from, piece));
        at += bytes;
      }
    } finally {
      parts.finish();
    }
    parts.throwFailure();
  }

  private void writeCluster(long offset, ByteBuffer source) throws BlockIoException {
    ByteBuffer packed = compressed.pack(source);
    if (!packed.hasRemaining()) {
      plain.write(offset, source);
      return;
    }
    long host;
    metadata.lock.lock();
    try {
      host = place(offset, packed.remaining());
      metadata.overlap.beforeWrite(OverlapCheck.NONE, host, packed.remaining(), true);
    } finally {
      metadata.lock.unlock();
    }
    metadata.dataFile.announce(QemuEvents.WRITE_COMPRESSED, RequestType.WRITE, 0, 0);
    metadata.dataFile.write(host, packed, 0);
  }

  /** Finds room and links it; a later failure to write does not undo that. */
  private long place(long offset, int bytes) throws BlockIoException {
    L2Slice slice = tables.forWrite(offset);
    try {
      int index = tables.sliceIndex(offset);
      if ((slice.entry(index) & L2Entry.OFFSET_MASK) != 0) {
        throw new BlockIoException(Errno.EIO);
      }
      long host = metadata.refcounts.allocateBytes(bytes);
      metadata.announce(QemuEvents.L2_UPDATE_COMPRESSED, RequestType.WRITE);
      tables.markDirty(slice);
      slice.entry(index, L2Entry.compressed(host, bytes, metadata.geometry));
      slice.bitmap(index, 0);
      return host;
    } finally {
      tables.release(slice);
    }
  }
}
