package io.faultdisk.block.nbd;

import io.faultdisk.nbd.Transport;
import java.io.IOException;
import java.util.Optional;

/** How a client goes on encrypted. Any thread. */
public interface ClientEncryption {

  /**
   * Shakes hands as the client of TLS and returns the encrypted transport; closing it closes the
   * plain one.
   *
   * @param hostname whom the server has to prove to be, if that is known
   * @throws IOException if the server cannot be trusted or the handshake failed
   */
  Transport encrypt(Transport plain, Optional<String> hostname) throws IOException;
}
