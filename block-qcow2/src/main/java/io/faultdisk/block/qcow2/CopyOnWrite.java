package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;

/**
 * Copies the old content around a write into newly allocated clusters.
 *
 * <p>What is around both ends is read in one go if the data between are short. If the write has
 * left its data to us, everything is written in one request, announced as {@code write_aio} and
 * {@code cow_write}.
 */
final class CopyOnWrite {
  /** Longest data between both ends, in bytes, for which one read is made instead of two. */
  private static final int MERGED_READ_MAX = 16384;

  private final Metadata metadata;
  private final GuestReader reader;

  CopyOnWrite(Metadata metadata, GuestReader reader) {
    this.metadata = metadata;
    this.reader = reader;
  }

  /** Under the metadata lock, which is given up during the copy. */
  void run(Allocation allocation) throws BlockIoException {
    if (!allocation.needsCopy()) {
      return;
    }
    metadata.lock.unlock();
    try {
      ByteBuffer data = allocation.guestData;
      if (data != null) {
        copyAround(allocation, data);
      } else {
        copyEnds(allocation);
      }
    } finally {
      metadata.lock.lock();
    }
    metadata.l2Cache.dependsOnFlush();
  }

  private static boolean readsMerged(Allocation allocation) {
    return allocation.headBytes() != 0
        && allocation.tailBytes() != 0
        && allocation.dataTo - allocation.dataFrom <= MERGED_READ_MAX;
  }

  private void copyAround(Allocation allocation, ByteBuffer data) throws BlockIoException {
    ByteBuffer all = buffer(allocation.cowTo - allocation.cowFrom);
    int head = (int) allocation.headBytes();
    int tail = (int) allocation.tailBytes();
    if (readsMerged(allocation)) {
      read(allocation, allocation.cowFrom, all.duplicate());
    } else {
      read(allocation, allocation.cowFrom, all.slice(0, head));
      read(allocation, allocation.dataTo, all.slice(all.capacity() - tail, tail));
    }
    all.put(head, data, data.position(), data.remaining());
    metadata.announce(QemuEvents.WRITE_AIO, RequestType.WRITE);
    write(allocation, allocation.cowFrom, all);
  }

  private void copyEnds(Allocation allocation) throws BlockIoException {
    int head = (int) allocation.headBytes();
    int tail = (int) allocation.tailBytes();
    boolean merged = readsMerged(allocation);
    int between = merged ? (int) (allocation.dataTo - allocation.dataFrom) : 0;
    ByteBuffer all = buffer((long) head + between + tail);
    ByteBuffer first = all.slice(0, head);
    ByteBuffer second = all.slice(head + between, tail);
    if (merged) {
      read(allocation, allocation.cowFrom, all);
    } else {
      read(allocation, allocation.cowFrom, first.duplicate());
      read(allocation, allocation.dataTo, second.duplicate());
    }
    write(allocation, allocation.cowFrom, first);
    write(allocation, allocation.dataTo, second);
  }

  private void read(Allocation allocation, long from, ByteBuffer target) throws BlockIoException {
    if (target.hasRemaining()) {
      metadata.announce(QemuEvents.COW_READ, RequestType.READ);
      metadata.requireUsable();
      reader.read(allocation.guestStart + from, target);
    }
  }

  private void write(Allocation allocation, long from, ByteBuffer source) throws BlockIoException {
    if (source.hasRemaining()) {
      long at = allocation.hostStart + from;
      metadata.overlap.beforeWrite(OverlapCheck.NONE, at, source.remaining(), true);
      metadata.announce(QemuEvents.COW_WRITE, RequestType.WRITE);
      metadata.dataFile.write(at, source, 0);
    }
  }

  private static ByteBuffer buffer(long bytes) throws BlockIoException {
    try {
      return ByteBuffer.allocate(Math.toIntExact(bytes));
    } catch (ArithmeticException | OutOfMemoryError e) {
      throw new BlockIoException(Errno.ENOMEM);
    }
  }
}
