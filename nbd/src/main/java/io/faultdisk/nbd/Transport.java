package io.faultdisk.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What carries the bytes of a session, in both directions and in order: a socket, or TLS over one.
 *
 * <p>Calls block. One thread may receive while another sends; two may not do the same at once. Any
 * thread may close, and those that are blocked then get an exception.
 */
public interface Transport extends AutoCloseable {

  /**
   * Takes what has come, waiting until there is something.
   *
   * @param target with room for at least one byte; direct buffers spare a copy
   * @return how many bytes were put into it, at least 1; -1 when the peer will send no more
   */
  int receive(ByteBuffer target) throws IOException;

  /** Sends all that remains of the buffer. */
  void send(ByteBuffer source) throws IOException;

  /** Makes {@link #receive} report the end, now and from now on; what is sent still arrives. */
  void stopReceiving();

  /**
   * Says that nothing more will be sent; the last thing before {@link #close} of a side that ends
   * in order. May block as {@link #send} does.
   */
  void stopSending() throws IOException;

  /** Who is at the other end, for messages. */
  String peer();

  /** Ends both directions. Idempotent. */
  @Override
  void close();

  /**
   * Takes exactly as many bytes as the buffer has room for; false if the peer ended before the
   * first of them.
   *
   * @throws EOFException if it ended later
   */
  default boolean receiveFully(ByteBuffer target) throws IOException {
    int start = target.position();
    while (target.hasRemaining()) {
      if (receive(target) < 0) {
        if (target.position() == start) {
          return false;
        }
        throw new EOFException("the peer ended in the middle of a message");
      }
    }
    return true;
  }
}
