package io.faultdisk.block;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.Options;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An opened {@link LayerType}: blocks of 4 KiB, which it holds or does not hold. */
final class LayerDriver implements BlockDriver {
  static final int BLOCK = 4096;

  private final Node file;
  private final long size;
  private final Optional<BackingReference> stored;
  private final BitSet held = new BitSet();
  private @Nullable Node self;
  boolean dead;

  /** What it was told, in order. */
  final List<String> calls = new ArrayList<>();

  LayerDriver(Node file, long size, Optional<BackingReference> stored) {
    this.file = file;
    this.size = size;
    this.stored = stored;
  }

  @Override
  public void attached(Node node) {
    self = node;
  }

  private Optional<Node> backing() {
    return self == null ? Optional.empty() : self.backing();
  }

  @Override
  public boolean usable() {
    return !dead;
  }

  @Override
  public Optional<BackingReference> backingReference() {
    return stored;
  }

  @Override
  public void read(long offset, ByteBuffer target) throws BlockIoException {
    int end = target.limit();
    long at = offset;
    while (target.hasRemaining()) {
      long block = at / BLOCK * BLOCK;
      int bytes = (int) Math.min(target.remaining(), block + BLOCK - at);
      target.limit(target.position() + bytes);
      if (held.get((int) (at / BLOCK))) {
        file.read(at, target);
      } else if (backing().isPresent()) {
        backing().get().read(at, target);
      }
      while (target.hasRemaining()) {
        target.put((byte) 0);
      }
      target.limit(end);
      at += bytes;
    }
  }

  @Override
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    if (offset % BLOCK != 0 || source.remaining() % BLOCK != 0) {
      throw new BlockIoException(Errno.EINVAL);
    }
    held.set((int) (offset / BLOCK), (int) ((offset + source.remaining()) / BLOCK));
    file.write(offset, source, flags);
  }

  @Override
  public Mapping map(long offset, long bytes, boolean precise) {
    int first = (int) (offset / BLOCK);
    boolean here = held.get(first);
    int next = here ? held.nextClearBit(first) : held.nextSetBit(first);
    long end = next < 0 ? offset + bytes : (long) next * BLOCK;
    long stretch = Math.min(end - offset, bytes);
    return here
        ? new Mapping.Stored(file, offset, stretch, true)
        : new Mapping.Unallocated(stretch);
  }

  @Override
  public long length() {
    return size;
  }

  @Override
  public BlockLimits limits(BlockLimits inherited) {
    return inherited.withRequestAlignment(BLOCK);
  }

  @Override
  public int writeFlags() {
    return RequestFlags.WRITE_UNCHANGED;
  }

  @Override
  public ImageInfo info() {
    return new ImageInfo(BLOCK, 0);
  }

  @Override
  public void reopen(OpenFlags flags, Options options) throws UsageException {
    options.absorb(OptionSpec.string("mood"));
    calls.add("reopen " + (flags.readOnly() ? "ro" : "rw"));
  }

  @Override
  public void reopened() {
    calls.add("reopened");
  }

  @Override
  public void flushToOs() {
    calls.add("flush");
  }

  @Override
  public void close() {
    calls.add("close");
  }
}
