package io.faultdisk.block.nbd;

import io.faultdisk.base.Errno;
import io.faultdisk.nbd.ChunkFlag;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.NbdError;
import io.faultdisk.nbd.NbdMagic;
import io.faultdisk.nbd.ReplyHeader;
import io.faultdisk.nbd.ReplyType;
import io.faultdisk.nbd.Transport;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes the replies of one connection as they come, finds whose they are, and wakes the waiters.
 *
 * <p>Data of reads goes straight to where the reader of the disk wants it, apart from what came
 * together with a header. What does not fit the protocol ends the connection: when the reply is
 * that of a request, that one ends as {@link Exchange.Outcome#VIOLATED}.
 *
 * <p>A thread of its own, until the connection is closed by either side.
 *
 * <p>Source: what is checked is what QEMU 7.2 checks in block/nbd.c, and that the chunks of a read
 * are all there.
 */
final class ReplyReader implements Runnable {
  private static final int BUFFER_BYTES = 64 << 10;

  /** Longest payload of a chunk that is not data. */
  private static final int SMALL_PAYLOAD_MAX = 8192;

  private final Connection connection;
  private final Transport transport;
  private final ExportInfo info;
  private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);

  /** The server does not keep to the protocol. The message says how. */
  private static final class Violation extends Exception {
    private static final long serialVersionUID = 1L;

    private final String what;

    Violation(String what) {
      super(what, null, false, false);
      this.what = what;
    }
  }

  ReplyReader(Connection connection, Transport transport, ExportInfo info) {
    this.connection = connection;
    this.transport = transport;
    this.info = info;
  }

  @Override
  public void run() {
    try {
      while (true) {
        reply();
      }
    } catch (IOException e) {
      // The usual end: the server or we have hung up.
    } catch (Violation e) {
      connection.violated(e.what);
    } finally {
      connection.ended();
    }
  }

  private void reply() throws IOException, Violation {
    require(Integer.BYTES);
    int magic = in.getInt(in.position());
    int bytes = ReplyHeader.bytes(magic);
    boolean expected =
        switch (magic) {
          case NbdMagic.SIMPLE_REPLY -> true;
          case NbdMagic.STRUCTURED_REPLY -> info.replies() == ExportInfo.Replies.STRUCTURED;
          case NbdMagic.EXTENDED_REPLY -> info.isExtended();
          default -> false;
        };
    if (!expected) {
      throw new Violation("invalid magic (got 0x" + Integer.toHexString(magic) + ")");
    }
    require(bytes);
    int at = in.position();
    Exchange exchange = connection.find(ReplyHeader.cookie(in, at));
    if (exchange == null) {
      throw new Violation("reply to a request that was not made");
    }
    in.position(at + bytes);
    try {
      if (magic == NbdMagic.SIMPLE_REPLY) {
        simple(exchange, ReplyHeader.error(in, at));
      } else {
        chunk(
            exchange,
            ReplyHeader.flags(in, at),
            ReplyHeader.type(in, at),
            ReplyHeader.length(in, at));
      }
    } catch (Violation e) {
      connection.violated(e.what);
      connection.answered(exchange, Exchange.Outcome.VIOLATED);
      throw e;
    }
  }

  private void simple(Exchange exchange, int error) throws IOException, Violation {
    boolean hasData = exchange.command == CommandType.READ;
    if (info.isStructured()
        && (hasData || exchange.command == CommandType.BLOCK_STATUS || info.isExtended())) {
      throw new Violation("Protocol error: simple reply when structured reply chunk was expected");
    }
    exchange.error = NbdError.errnoOf(error);
    if (hasData && error == NbdError.SUCCESS) {
      data(exchange, exchange.offset, exchange.length);
    }
    connection.answered(exchange, Exchange.Outcome.ANSWERED);
  }

  private void chunk(Exchange exchange, int flags, int type, long length)
      throws IOException, Violation {
    boolean done = ChunkFlag.DONE.in(flags);
    @Nullable ReplyType known = ReplyType.of(type).orElse(null);
    if (known == ReplyType.OFFSET_DATA) {
      dataChunk(exchange, length);
    } else if (ReplyType.isError(type)) {
      error(exchange, payload(length));
    } else if (known == ReplyType.NONE) {
      none(done, length);
    } else if (known == ReplyType.OFFSET_HOLE && exchange.command == CommandType.READ) {
      hole(exchange, payload(length));
    } else if (known != null && exchange.command == CommandType.BLOCK_STATUS) {
      status(exchange, known, payload(length));
    } else {
      throw new Violation(
          "Unexpected reply type: "
              + type
              + " ("
              + Optional.ofNullable(known).map(ReplyType::text).orElse("<unknown>")
              + ") for "
              + exchange.command.text());
    }
    if (done) {
      requireComplete(exchange);
      connection.answered(exchange, Exchange.Outcome.ANSWERED);
    }
  }

  private static void requireComplete(Exchange exchange) throws Violation {
    if (!exchange.error.equals(Errno.SUCCESS)) {
      return;
    }
    if (exchange.command == CommandType.READ && exchange.received != exchange.length) {
      throw new Violation(
          "Protocol error: server sent "
              + (exchange.received < exchange.length ? "only " : "")
              + exchange.received
              + " of "
              + exchange.length
              + " bytes");
    }
    if (exchange.command == CommandType.BLOCK_STATUS && exchange.extentBytes == 0) {
      throw new Violation("Server did not reply with any status extents");
    }
  }

  private static void none(boolean done, long length) throws Violation {
    if (!done) {
      throw new Violation(
          "Protocol error: NBD_REPLY_TYPE_NONE chunk without NBD_REPLY_FLAG_DONE flag set");
    }
    if (length != 0) {
      throw new Violation("Protocol error: NBD_REPLY_TYPE_NONE chunk with nonzero length");
    }
  }

  private void dataChunk(Exchange exchange, long length) throws IOException, Violation {
    if (exchange.command != CommandType.READ) {
      throw new Violation("Unexpected NBD_REPLY_TYPE_OFFSET_DATA chunk");
    }
    if (length >= 0 && length <= Long.BYTES) {
      throw new Violation("Protocol error: invalid payload for NBD_REPLY_TYPE_OFFSET_DATA");
    }
    require(Long.BYTES);
    long offset = in.getLong();
    requireInside(exchange, offset, length - Long.BYTES);
    data(exchange, offset, length - Long.BYTES);
  }

  private static void requireInside(Exchange exchange, long offset, long bytes) throws Violation {
    long before = offset - exchange.offset;
    if (bytes <= 0
        || bytes > exchange.length
        || offset < exchange.offset
        || before > exchange.length - bytes) {
      throw new Violation("Protocol error: server sent chunk exceeding requested region");
    }
  }

  private void hole(Exchange exchange, ByteBuffer payload) throws Violation {
    if (payload.remaining() != Long.BYTES + Integer.BYTES) {
      throw new Violation("Protocol error: invalid payload for NBD_REPLY_TYPE_OFFSET_HOLE");
    }
    long offset = payload.getLong();
    long bytes = payload.getInt() & 0xffff_ffffL;
    requireInside(exchange, offset, bytes);
    ByteBuffer target = exchange.target;
    Zeroes.fill(target, target.position() + (int) (offset - exchange.offset), (int) bytes);
    exchange.received += bytes;
  }

  private static void error(Exchange exchange, ByteBuffer payload) throws Violation {
    if (payload.remaining() < Integer.BYTES + Short.BYTES) {
      throw new Violation("Protocol error: invalid payload for structured error");
    }
    int number = payload.getInt();
    if (number == NbdError.SUCCESS) {
      throw new Violation("Protocol error: server sent structured error chunk with error = 0");
    }
    int messageBytes = payload.getShort() & 0xffff;
    if (messageBytes > payload.remaining()) {
      throw new Violation(
          "Protocol error: server sent structured error chunk with incorrect message size");
    }
    if (exchange.error.equals(Errno.SUCCESS)) {
      exchange.error = NbdError.errnoOf(number);
    }
  }

  /** The first extent counts; a server that sends more of them was asked for one only. */
  private void status(Exchange exchange, ReplyType type, ByteBuffer payload) throws Violation {
    boolean wide = type == ReplyType.BLOCK_STATUS_EXT;
    if (wide != info.isExtended() || (!wide && type != ReplyType.BLOCK_STATUS)) {
      throw new Violation("Unexpected reply type: " + type.text() + " for block status");
    }
    if (exchange.extentBytes != 0) {
      throw new Violation("Several BLOCK_STATUS chunks in reply");
    }
    int headBytes = wide ? 2 * Integer.BYTES : Integer.BYTES;
    int extentBytes = wide ? 2 * Long.BYTES : 2 * Integer.BYTES;
    if (payload.remaining() < headBytes + extentBytes) {
      throw new Violation("Protocol error: invalid payload for NBD_REPLY_TYPE_BLOCK_STATUS");
    }
    int context = payload.getInt();
    if (info.context().isEmpty() || context != info.context().getAsInt()) {
      throw new Violation(
          "Protocol error: unexpected context id "
              + context
              + " for NBD_REPLY_TYPE_BLOCK_STATUS, when negotiated context id is "
              + info.context().orElse(0));
    }
    payload.position(headBytes);
    exchange.extentBytes = wide ? payload.getLong() : payload.getInt() & 0xffff_ffffL;
    exchange.extentFlags = wide ? payload.getLong() : payload.getInt() & 0xffff_ffffL;
    if (exchange.extentBytes == 0) {
      throw new Violation("Protocol error: server sent status chunk with zero length");
    }
  }

  private ByteBuffer payload(long length) throws IOException, Violation {
    if (length < 0 || length > SMALL_PAYLOAD_MAX) {
      throw new Violation("Payload too large");
    }
    require((int) length);
    ByteBuffer payload = in.slice(in.position(), (int) length);
    in.position(in.position() + (int) length);
    return payload;
  }

  /** Reads what belongs to a part of the exchange's range into the same part of its target. */
  private void data(Exchange exchange, long offset, long bytes) throws IOException {
    ByteBuffer target = exchange.target;
    int from = target.position() + (int) (offset - exchange.offset);
    int buffered = (int) Math.min(bytes, in.remaining());
    target.put(from, in, in.position(), buffered);
    in.position(in.position() + buffered);
    ByteBuffer rest = target.slice(from + buffered, (int) bytes - buffered);
    while (rest.hasRemaining()) {
      rest.limit(Math.min(rest.capacity(), rest.position() + Connection.PIECE_BYTES));
      read(rest);
      rest.limit(rest.capacity());
    }
    exchange.received += bytes;
  }

  /** Makes so many bytes available in the buffer, in one piece. */
  private void require(int bytes) throws IOException {
    if (in.remaining() >= bytes) {
      return;
    }
    in.compact();
    while (in.position() < bytes) {
      read(in);
    }
    in.flip();
  }

  private void read(ByteBuffer into) throws IOException {
    if (transport.receive(into) < 0) {
      throw new EOFException();
    }
  }
}
