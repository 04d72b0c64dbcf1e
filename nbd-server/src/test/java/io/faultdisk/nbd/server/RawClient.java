package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.NbdMagic;
import io.faultdisk.nbd.RequestHeader;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Speaks NBD byte by byte, rightly or wrongly, as a test likes. */
final class RawClient implements AutoCloseable {
  static final int EXPORT_NAME = 1;
  static final int ABORT = 2;
  static final int LIST = 3;
  static final int STARTTLS = 5;
  static final int INFO = 6;
  static final int GO = 7;
  static final int STRUCTURED_REPLY = 8;
  static final int LIST_META_CONTEXT = 9;
  static final int SET_META_CONTEXT = 10;
  static final int EXTENDED_HEADERS = 11;

  static final int ACK = 1;

  private final SocketChannel channel;
  private boolean extended;

  /** A reply to an option. */
  record OptionAnswer(int option, int type, byte[] data) {
    ByteBuffer bytes() {
      return ByteBuffer.wrap(data);
    }

    String text() {
      return new String(data, StandardCharsets.UTF_8);
    }
  }

  /** A reply, or one chunk of it: a simple one has type -1, and its error as data. */
  record Reply(int flags, int type, long cookie, byte[] data) {
    ByteBuffer bytes() {
      return ByteBuffer.wrap(data);
    }

    boolean isLast() {
      return type == -1 || (flags & 1) != 0;
    }

    /** The error; 0 if it is none. */
    int error() {
      return type == -1 || (type & 0x8000) != 0 ? bytes().getInt() : 0;
    }
  }

  RawClient(Path socket) throws IOException {
    channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
  }

  /** Takes the greeting and answers with these flags. */
  RawClient greet(int flags) throws IOException {
    ByteBuffer greeting = receive(18);
    assertThat(greeting.getLong()).isEqualTo(NbdMagic.INIT);
    assertThat(greeting.getLong()).isEqualTo(NbdMagic.OPTION);
    assertThat(greeting.getShort()).isEqualTo((short) 3);
    send(ByteBuffer.allocate(4).putInt(flags).flip());
    return this;
  }

  /** In transmission of the default export, with simple replies. */
  static RawClient simple(Path socket) throws IOException {
    RawClient client = new RawClient(socket).greet(3);
    client.go("");
    return client;
  }

  /** In transmission of the default export, with structured replies and all contexts named. */
  static RawClient structured(Path socket, String... contexts) throws IOException {
    RawClient client = new RawClient(socket).greet(3);
    assertThat(client.option(STRUCTURED_REPLY).get(0).type()).isEqualTo(ACK);
    client.choose(contexts);
    client.go("");
    return client;
  }

  /** The same with extended headers. */
  static RawClient extended(Path socket, String... contexts) throws IOException {
    RawClient client = new RawClient(socket).greet(3);
    assertThat(client.option(EXTENDED_HEADERS).get(0).type()).isEqualTo(ACK);
    client.choose(contexts);
    client.go("");
    client.extended = true;
    return client;
  }

  private void choose(String... contexts) throws IOException {
    if (contexts.length > 0) {
      List<OptionAnswer> answers = option(SET_META_CONTEXT, queries("", contexts));
      assertThat(answers).hasSize(contexts.length + 1);
    }
  }

  /** The default export's size and flags. */
  ByteBuffer go(String name) throws IOException {
    List<OptionAnswer> answers = option(GO, info(name));
    assertThat(answers.get(answers.size() - 1).type()).isEqualTo(ACK);
    for (OptionAnswer answer : answers) {
      if (answer.type() == 3 && answer.bytes().getShort() == 0) {
        return answer.bytes().position(2).slice();
      }
    }
    throw new AssertionError("no NBD_INFO_EXPORT");
  }

