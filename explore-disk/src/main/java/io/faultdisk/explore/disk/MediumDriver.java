package io.faultdisk.explore.disk;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.ImageInfo;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.RequestFlags;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The disk of one run: a {@link DiskOverlay}, and a log of what changed it. Any thread; requests
 * take turns.
 */
final class MediumDriver implements BlockDriver {
  private static final ByteBuffer NO_DATA = ByteBuffer.allocate(0);

  private final DiskRun run;
  private final DiskOverlay disk;
  private final ReentrantLock lock = new ReentrantLock();

  MediumDriver(DiskRun run) {
    this.run = run;
    this.disk = run.disk();
  }

  @Override
  public void read(long offset, ByteBuffer target) {
    lock.lock();
    try {
      disk.read(offset, target);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void write(long offset, ByteBuffer source, int flags) {
    lock.lock();
    try {
      DiskLog log = run.log();
      if (log != null) {
        ByteBuffer data = ByteBuffer.allocate(source.remaining()).put(source.duplicate()).flip();
        log.add(
            new LogEntry.Write(
                run.ticks().next(), run.requests(), offset, data.remaining(), data, fua(flags)));
      }
      disk.write(offset, source);
    } finally {
      lock.unlock();
    }
  }

  private static boolean fua(int flags) {
    return (flags & RequestFlags.FUA) != 0;
  }

  @Override
  public void writeZeroes(long offset, long bytes, int flags) {
    lock.lock();
    try {
      DiskLog log = run.log();
      if (log != null) {
        log.add(
            new LogEntry.Write(
                run.ticks().next(), run.requests(), offset, bytes, NO_DATA, fua(flags)));
      }
      disk.zero(offset, bytes);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void discard(long offset, long bytes) {
    writeZeroes(offset, Math.min(bytes, Math.max(0, disk.size() - offset)), RequestFlags.NONE);
  }

  @Override
  public void flushToDisk() {
    lock.lock();
    try {
      DiskLog log = run.log();
      if (log != null) {
        log.add(new LogEntry.Flush(run.ticks().next(), run.requests()));
      }
      run.flushed();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Mapping map(long offset, long bytes, boolean precise) {
    lock.lock();
    try {
      long index = offset >>> DiskContent.PAGE_BITS;
      boolean held = disk.holds(index);
      long end = offset + bytes;
      if (held) {
        do {
          index++;
        } while (index << DiskContent.PAGE_BITS < end && disk.holds(index));
      } else {
        index = disk.nextHeld(index + 1, ((end - 1) >>> DiskContent.PAGE_BITS) + 1);
      }
      long length = Math.min(end, index << DiskContent.PAGE_BITS) - offset;
      return held ? new Mapping.Data(offset, length) : new Mapping.Hole(offset, length);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long length() {
    lock.lock();
    try {
      return disk.size();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void truncateZeroed(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    truncate(size, exact, preallocation); // what is new reads as zero in any case
  }

  @Override
  public void truncate(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    if (preallocation != Preallocation.OFF) {
      throw new BlockIoException(Errno.ENOTSUP, "the explorer's disk does not preallocate");
    }
    lock.lock();
    try {
      DiskLog log = run.log();
      if (log != null) {
        log.add(new LogEntry.Truncate(run.ticks().next(), run.requests(), size));
      }
      disk.truncate(size);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int writeFlags() {
    return RequestFlags.FUA | RequestFlags.WRITE_UNCHANGED;
  }

  @Override
  public int zeroFlags() {
    return RequestFlags.FUA
        | RequestFlags.WRITE_UNCHANGED
        | RequestFlags.MAY_UNMAP
        | RequestFlags.NO_FALLBACK;
  }

  @Override
  public boolean writesZeroes() {
    return true;
  }

  @Override
  public boolean discards() {
    return true;
  }

  @Override
  public Optional<String> exactFilename() {
    return Optional.of("explorer:disk");
  }

  @Override
  public ImageInfo info() {
    return ImageInfo.PLAIN;
  }

  @Override
  public void close() {}
}
