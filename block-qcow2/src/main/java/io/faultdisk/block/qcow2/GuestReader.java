package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.qcow2.ClusterMap.Stretch;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads of guest data: each stretch of equal kind is a part of the request. The metadata lock is
 * held while a stretch is looked up, not while it is read.
 */
final class GuestReader {
  private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(64 << 10).asReadOnlyBuffer();

  private final Metadata metadata;
  private final ClusterMap map;
  private final CompressedData compressed;
  private final QuickLookup quick;

  GuestReader(Metadata metadata) {
    this(metadata, new ClusterMap(metadata), new CompressedData(metadata));
  }

  GuestReader(Metadata metadata, ClusterMap map, CompressedData compressed) {
    this.metadata = metadata;
    this.map = map;
    this.compressed = compressed;
    this.quick = new QuickLookup(metadata);
  }

  void read(long offset, ByteBuffer target) throws BlockIoException {
    long host = quick.forRead(offset, target.remaining());
    if (host == QuickLookup.MISS) {
      readStretches(offset, target);
    } else if (host == QuickLookup.ZEROES) {
      zero(target);
    } else {
      readData(host, target);
    }
  }

  private void readData(long host, ByteBuffer target) throws BlockIoException {
    metadata.announce(QemuEvents.READ_AIO, RequestType.READ);
    metadata.dataFile.read(host, target);
  }

  private void readStretches(long offset, ByteBuffer target) throws BlockIoException {
    Parts parts = new Parts(metadata.turns);
    try {
      long at = offset;
      while (target.hasRemaining() && !parts.failed()) {
        Stretch stretch = find(at, target.remaining());
        int bytes = (int) stretch.bytes();
        boolean isRest = bytes == target.remaining();
        ByteBuffer piece = target.slice(target.position(), bytes);
        target.position(target.position() + bytes);
        if (readsAsZero(stretch)) {
          zero(piece);
        } else {
          long from = at;
          parts.run(isRest, () -> read(stretch, from, piece));
        }
        at += bytes;
      }
    } finally {
      parts.finish();
    }
    parts.throwFailure();
  }

  private Stretch find(long offset, long bytes) throws BlockIoException {
    metadata.lock.lock();
    try {
      return map.find(offset, bytes);
    } finally {
      metadata.lock.unlock();
    }
  }

  private boolean readsAsZero(Stretch stretch) {
    return stretch.type().isZero()
        || (stretch.type().isUnallocated() && metadata.self().backing().isEmpty());
  }

  private void read(Stretch stretch, long offset, ByteBuffer target) throws BlockIoException {
    switch (stretch.type()) {
      case NORMAL -> readData(stretch.host(), target);
      case UNALLOCATED_PLAIN, UNALLOCATED_ALLOCATED -> readBacking(offset, target);
      case COMPRESSED -> compressed.read(stretch.host(), offset, target);
      case ZERO_PLAIN, ZERO_ALLOCATED -> zero(target);
    }
  }

  private void readBacking(long offset, ByteBuffer target) throws BlockIoException {
    Optional<Node> backing = metadata.self().backing();
    if (backing.isEmpty()) {
      zero(target); // it was detached while the request ran
      return;
    }
    metadata.announce(QemuEvents.READ_BACKING_AIO, RequestType.READ);
    backing.get().read(offset, target);
  }

  static void zero(ByteBuffer target) {
    while (target.hasRemaining()) {
      int bytes = Math.min(target.remaining(), ZEROES.capacity());
      target.put(target.position(), ZEROES, 0, bytes);
      target.position(target.position() + bytes);
    }
  }
}
