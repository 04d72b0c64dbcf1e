package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.block.qcow2.ClusterWriter.Placement;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes of guest data: room for as much as lies together in the file is a part of the request. The
 * metadata lock is held while room is sought and while it is linked, not while data are written.
 */
final class GuestWriter {
  private final Metadata metadata;
  private final ClusterWriter clusters;
  private final QuickLookup quick;

  GuestWriter(Metadata metadata, ClusterWriter clusters) {
    this.metadata = metadata;
    this.clusters = clusters;
    this.quick = new QuickLookup(metadata);
  }

  void write(long offset, ByteBuffer source) throws BlockIoException {
    long host = quick.forWrite(offset, source.remaining());
    if (host != QuickLookup.MISS && !hitsMetadata(host, source.remaining())) {
      writeData(host, source);
      passLock();
    } else {
      writePlaces(offset, source);
    }
  }

  /** The ordinary way finds the same and reports it. */
  private boolean hitsMetadata(long host, int bytes) throws BlockIoException {
    return !metadata.externalData()
        && metadata.overlap.hit(OverlapCheck.NONE, host, bytes) != OverlapCheck.NONE;
  }

  private void writeData(long host, ByteBuffer source) throws BlockIoException {
    metadata.announce(QemuEvents.WRITE_AIO, RequestType.WRITE);
    metadata.dataFile.write(host, source, 0);
  }

  private void writePlaces(long offset, ByteBuffer source) throws BlockIoException {
    Parts parts = new Parts(metadata.turns);
    try {
      long at = offset;
      while (source.hasRemaining() && !parts.failed()) {
        Deque<Allocation> taken = new ArrayDeque<>(2);
        Placement placement = place(at, source.remaining(), taken);
        int bytes = (int) placement.bytes();
        boolean isRest = bytes == source.remaining();
        ByteBuffer piece = source.slice(source.position(), bytes);
        source.position(source.position() + bytes);
        long from = at;
        parts.run(isRest, () -> write(placement.host(), from, piece, taken));
        at += bytes;
      }
      passLock();
    } finally {
      parts.finish();
    }
    parts.throwFailure();
  }

  private Placement place(long offset, long bytes, Deque<Allocation> taken)
      throws BlockIoException {
    metadata.lock.lock();
    try {
      Placement placement = clusters.place(offset, bytes, taken);
      metadata.overlap.beforeWrite(OverlapCheck.NONE, placement.host(), placement.bytes(), true);
      return placement;
    } catch (BlockIoException e) {
      clusters.abort(taken);
      throw e;
    } finally {
      metadata.lock.unlock();
    }
  }

  /** A write ends when it has had the lock once more, and not while another request holds it. */
  private void passLock() {
    if (!metadata.lock.isFree()) {
      metadata.lock.lock();
      metadata.lock.unlock();
    }
  }

  /** One part, for which room was found. */
  private void write(long host, long offset, ByteBuffer source, Deque<Allocation> taken)
      throws BlockIoException {
    BlockIoException failure = null;
    try {
      for (Allocation allocation : taken) {
        zeroAround(allocation);
      }
      if (!leaveData(offset, source, taken)) {
        writeData(host, source);
      }
    } catch (BlockIoException e) {
      failure = e;
    }
    metadata.lock.lock();
    try {
      if (failure != null) {
        throw failure;
      }
      clusters.link(taken);
    } catch (BlockIoException e) {
      clusters.abort(taken);
      throw e;
    } finally {
      metadata.lock.unlock();
    }
  }

  /**
   * If what is around the data reads as zero anyway, and the data file can make zeroes quickly,
   * that is done instead of copying.
   */
  private void zeroAround(Allocation allocation) throws BlockIoException {
    boolean canZero = (metadata.dataFile.driver().zeroFlags() & RequestFlags.NO_FALLBACK) != 0;
    if (!canZero || !allocation.needsCopy() || !isZeroAround(allocation)) {
      return;
    }
    long from = allocation.hostStart + allocation.cowFrom;
    long bytes = allocation.cowTo - allocation.cowFrom;
    metadata.overlap.beforeWrite(OverlapCheck.NONE, from, bytes, true);
    metadata.announce(QemuEvents.CLUSTER_ALLOC_SPACE, RequestType.WRITE_ZEROES);
    try {
      metadata.dataFile.writeZeroes(from, bytes, RequestFlags.NO_FALLBACK);
      allocation.cowDone = true;
    } catch (BlockIoException e) {
      if (!e.errno().equals(Errno.ENOTSUP) && !e.errno().equals(Errno.EAGAIN)) {
        throw e;
      }
    }
  }

  private boolean isZeroAround(Allocation allocation) throws BlockIoException {
    long head = allocation.guestFrom();
    long tail = allocation.guestStart + allocation.dataTo;
    return metadata.self().readsAsZeroFast(head, allocation.headBytes())
        && metadata.self().readsAsZeroFast(tail, allocation.tailBytes());
  }

  /**
   * Leaves the data to the allocation whose copied areas enclose them, so that all is written in
   * one request; false if there is none.
   */
  private static boolean leaveData(long offset, ByteBuffer source, Deque<Allocation> taken) {
    for (Allocation allocation : taken) {
      if (allocation.needsCopy()
          && allocation.guestStart + allocation.dataFrom == offset
          && allocation.guestStart + allocation.dataTo == offset + source.remaining()) {
        allocation.guestData = source;
        return true;
      }
    }
    return false;
  }
}
