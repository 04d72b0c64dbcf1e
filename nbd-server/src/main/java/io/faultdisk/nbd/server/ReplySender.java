package io.faultdisk.nbd.server;

import io.faultdisk.nbd.ReplyHeader;
import io.faultdisk.rules.ConnectionFault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Sends the reply to one request, in one piece or in chunks, and does to it what a rule wants.
 *
 * <p>For one thread of the server; a reply that is to come late parks it, and the connection goes
 * on without it.
 */
final class ReplySender {
  private final Connection connection;
  private final ConnectionFaults faults;
  private final Request request;
  private Optional<ConnectionFault> fault = Optional.empty();
  private boolean asked;

  ReplySender(Connection connection, ConnectionFaults faults, Request request) {
    this.connection = connection;
    this.faults = faults;
    this.request = request;
  }

  /**
   * Sends a chunk, or the whole reply.
   *
   * @param chunk its header is at the buffer's position; may be changed
   * @throws IOException if the client is not there any more, above all if a rule has cut it off
   */
  void send(ByteBuffer chunk) throws IOException {
    boolean first = !asked;
    if (first) {
      asked = true;
      fault = faults.onReply(request);
    }
    if (fault.isEmpty()) {
      connection.send(chunk);
      return;
    }
    int start = chunk.position();
    int header = ReplyHeader.bytes(ReplyHeader.magic(chunk, start));
    switch (fault.get().mode()) {
      case DROP_AFTER_HEADER -> cutOff(chunk.limit(start + header));
      case HALF_PAYLOAD -> {
        int payload = chunk.remaining() - header;
        cutOff(chunk.limit(start + header + payload / 2));
      }
      case WRONG_COOKIE -> {
        ReplyHeader.cookie(chunk, start, ~request.cookie());
        connection.send(chunk);
      }
      case LATE_REPLY -> {
        if (first) {
          waitFor(fault.get().delayNanos());
        }
        connection.send(chunk);
      }
      case REFUSE -> throw new IllegalStateException("not about replies: " + fault.get());
    }
  }

  private void cutOff(ByteBuffer last) throws IOException {
    connection.sendLast(last);
    throw new IOException("cut off by a rule");
  }

  private void waitFor(long nanos) {
    ServerThread.Task task = ((ServerThread) Thread.currentThread()).task();
    task.beforeWait();
    try {
      connection.pause(nanos);
    } finally {
      task.afterWait();
    }
  }
}
