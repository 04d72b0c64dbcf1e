package io.faultdisk.qmp;

import java.util.Optional;

/**
 * Where a monitor meets its clients, one after the other. Closing it, by any thread, ends waiting.
 */
public interface CharacterDevice extends AutoCloseable {
  /**
   * Waits for the next client; the one before has left.
   *
   * @return empty if there will be none any more
   */
  Optional<Link> next();

  @Override
  void close();
}
