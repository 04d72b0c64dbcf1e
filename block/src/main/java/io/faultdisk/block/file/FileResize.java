package io.faultdisk.block.file;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Preallocation;
import io.faultdisk.posix.FallocateMode;
import io.faultdisk.posix.PosixException;
import io.faultdisk.posix.PosixFile;
import java.nio.ByteBuffer;

/**
 * Changes the length of a file, with or without reserving the space. If that fails the old length
 * is restored.
 */
final class FileResize {
  private static final int ZERO_CHUNK = 64 << 10;

  /**
   * Written to an empty file that grows, so that later probing for the alignment finds something
   * stored.
   */
  private static final int FIRST_BLOCK = 4096;

  private final PosixFile file;

  FileResize(PosixFile file) {
    this.file = file;
  }

  void resize(long size, Preallocation preallocation) throws BlockIoException {
    long old;
    try {
      old = file.size();
    } catch (PosixException e) {
      throw failed("Could not stat file", e);
    }
    if (old > size && preallocation != Preallocation.OFF) {
      throw new BlockIoException(Errno.ENOTSUP, "Cannot use preallocation for shrinking files");
    }
    switch (preallocation) {
      case OFF -> truncate(old, size);
      case FALLOC -> reserve(old, size);
      case FULL -> fill(old, size);
      case METADATA ->
          throw new BlockIoException(
              Errno.ENOTSUP, "Unsupported preallocation mode: " + preallocation.optionName());
    }
  }

  private void truncate(long old, long size) throws BlockIoException {
    setLength(size);
    if (old == 0 && size > 0) {
      storeFirstBlock(size);
    }
  }

  private void reserve(long old, long size) throws BlockIoException {
    if (size == old) {
      return;
    }
    try {
      file.fallocate(FallocateMode.ALLOCATE, old, size - old);
    } catch (PosixException e) {
      restore(old);
      throw failed("Could not preallocate new data", e);
    }
    if (old == 0) {
      storeFirstBlock(size);
    }
  }

  private void fill(long old, long size) throws BlockIoException {
    setLength(size);
    ByteBuffer zeroes = ByteBuffer.allocateDirect(ZERO_CHUNK);
    try {
      for (long at = old; at < size; at += ZERO_CHUNK) {
        file.write(at, zeroes.clear().limit((int) Math.min(ZERO_CHUNK, size - at)));
      }
    } catch (PosixException e) {
      restore(old);
      throw failed("Could not write zeros for preallocation", e);
    }
    try {
      file.fsync();
    } catch (PosixException e) {
      restore(old);
      throw failed("Could not flush file to disk", e);
    }
  }

  private void setLength(long size) throws BlockIoException {
    try {
      file.ftruncate(size);
    } catch (PosixException e) {
      throw failed("Could not resize file", e);
    }
  }

  private void storeFirstBlock(long size) {
    try {
      file.write(0, ByteBuffer.allocateDirect(size < FIRST_BLOCK ? 512 : FIRST_BLOCK));
    } catch (PosixException e) {
      // An optimisation only.
    }
  }

  private void restore(long old) {
    try {
      file.ftruncate(old);
    } catch (PosixException e) {
      // The failure that brought us here is the one to report.
    }
  }

  private static BlockIoException failed(String what, PosixException e) {
    return new BlockIoException(e.errno(), what + ": " + e.errno().text());
  }
}
