package io.faultdisk.nbd.server;

import io.faultdisk.nbd.NbdLimits;

/**
 * How much clients may take from a server. Immutable.
 *
 * <p>On top of {@link #memoryBytes} comes what every connection is sure of, and every request that
 * is suspended: two buffers of {@value BufferPool#SMALL_BYTES} bytes and a thread's stack.
 *
 * @param connectionsMax connections at a time; more wait to be accepted
 * @param inFlightMax requests of one connection that are suspended or in the hands of a worker;
 *     then it is not read from until one ends
 * @param memoryBytes memory for larger buffers, of all connections together; a connection that
 *     needs some when there is none waits, and is not read from meanwhile
 * @param workersMax requests that may be slow (flush, trim, ...) and run at the same time, of all
 *     connections together, not counting those that are suspended; more wait
 * @param handshakeMillis how long a client may take to choose an export
 * @param drainMillis how long {@link NbdServer#close} waits for requests in flight
 */
public record ServerLimits(
    int connectionsMax,
    int inFlightMax,
    long memoryBytes,
    int workersMax,
    long handshakeMillis,
    long drainMillis) {

  /** 1024 connections, 256 requests in flight on each, 256 MiB, 16 workers, 10 s, 10 s. */
  public static final ServerLimits DEFAULT =
      new ServerLimits(1024, 256, 256L << 20, 16, 10_000, 10_000);

  /** Less could not hold the largest request beside the buffers of connections. */
  public static final long MEMORY_BYTES_MIN = 4L * NbdLimits.PAYLOAD_BYTES_MAX;

  public ServerLimits {
    if (connectionsMax < 1 || inFlightMax < 1 || workersMax < 1) {
      throw new IllegalArgumentException("a limit below 1");
    }
    if (memoryBytes < MEMORY_BYTES_MIN) {
      throw new IllegalArgumentException(
          "memory (%s) must be at least %s".formatted(memoryBytes, MEMORY_BYTES_MIN));
    }
    if (handshakeMillis < 1 || drainMillis < 0) {
      throw new IllegalArgumentException("negative time");
    }
  }

  /** The same with another number of connections. */
  public ServerLimits withConnectionsMax(int connections) {
    return new ServerLimits(
        connections, inFlightMax, memoryBytes, workersMax, handshakeMillis, drainMillis);
  }

  /** The same with another amount of memory. */
  public ServerLimits withMemoryBytes(long bytes) {
    return new ServerLimits(
        connectionsMax, inFlightMax, bytes, workersMax, handshakeMillis, drainMillis);
  }

  /** The same with other times. */
  public ServerLimits withTimes(long handshake, long drain) {
    return new ServerLimits(connectionsMax, inFlightMax, memoryBytes, workersMax, handshake, drain);
  }
}
