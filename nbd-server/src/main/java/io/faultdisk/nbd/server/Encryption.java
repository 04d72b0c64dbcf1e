package io.faultdisk.nbd.server;

import io.faultdisk.nbd.Transport;
import java.io.IOException;

/** How a server goes on encrypted when a client asks for it. Any thread. */
public interface Encryption {

  /**
   * Shakes hands as the server of TLS and returns the encrypted transport; it closes the plain one.
   *
   * @throws IOException if the client cannot be trusted or the handshake failed
   */
  Transport encrypt(Transport plain) throws IOException;
}
