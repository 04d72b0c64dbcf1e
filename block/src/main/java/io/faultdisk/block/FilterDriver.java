package io.faultdisk.block;

import java.nio.ByteBuffer;

/**
 * A driver over one child that passes everything on; it overrides only what it changes.
 *
 * <p>The flags that it can honour are those that its child can.
 */
public interface FilterDriver extends BlockDriver {
  /** The node that requests are passed to. */
  Node below();

  @Override
  default void read(long offset, ByteBuffer target) throws BlockIoException {
    below().read(offset, target);
  }

  @Override
  default void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    below().write(offset, source, flags);
  }

  @Override
  default void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    below().writeZeroes(offset, bytes, flags);
  }

  @Override
  default void discard(long offset, long bytes) throws BlockIoException {
    below().discard(offset, bytes);
  }

  @Override
  default Mapping map(long offset, long bytes, boolean precise) throws BlockIoException {
    return new Mapping.Forward(below(), offset, bytes);
  }

  @Override
  default long length() throws BlockIoException {
    return below().length();
  }

  @Override
  default void truncate(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    below().truncate(size, exact, preallocation);
  }

  @Override
  default void truncateZeroed(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    below().truncateZeroed(size, exact, preallocation);
  }

  @Override
  default int writeFlags() {
    return RequestFlags.WRITE_UNCHANGED | (RequestFlags.FUA & below().driver().writeFlags());
  }

  @Override
  default int zeroFlags() {
    int passed = RequestFlags.FUA | RequestFlags.MAY_UNMAP | RequestFlags.NO_FALLBACK;
    return RequestFlags.WRITE_UNCHANGED | (passed & below().driver().zeroFlags());
  }

  @Override
  default boolean writesZeroes() {
    return true;
  }

  @Override
  default boolean discards() {
    return true;
  }

  @Override
  default ImageInfo info() throws BlockIoException {
    return below().driver().info();
  }

  @Override
  default void readVmState(long position, ByteBuffer target) throws BlockIoException {
    below().driver().readVmState(position, target);
  }

  @Override
  default void writeVmState(long position, ByteBuffer source) throws BlockIoException {
    below().driver().writeVmState(position, source);
  }

  @Override
  default void close() {}
}
