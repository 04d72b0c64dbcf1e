package io.faultdisk.qmp;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** Nobody ever comes. */
public final class NoDevice implements CharacterDevice {
  private final CountDownLatch closed = new CountDownLatch(1);

  @Override
  public Optional<Link> next() {
    try {
      closed.await();
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
