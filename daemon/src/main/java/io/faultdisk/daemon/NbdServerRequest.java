package io.faultdisk.daemon;

import io.faultdisk.nbd.server.ListenAddress;
import java.util.Optional;

/**
 * A server to start, as {@code nbd-server-start} wants it.
 *
 * @param tlsCreds the id of TLS credentials: clients then have to go on encrypted
 * @param tlsAuthz the id of what decides on the names of clients
 * @param maxConnections at a time, 0 for as many as there may be anyway
 */
public record NbdServerRequest(
    ListenAddress address,
    Optional<String> tlsCreds,
    Optional<String> tlsAuthz,
    int maxConnections) {

  /** One without encryption. */
  public static NbdServerRequest at(ListenAddress address) {
    return new NbdServerRequest(address, Optional.empty(), Optional.empty(), 0);
  }
}
