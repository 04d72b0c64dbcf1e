package io.faultdisk.block.nbd;

import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.NbdMagic;
import io.faultdisk.nbd.RequestHeader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A connection of a {@link FakeServer}: bytes and messages, put together by hand. */
final class FakeSession implements AutoCloseable {
  static final int EXPORT_NAME = 1;
  static final int ABORT = 2;
  static final int LIST = 3;
  static final int GO = 7;
  static final int STRUCTURED_REPLY = 8;
  static final int SET_META_CONTEXT = 10;
  static final int EXTENDED_HEADERS = 11;

  static final int ACK = 1;
  static final int SERVER = 2;
  static final int INFO = 3;
  static final int META_CONTEXT = 4;
  static final int ERR_UNSUP = 0x80000001;

  static final int HAS_FLAGS = 1;
  static final int READ_ONLY = 1 << 1;
  static final int SEND_FLUSH = 1 << 2;
  static final int SEND_FUA = 1 << 3;
  static final int SEND_TRIM = 1 << 5;
  static final int SEND_WRITE_ZEROES = 1 << 6;
  static final int SEND_FAST_ZERO = 1 << 11;

  /** All but the flush, which would be asked for when a disk is closed. */
  static final int ALL = HAS_FLAGS | SEND_FUA | SEND_TRIM | SEND_WRITE_ZEROES | SEND_FAST_ZERO;

  /** The last chunk of a reply. */
  static final int DONE = 1;

  static final int CONTEXT = 17;

  private final SocketChannel channel;
  private boolean extended;

  /** What a client asks for in the handshake. */
  record Option(int number, byte[] data) {}

  /** What a client asks for later; the payload is empty but for writes. */
  record Request(int flags, int command, long cookie, long offset, long bytes, byte[] payload) {
    boolean is(CommandType type) {
      return command == type.number();
    }
  }

  FakeSession(SocketChannel channel) {
    this.channel = channel;
  }

  FakeSession send(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    return this;
  }

