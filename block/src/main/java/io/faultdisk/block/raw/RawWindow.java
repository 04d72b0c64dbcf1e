package io.faultdisk.block.raw;

import io.faultdisk.base.UsageException;
import java.util.Optional;

/**
 * The part of the file that is the image.
 *
 * @param offset where it begins, in bytes; unsigned, as the option is
 * @param size its length in bytes, if it does not go to the end of the file; unsigned
 */
record RawWindow(long offset, Optional<Long> size) {
  boolean isWhole() {
    return offset == 0 && size.isEmpty();
  }

  /** Refuses a window that is not inside a file of {@code fileLength} bytes. */
  void checkAgainst(long fileLength) throws UsageException {
    if (Long.compareUnsigned(offset, fileLength) > 0) {
      throw new UsageException(
          "Offset ("
              + Long.toUnsignedString(offset)
              + ") cannot be greater than size of the containing file ("
              + fileLength
              + ")");
    }
    if (size.isPresent() && Long.compareUnsigned(fileLength - offset, size.get()) < 0) {
      throw new UsageException(
          "The sum of offset ("
              + Long.toUnsignedString(offset)
              + ") and size ("
              + Long.toUnsignedString(size.get())
              + ") has to be smaller or equal to the "
              + " actual size of the containing file ("
              + fileLength
              + ")");
    }
    if (size.isPresent() && size.get() % 512 != 0) {
      throw new UsageException("Specified size is not multiple of 512");
    }
  }
}
