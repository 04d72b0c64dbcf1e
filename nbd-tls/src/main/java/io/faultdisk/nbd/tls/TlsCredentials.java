package io.faultdisk.nbd.tls;

import io.faultdisk.nbd.Transport;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What one end shows to the other, and what it wants to see of it. Immutable; any thread.
 *
 * <p>The transports that this makes own the plain ones: closing one closes the other. If a
 * handshake fails, closing the plain one is left to the caller.
 */
public sealed interface TlsCredentials permits X509Credentials, PskCredentials {

  /** Which end they are for. */
  Endpoint endpoint();

  /**
   * Shakes hands as the server.
   *
   * @param allowed decides on a client's distinguished name, such as {@code O=Test,CN=client1}; it
   *     is not asked when clients do not show certificates
   * @throws TlsException if the client is not to be trusted or the handshake failed
   */
  Transport accept(Transport plain, Predicate<String> allowed) throws IOException;

  /**
   * Shakes hands as the client.
   *
   * @param hostname the server's certificate must be for this host
   * @throws TlsException if the server is not to be trusted or the handshake failed
   */
  Transport connect(Transport plain, Optional<String> hostname) throws IOException;
}
