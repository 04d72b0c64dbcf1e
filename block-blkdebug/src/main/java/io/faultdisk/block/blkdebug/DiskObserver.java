package io.faultdisk.block.blkdebug;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.RequestType;
import org.jspecify.annotations.Nullable;

/**
 * Is told of every request that reaches a blkdebug node, with the offsets that its rules see.
 *
 * <p>Called by the thread of the request, by several at once; must neither block nor throw.
 */
public interface DiskObserver {
  /**
   * A request has come.
   *
   * @return the time, in nanoseconds of whatever clock the observer goes by
   */
  long began(RequestType type);

  /**
   * The rules have decided, and nothing was done yet.
   *
   * @param began what {@link #began} returned
   * @return what {@link #ended} is to get in its place
   */
  default long decided(long began, Decision decision) {
    return began;
  }

  /**
   * The request is answered.
   *
   * @param began what {@link #began} or {@link #decided} returned
   * @param offset its first byte, 0 for a flush
   * @param bytes its length, 0 for a flush
   * @param decision what the rules said
   * @param failure what the client gets; null if it is done
   */
  void ended(
      long began,
      RequestType type,
      long offset,
      long bytes,
      Decision decision,
      @Nullable BlockIoException failure);
}
