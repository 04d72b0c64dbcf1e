package io.faultdisk.block.nbd;

import io.faultdisk.base.UsageException;
import io.faultdisk.nbd.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A connection during the handshake: numbers and bytes, one at a time, with QEMU's words for what
 * goes wrong. For one thread.
 */
final class HandshakeStream {
  private Transport transport;
  private String cannotRead = "Unable to read from socket: ";
  private String cannotWrite = "Unable to write to socket: ";
  private String atEnd = "Unexpected end-of-file before all data were read";

  HandshakeStream(Transport transport) {
    this.transport = transport;
  }

  /** What carries the rest of the session. */
  Transport transport() {
    return transport;
  }

  /** Goes on encrypted. */
  void encrypt(ClientEncryption how, Optional<String> hostname) throws UsageException {
    try {
      transport = how.encrypt(transport, hostname);
    } catch (IOException e) {
      throw new UsageException(e.getMessage() == null ? e.toString() : e.getMessage());
    }
    cannotRead = "Cannot read from TLS channel: ";
    cannotWrite = "Cannot write to TLS channel: ";
    atEnd = cannotRead + "Input/output error";
  }

  int read16(String what) throws UsageException {
    return read(2, what).getShort(0) & 0xffff;
  }

  int read32(String what) throws UsageException {
    return read(4, what).getInt(0);
  }

  long read64(String what) throws UsageException {
    return read(8, what).getLong(0);
  }

  /** Exactly so many bytes; {@code what} they are is for the message. */
  ByteBuffer read(int bytes, String what) throws UsageException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    try {
      while (buffer.hasRemaining()) {
        if (transport.receive(buffer) < 0) {
          throw new UsageException("Failed to read " + what + ": " + atEnd);
        }
      }
    } catch (IOException e) {
      throw new UsageException("Failed to read " + what + ": " + cannotRead + e.getMessage());
    }
    return buffer.flip();
  }

  void write(ByteBuffer bytes, String what) throws UsageException {
    try {
      transport.send(bytes);
    } catch (IOException e) {
      throw new UsageException("Failed to send " + what + ": " + cannotWrite + e.getMessage());
    }
  }
}