  /** The data of INFO and GO. */
  static byte[] info(String name, int... types) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    ByteBuffer data = ByteBuffer.allocate(4 + text.length + 2 + 2 * types.length);
    data.putInt(text.length).put(text).putShort((short) types.length);
    for (int type : types) {
      data.putShort((short) type);
    }
    return data.array();
  }

  /** The data of LIST_META_CONTEXT and SET_META_CONTEXT. */
  static byte[] queries(String name, String... queries) {
    ByteBuffer data = ByteBuffer.allocate(8192);
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    data.putInt(text.length).put(text).putInt(queries.length);
    for (String query : queries) {
      byte[] bytes = query.getBytes(StandardCharsets.UTF_8);
      data.putInt(bytes.length).put(bytes);
    }
    byte[] result = new byte[data.position()];
    data.flip().get(result);
    return result;
  }

  /** Sends an option; returns all replies up to the last one. */
  List<OptionAnswer> option(int number, byte... data) throws IOException {
    sendOption(number, data);
    List<OptionAnswer> answers = new ArrayList<>();
    while (true) {
      OptionAnswer answer = answer();
      assertThat(answer.option()).isEqualTo(number);
      answers.add(answer);
      if (answer.type() == ACK || answer.type() < 0) {
        return answers;
      }
    }
  }

  void sendOption(int number, byte... data) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(16 + data.length);
    all.putLong(NbdMagic.OPTION).putInt(number).putInt(data.length).put(data);
    send(all.flip());
  }

  OptionAnswer answer() throws IOException {
    ByteBuffer header = receive(20);
    assertThat(header.getLong()).isEqualTo(NbdMagic.OPTION_REPLY);
    int option = header.getInt();
    int type = header.getInt();
    return new OptionAnswer(option, type, receive(header.getInt()).array());
  }

  void request(CommandType command, int flags, long cookie, long offset, long bytes)
      throws IOException {
    request(command, flags, cookie, offset, bytes, new byte[0]);
  }

  void request(CommandType command, int flags, long cookie, long offset, long bytes, byte[] payload)
      throws IOException {
    ByteBuffer all = ByteBuffer.allocate(RequestHeader.bytes(extended) + payload.length);
    RequestHeader.put(all, extended, flags, command, cookie, offset, bytes);
    send(all.put(payload).flip());
  }

  void write(long cookie, long offset, byte[] data) throws IOException {
    request(CommandType.WRITE, extended ? 1 << 5 : 0, cookie, offset, data.length, data);
  }

  /**
   * The next reply or chunk.
   *
   * @param simpleBytes data that follows a simple reply without an error
   */
  Reply reply(int simpleBytes) throws IOException {
    ByteBuffer start = receive(16);
    int magic = start.getInt();
    if (magic == NbdMagic.SIMPLE_REPLY) {
      int error = start.getInt();
      ByteBuffer data = ByteBuffer.allocate(4 + (error == 0 ? simpleBytes : 0));
      data.putInt(error);
      if (error == 0) {
        data.put(receive(simpleBytes));
      }
      assertThat(extended).isFalse();
      return new Reply(0, -1, start.getLong(), data.array());
    }
    int flags = start.getShort();
    int type = start.getShort() & 0xffff;
    long cookie = start.getLong();
    long bytes;
    if (magic == NbdMagic.EXTENDED_REPLY) {
      assertThat(extended).isTrue();
      bytes = receive(16).getLong(8);
    } else {
      assertThat(magic).isEqualTo(NbdMagic.STRUCTURED_REPLY);
      bytes = receive(4).getInt();
    }
    return new Reply(flags, type, cookie, receive((int) bytes).array());
  }

  /** All chunks of a reply that comes without others in between. */
  List<Reply> replies(int simpleBytes) throws IOException {
    List<Reply> chunks = new ArrayList<>();
    do {
      chunks.add(reply(simpleBytes));
    } while (!chunks.get(chunks.size() - 1).isLast());
    return chunks;
  }

  /** The error number of a reply without data. */
  int error(long cookie) throws IOException {
    Reply reply = reply(0);
    assertThat(reply.cookie()).isEqualTo(cookie);
    assertThat(reply.isLast()).isTrue();
    return reply.error();
  }

  /** Reads with whatever kind of reply there is, and puts the chunks together. */
  byte[] read(long offset, int bytes) throws IOException {
    request(CommandType.READ, 0, 77, offset, bytes);
    ByteBuffer result = ByteBuffer.allocate(bytes);
    for (Reply chunk : replies(bytes)) {
      assertThat(chunk.cookie()).isEqualTo(77);
      assertThat(chunk.error()).isZero();
      ByteBuffer data = chunk.bytes();
      if (chunk.type() == -1) {
        result.put(0, data, 4, bytes);
      } else if (chunk.type() == 1) {
        int at = (int) (data.getLong() - offset);
        result.put(at, data, 8, data.remaining());
      }
    }
    return result.array();
  }

  void send(ByteBuffer data) throws IOException {
    while (data.hasRemaining()) {
      channel.write(data);
    }
  }

  ByteBuffer receive(int bytes) throws IOException {
    ByteBuffer data = ByteBuffer.allocate(bytes);
    while (data.hasRemaining()) {
      if (channel.read(data) < 0) {
        throw new EOFException();
      }
    }
    return data.flip();
  }

  /** Whether the server has ended the connection; takes away what it has sent before. */
  boolean isCutOff() throws IOException {
    ByteBuffer waste = ByteBuffer.allocate(1 << 16);
    try {
      while (channel.read(waste.clear()) >= 0) {
        // Replies that nobody wants.
      }
    } catch (IOException e) {
      // Cut off with bytes of ours unread.
    }
    return true;
  }

  /** All that still comes until the server ends the connection. */
  byte[] rest() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer part = ByteBuffer.allocate(1 << 16);
    while (channel.read(part.clear()) >= 0) {
      all.write(part.array(), 0, part.position());
    }
    return all.toByteArray();
  }

  /** Says that nothing more comes. */
  void stopSending() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
