package io.faultdisk.block.writecache;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.FilterDriver;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.Node;
import io.faultdisk.block.PowerSwitch;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.RequestFlags;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * An opened write-cache node: hands everything to its {@link WriteCache}. Any thread.
 *
 * <p>A node is flushed before it is closed, so what the cache then holds is lost only if that
 * fails, or if the power is off.
 */
final class WriteCacheDriver implements FilterDriver {
  private final Node file;
  private final WriteCache cache;

  WriteCacheDriver(Node file, WriteCache cache) {
    this.file = file;
    this.cache = cache;
  }

  @Override
  public Node below() {
    return file;
  }

  @Override
  public Optional<PowerSwitch> power() {
    return Optional.of(cache);
  }

  @Override
  public void read(long offset, ByteBuffer target) throws BlockIoException {
    cache.read(offset, target);
  }

  @Override
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    cache.write(offset, source, flags);
  }

  @Override
  public void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    cache.writeZeroes(offset, bytes, flags);
  }

  @Override
  public void discard(long offset, long bytes) throws BlockIoException {
    cache.discard(offset, bytes);
  }

  @Override
  public void flushToDisk() throws BlockIoException {
    cache.flush();
  }

  @Override
  public Mapping map(long offset, long bytes, boolean precise) throws BlockIoException {
    return cache.map(offset, bytes);
  }

  @Override
  public long length() throws BlockIoException {
    return cache.length();
  }

  /** A power cut takes what was written behind the end of the medium. */
  @Override
  public boolean lengthVaries() {
    return true;
  }

  @Override
  public void truncate(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    cache.truncate(size, exact, preallocation);
  }

  @Override
  public void truncateZeroed(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    cache.truncateZeroed(size, exact, preallocation);
  }

  @Override
  public int writeFlags() {
    return RequestFlags.WRITE_UNCHANGED | RequestFlags.FUA;
  }

  @Override
  public int zeroFlags() {
    int passed = RequestFlags.MAY_UNMAP | RequestFlags.NO_FALLBACK;
    return writeFlags() | (passed & file.driver().zeroFlags());
  }
}
