package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Mapping;
import java.nio.ByteBuffer;

/** Reads and writes of guest data. Any thread, without the metadata lock. */
final class DataPath {
  DataPath(Metadata metadata) {}

  void read(long offset, ByteBuffer target) throws BlockIoException {
    throw new UnsupportedOperationException("H2");
  }

  void write(long offset, ByteBuffer source) throws BlockIoException {
    throw new UnsupportedOperationException("H2");
  }

  void writeCompressed(long offset, ByteBuffer source) throws BlockIoException {
    throw new UnsupportedOperationException("H2");
  }

  void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    throw new UnsupportedOperationException("H2");
  }

  void discard(long offset, long bytes) throws BlockIoException {
    throw new UnsupportedOperationException("H2");
  }

  Mapping map(long offset, long bytes, boolean precise) throws BlockIoException {
    throw new UnsupportedOperationException("H2");
  }
}
