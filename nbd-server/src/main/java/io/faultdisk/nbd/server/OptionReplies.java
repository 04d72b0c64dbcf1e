package io.faultdisk.nbd.server;

import io.faultdisk.nbd.InfoType;
import io.faultdisk.nbd.NbdLimits;
import io.faultdisk.nbd.OptionHeader;
import io.faultdisk.nbd.OptionReply;
import io.faultdisk.nbd.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Replies to one option. For the thread of the handshake. */
final class OptionReplies {
  private final Transport transport;
  private final int option;

  /**
   * Nothing replied yet.
   *
   * @param option its number, known or not
   */
  OptionReplies(Transport transport, int option) {
    this.transport = transport;
    this.option = option;
  }

  void ack() throws IOException {
    send(OptionReply.ACK, ByteBuffer.allocate(0));
  }

  void error(OptionReply error, String text) throws IOException {
    send(error, ByteBuffer.wrap(shortened(text)));
  }

  /** A line of a list of exports. */
  void server(Export export) throws IOException {
    byte[] name = export.name().getBytes(StandardCharsets.UTF_8);
    byte[] text = export.description().orElse("").getBytes(StandardCharsets.UTF_8);
    ByteBuffer data = ByteBuffer.allocate(Integer.BYTES + name.length + text.length);
    send(OptionReply.SERVER, data.putInt(name.length).put(name).put(text).flip());
  }

  void info(InfoType type, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer data = ByteBuffer.allocate(Short.BYTES + bytes.length);
    send(OptionReply.INFO, data.putShort((short) type.number()).put(bytes).flip());
  }

  void blockSize(int min, int preferred, int max) throws IOException {
    ByteBuffer data = ByteBuffer.allocate(Short.BYTES + 3 * Integer.BYTES);
    data.putShort((short) InfoType.BLOCK_SIZE.number());
    send(OptionReply.INFO, data.putInt(min).putInt(preferred).putInt(max).flip());
  }

  void export(long size, int flags) throws IOException {
    ByteBuffer data = ByteBuffer.allocate(Short.BYTES + Long.BYTES + Short.BYTES);
    data.putShort((short) InfoType.EXPORT.number());
    send(OptionReply.INFO, data.putLong(size).putShort((short) flags).flip());
  }

  void context(int id, String name) throws IOException {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    ByteBuffer data = ByteBuffer.allocate(Integer.BYTES + bytes.length);
    send(OptionReply.META_CONTEXT, data.putInt(id).put(bytes).flip());
  }

  private void send(OptionReply reply, ByteBuffer data) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(OptionHeader.REPLY_BYTES + data.remaining());
    OptionHeader.putReply(all, option, reply, data.remaining());
    transport.send(all.put(data).flip());
  }

  private static byte[] shortened(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= NbdLimits.STRING_BYTES_MAX
        ? bytes
        : Arrays.copyOf(bytes, NbdLimits.STRING_BYTES_MAX);
  }
}
