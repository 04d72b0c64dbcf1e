package io.faultdisk.block;

import io.faultdisk.base.Errno;
import java.nio.ByteBuffer;

/**
 * Buffers that requests need besides the caller's; too little memory is an error of the request.
 */
final class Memory {
  private Memory() {}

  /**
   * A heap buffer of zeroes.
   *
   * @throws BlockIoException with ENOMEM if there is no room for that many bytes
   */
  static ByteBuffer heap(long bytes) throws BlockIoException {
    if (bytes > Integer.MAX_VALUE) {
      throw new BlockIoException(Errno.ENOMEM);
    }
    try {
      return ByteBuffer.allocate((int) bytes);
    } catch (OutOfMemoryError e) {
      throw new BlockIoException(Errno.ENOMEM);
    }
  }
}