  ByteBuffer receive(int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException();
      }
    }
    return buffer.flip();
  }

  /** Waits until the client has hung up. */
  void awaitHangUp() throws IOException {
    try {
      while (channel.read(ByteBuffer.allocate(1 << 16)) >= 0) {
        // What it says no longer counts.
      }
    } catch (IOException e) {
      // That is one way to hang up.
    }
  }

  /** Nothing more comes; the client may still send. */
  void stopSending() throws IOException {
    channel.shutdownOutput();
  }

  /** Newstyle, with these flags; returns the client's. */
  int greet(int flags) throws IOException {
    ByteBuffer greeting = ByteBuffer.allocate(18);
    greeting.putLong(NbdMagic.INIT).putLong(NbdMagic.OPTION).putShort((short) flags);
    send(greeting.flip());
    return receive(4).getInt();
  }

  Option option() throws IOException {
    ByteBuffer header = receive(16);
    if (header.getLong() != NbdMagic.OPTION) {
      throw new IOException("no option");
    }
    int number = header.getInt();
    return new Option(number, receive(header.getInt()).array());
  }

  FakeSession answer(int option, int type, byte... data) throws IOException {
    ByteBuffer reply = ByteBuffer.allocate(20 + data.length);
    reply.putLong(NbdMagic.OPTION_REPLY).putInt(option).putInt(type).putInt(data.length).put(data);
    return send(reply.flip());
  }

  /** An error with a text. */
  FakeSession answer(int option, int type, String text) throws IOException {
    return answer(option, type, text.getBytes(StandardCharsets.UTF_8));
  }

  /** The whole handshake, in order; the client's options are returned. */
  List<Option> handshake(ExportInfo.Replies replies, long size, int flags) throws IOException {
    return handshake(replies, size, flags, Optional.empty());
  }

  /**
   * The same with the sizes of blocks.
   *
   * @param blocks smallest, preferred, largest
   */
  List<Option> handshake(ExportInfo.Replies replies, long size, int flags, Optional<int[]> blocks)
      throws IOException {
    greet(3);
    List<Option> options = new ArrayList<>();
    while (true) {
      Option option = option();
      options.add(option);
      switch (option.number()) {
        case EXTENDED_HEADERS -> {
          extended = replies == ExportInfo.Replies.EXTENDED;
          answer(EXTENDED_HEADERS, extended ? ACK : ERR_UNSUP);
        }
        case STRUCTURED_REPLY ->
            answer(STRUCTURED_REPLY, replies == ExportInfo.Replies.STRUCTURED ? ACK : ERR_UNSUP);
        case SET_META_CONTEXT -> {
          answer(SET_META_CONTEXT, META_CONTEXT, context(CONTEXT, "base:allocation"));
          answer(SET_META_CONTEXT, ACK);
        }
        case GO -> {
          answer(GO, INFO, export(size, flags));
          if (blocks.isPresent()) {
            answer(GO, INFO, blockSizes(blocks.get()));
          }
          answer(GO, ACK);
          return options;
        }
        default -> throw new IOException("option " + option.number());
      }
    }
  }

  static byte[] context(int id, String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(4 + text.length).putInt(id).put(text).array();
  }

  static byte[] export(long size, int flags) {
    return ByteBuffer.allocate(12)
        .putShort((short) 0)
        .putLong(size)
        .putShort((short) flags)
        .array();
  }

  static byte[] blockSizes(int... sizes) {
    ByteBuffer data = ByteBuffer.allocate(2 + 4 * sizes.length).putShort((short) 3);
    for (int size : sizes) {
      data.putInt(size);
    }
    return data.array();
  }

  Request request() throws IOException {
    ByteBuffer header = receive(RequestHeader.bytes(extended));
    if (RequestHeader.magic(header, 0) != RequestHeader.magic(extended)) {
      throw new IOException("no request");
    }
    long bytes = RequestHeader.length(header, 0, extended);
    int command = RequestHeader.command(header, 0);
    boolean write = command == CommandType.WRITE.number();
    return new Request(
        RequestHeader.flags(header, 0),
        command,
        RequestHeader.cookie(header, 0),
        RequestHeader.offset(header, 0),
        bytes,
        receive(write ? (int) bytes : 0).array());
  }

  FakeSession simple(long cookie, int error, byte... data) throws IOException {
    ByteBuffer reply = ByteBuffer.allocate(16 + data.length);
    reply.putInt(NbdMagic.SIMPLE_REPLY).putInt(error).putLong(cookie).put(data);
    return send(reply.flip());
  }

  FakeSession chunk(long cookie, int flags, int type, byte... payload) throws IOException {
    return header(cookie, flags, type, payload.length).send(ByteBuffer.wrap(payload));
  }

  /** A header alone, which may lie about the length. */
  FakeSession header(long cookie, int flags, int type, long length) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(32);
    header.putInt(extended ? NbdMagic.EXTENDED_REPLY : NbdMagic.STRUCTURED_REPLY);
    header.putShort((short) flags).putShort((short) type).putLong(cookie);
    if (extended) {
      header.putLong(0).putLong(length);
    } else {
      header.putInt((int) length);
    }
    return send(header.flip());
  }

  FakeSession done(long cookie) throws IOException {
    return chunk(cookie, DONE, 0);
  }

  static byte[] data(long offset, byte... data) {
    return ByteBuffer.allocate(8 + data.length).putLong(offset).put(data).array();
  }

  static byte[] hole(long offset, int bytes) {
    return ByteBuffer.allocate(12).putLong(offset).putInt(bytes).array();
  }

  static byte[] error(int number, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer payload = ByteBuffer.allocate(6 + bytes.length);
    return payload.putInt(number).putShort((short) bytes.length).put(bytes).array();
  }

  static byte[] errorAt(int number, String text, long offset) {
    byte[] error = error(number, text);
    return ByteBuffer.allocate(error.length + 8).put(error).putLong(offset).array();
  }

  static byte[] extents(int context, int... lengthsAndFlags) {
    ByteBuffer payload = ByteBuffer.allocate(4 + 4 * lengthsAndFlags.length).putInt(context);
    for (int each : lengthsAndFlags) {
      payload.putInt(each);
    }
    return payload.array();
  }

  static byte[] wideExtents(int context, long... lengthsAndFlags) {
    ByteBuffer payload = ByteBuffer.allocate(8 + 8 * lengthsAndFlags.length);
    payload.putInt(context).putInt(lengthsAndFlags.length / 2);
    for (long each : lengthsAndFlags) {
      payload.putLong(each);
    }
    return payload.array();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It is closed now, or was before.
    }
  }
}
