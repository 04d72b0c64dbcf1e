package io.faultdisk.block.nbd;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.nbd.Transport;

/**
 * Makes connections for one node: connects, shakes hands, and looks whether the server has what the
 * node needs. Any thread; interrupting it ends the attempt.
 */
record Dialer(NbdSettings settings, Turns turns) {

  /**
   * One attempt.
   *
   * @throws UsageException saying why there is no connection
   */
  Connection dial() throws UsageException {
    Transport plain = settings.server().connect();
    boolean good = false;
    try {
      HandshakeStream stream = new HandshakeStream(plain);
      ExportInfo info = new Handshake(stream, settings).run();
      good = true;
      return Connection.start(stream.transport(), info, turns);
    } finally {
      if (!good) {
        plain.close();
      }
    }
  }
}
