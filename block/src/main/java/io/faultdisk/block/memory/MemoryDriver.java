package io.faultdisk.block.memory;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.ImageInfo;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.RequestFlags;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * A sparse disk in memory: chunks of 64 KiB that exist once something was written to them.
 *
 * <p>Any thread. Two requests that overlap may mix at byte granularity, as on a real disk. What was
 * never written, or was discarded, reads as zeroes. Flushes have nothing to do and FUA is free.
 */
final class MemoryDriver implements BlockDriver {
  private static final int CHUNK_BITS = 16;
  private static final int CHUNK = 1 << CHUNK_BITS;

  private static final byte[] ZEROES = new byte[CHUNK];

  private final ConcurrentSkipListMap<Long, byte[]> chunks = new ConcurrentSkipListMap<>();
  private volatile long size;

  MemoryDriver(long size) {
    this.size = size;
  }

  @Override
  public void read(long offset, ByteBuffer target) {
    long at = offset;
    while (target.hasRemaining()) {
      int inChunk = (int) (at & (CHUNK - 1));
      int count = Math.min(target.remaining(), CHUNK - inChunk);
      byte @Nullable [] chunk = chunks.get(at >>> CHUNK_BITS);
      if (chunk != null) {
        target.put(chunk, inChunk, count);
      } else {
        zero(target, count);
      }
      at += count;
    }
  }

  private static void zero(ByteBuffer target, int count) {
    target.put(target.position(), ZEROES, 0, count);
    target.position(target.position() + count);
  }

  @Override
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    long at = offset;
    while (source.hasRemaining()) {
      int inChunk = (int) (at & (CHUNK - 1));
      int count = Math.min(source.remaining(), CHUNK - inChunk);
      source.get(chunkForWrite(at >>> CHUNK_BITS), inChunk, count);
      at += count;
    }
    grownTo(at);
  }

  private byte[] chunkForWrite(long index) throws BlockIoException {
    byte[] chunk = chunks.get(index);
    if (chunk != null) {
      return chunk;
    }
    try {
      byte[] fresh = new byte[CHUNK];
      byte[] raced = chunks.putIfAbsent(index, fresh);
      return raced == null ? fresh : raced;
    } catch (OutOfMemoryError e) {
      throw new BlockIoException(Errno.ENOSPC);
    }
  }

  private synchronized void grownTo(long end) {
    size = Math.max(size, end);
  }

  @Override
  public void writeZeroes(long offset, long bytes, int flags) {
    long end = offset + bytes;
    for (Map.Entry<Long, byte[]> entry :
        chunks.subMap(offset >>> CHUNK_BITS, true, (end - 1) >>> CHUNK_BITS, true).entrySet()) {
      long start = entry.getKey() << CHUNK_BITS;
      int from = (int) Math.max(0, offset - start);
      int to = (int) Math.min(CHUNK, end - start);
      if (from == 0 && to == CHUNK) {
        chunks.remove(entry.getKey());
      } else {
        System.arraycopy(ZEROES, 0, entry.getValue(), from, to - from);
      }
    }
    if (end > size) {
      grownTo(end);
    }
  }

  @Override
  public void discard(long offset, long bytes) {
    writeZeroes(offset, Math.min(bytes, Math.max(0, size - offset)), RequestFlags.NONE);
  }

  @Override
  public Mapping map(long offset, long bytes, boolean precise) {
    long end = offset + bytes;
    long index = offset >>> CHUNK_BITS;
    if (!chunks.containsKey(index)) {
      Long next = chunks.ceilingKey(index);
      long until = next == null ? end : Math.min(end, next << CHUNK_BITS);
      return new Mapping.Hole(offset, until - offset);
    }
    do {
      index++;
    } while (index << CHUNK_BITS < end && chunks.containsKey(index));
    return new Mapping.Data(offset, Math.min(end, index << CHUNK_BITS) - offset);
  }

  @Override
  public long length() {
    return size;
  }

  @Override
  public void truncateZeroed(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    truncate(size, exact, preallocation); // what is new reads as zero in any case
  }

  @Override
  public synchronized void truncate(long newSize, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    if (preallocation != Preallocation.OFF) {
      throw new BlockIoException(
          Errno.ENOTSUP,
          "Unsupported preallocation mode '" + preallocation.optionName() + "' for a memory disk");
    }
    if (newSize < size) {
      long cut = (newSize + CHUNK - 1) >>> CHUNK_BITS;
      chunks.tailMap(cut, true).clear();
      byte[] last = chunks.get(newSize >>> CHUNK_BITS);
      int inChunk = (int) (newSize & (CHUNK - 1));
      if (last != null && inChunk != 0) {
        System.arraycopy(ZEROES, 0, last, inChunk, CHUNK - inChunk);
      }
    }
    size = newSize;
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
    return Optional.of("memory:" + size);
  }

  @Override
  public ImageInfo info() {
    return ImageInfo.PLAIN;
  }

  @Override
  public void close() {
    chunks.clear();
  }
}
