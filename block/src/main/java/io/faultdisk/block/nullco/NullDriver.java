package io.faultdisk.block.nullco;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Sleeper;
import io.faultdisk.base.Turns;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockStatus;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.Node;
import io.faultdisk.block.RequestFlags;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** An opened null disk. Any thread. */
final class NullDriver implements BlockDriver {
  private static final byte[] ZEROES = new byte[4096];

  private final long length;
  private final boolean readZeroes;
  private final long latencyNanos;
  private final Optional<String> filename;
  private final Sleeper sleeper;
  private final Turns turns;
  private volatile @Nullable Node self;

  NullDriver(
      long length,
      boolean readZeroes,
      long latencyNanos,
      Optional<String> filename,
      Sleeper sleeper,
      Turns turns) {
    this.length = length;
    this.readZeroes = readZeroes;
    this.latencyNanos = latencyNanos;
    this.filename = filename;
    this.sleeper = sleeper;
    this.turns = turns;
  }

  /** Leaves the target as it is unless {@code read-zeroes} was asked for. */
  @Override
  public void read(long offset, ByteBuffer target) throws BlockIoException {
    if (readZeroes) {
      while (target.hasRemaining()) {
        target.put(ZEROES, 0, Math.min(target.remaining(), ZEROES.length));
      }
    }
    respond();
  }

  @Override
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    respond();
  }

  @Override
  public void flushToDisk() throws BlockIoException {
    respond();
  }

  private void respond() throws BlockIoException {
    if (latencyNanos > 0) {
      try {
        sleeper.sleepNanos(latencyNanos);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new BlockIoException(Errno.EINTR);
      }
      turns.pass();
    }
  }

  @Override
  public Mapping map(long offset, long bytes, boolean precise) {
    if (readZeroes) {
      return new Mapping.Hole(offset, bytes);
    }
    return new Mapping.Unallocated(
        bytes, Optional.ofNullable(self).map(node -> new BlockStatus.Place(node, offset)));
  }

  @Override
  public void attached(Node node) {
    self = node;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public int writeFlags() {
    return RequestFlags.FUA;
  }

  @Override
  public Optional<String> exactFilename() {
    return filename;
  }

  @Override
  public void close() {}

  @Override
  public OptionalLong allocatedSize() {
    return OptionalLong.of(0);
  }
}
