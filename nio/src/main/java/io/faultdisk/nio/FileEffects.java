package io.faultdisk.nio;

import io.faultdisk.rules.FailFlush;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Who wants to know what has been done through one open file; see {@link Effects}. It stays with
 * the file when that is renamed or deleted.
 */
interface FileEffects {
  /** Nobody. */
  FileEffects NONE = new FileEffects() {};

  /**
   * Bytes were written.
   *
   * @param offset of the first
   * @param bytes read-only, from its position to its limit; belongs to the caller of the channel,
   *     so copy what you keep
   */
  default void wrote(long offset, ByteBuffer bytes) throws IOException {}

  /** The size is now this; it was larger. */
  default void truncated(long size) throws IOException {}

  /** The size is now this; it may have been smaller, and nothing was written. */
  default void grown(long size) throws IOException {}

  /**
   * Made durable.
   *
   * @param metadata whether the metadata, too
   */
  default void forced(boolean metadata) throws IOException {}

  /**
   * A rule made a flush go wrong, so nothing was made durable by it.
   *
   * @param mode in which way; with {@code DROP} what was to be made durable must never be
   */
  default void flushFailed(FailFlush.Mode mode) throws IOException {}

  /** How large the file is by what was told; with the lock of {@link Effects} held. */
  default long size() {
    return Long.MAX_VALUE;
  }

  /** The channel is closed. */
  default void closed() {}
}
