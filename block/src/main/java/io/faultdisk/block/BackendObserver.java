package io.faultdisk.block;

import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Is told what the users of images ask for, and how that ends. Others' threads call it, several at
 * once; it must not throw.
 */
public interface BackendObserver {
  /**
   * A read, write, write-zeroes, discard or flush begins.
   *
   * @param offset its first byte, 0 for a flush
   * @param bytes its length, 0 for a flush
   * @param data what is written; null for all others. Not to be changed, position and limit
   *     included, nor to be kept
   * @param flags {@link RequestFlags}, with FUA if the cache is write-through
   * @return is told of the end
   */
  Ongoing began(RequestType type, long offset, long bytes, @Nullable ByteBuffer data, int flags);

  /** A request on its way. */
  interface Ongoing {
    /** It is done, or has failed. */
    void ended(@Nullable BlockIoException failure);
  }
}
