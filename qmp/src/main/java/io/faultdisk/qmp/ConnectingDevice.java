package io.faultdisk.qmp;

import io.faultdisk.base.Sleeper;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A connection that we make, anew some time after it has failed or ended.
 *
 * <p>One thread at a time waits.
 */
public final class ConnectingDevice implements CharacterDevice {
  /** How fast closing is noticed. */
  private static final long PAUSE_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(200);

  private final SocketAddress address;
  private final long pauseNanos;
  private boolean first = true;
  private volatile boolean closed;

  /** Connects to an address, with a pause between two attempts. */
  public ConnectingDevice(SocketAddress address, long pauseNanos) {
    this.address = address;
    this.pauseNanos = pauseNanos;
  }

  /** Connects once. */
  public static Link connect(SocketAddress address) throws IOException {
    return new SocketLink(SocketChannel.open(address));
  }

  @Override
  public Optional<Link> next() {
    while (!closed) {
      if (!first) {
        pause();
      }
      first = false;
      try {
        return Optional.of(connect(address));
      } catch (IOException notNow) {
        // The next time.
      }
    }
    return Optional.empty();
  }

  private void pause() {
    try {
      for (long left = pauseNanos; left > 0 && !closed; left -= PAUSE_NANOS_MAX) {
        Sleeper.system().sleepNanos(Math.min(left, PAUSE_NANOS_MAX));
      }
    } catch (InterruptedException hurry) {
      closed = true;
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
