package io.faultdisk.nbd.bench;

import io.faultdisk.base.UsageException;
import io.faultdisk.nbd.HandshakeFlag;
import io.faultdisk.nbd.InfoType;
import io.faultdisk.nbd.NbdLimits;
import io.faultdisk.nbd.NbdMagic;
import io.faultdisk.nbd.OptionHeader;
import io.faultdisk.nbd.OptionReply;
import io.faultdisk.nbd.OptionType;
import io.faultdisk.nbd.Transport;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The shortest handshake that leads to an export: {@code GO}, and before it {@code
 * STRUCTURED_REPLY} if asked for. Servers that know only older ones are refused. For one thread,
 * once.
 */
final class Greeting {
  private final Transport transport;

  private long size;
  private int flags;
  private int blockMin = 1;
  private int payloadMax = NbdLimits.PAYLOAD_BYTES_MAX;

  private record Reply(int type, ByteBuffer data) {
    boolean is(OptionReply reply) {
      return type == reply.number();
    }
  }

  Greeting(Transport transport) {
    this.transport = transport;
  }

  /**
   * Does it.
   *
   * @throws UsageException if the server refuses
   * @throws IOException if the connection breaks
   */
  ExportTerms run(String export, boolean structured) throws UsageException, IOException {
    ByteBuffer hello = receive(18);
    if (hello.getLong(0) != NbdMagic.INIT) {
      throw new UsageException("this is no NBD server");
    }
    int offered = hello.getShort(16);
    if (hello.getLong(8) != NbdMagic.OPTION || !HandshakeFlag.FIXED_NEWSTYLE.in(offered)) {
      throw new UsageException("the server speaks an older NBD (it needs fixed newstyle)");
    }
    int chosen = offered & (HandshakeFlag.FIXED_NEWSTYLE.bit() | HandshakeFlag.NO_ZEROES.bit());
    transport.send(ByteBuffer.allocate(4).putInt(0, chosen));
    if (structured) {
      send(OptionType.STRUCTURED_REPLY, ByteBuffer.allocate(0));
      if (!reply().is(OptionReply.ACK)) {
        throw new UsageException("the server has no structured replies");
      }
    }
    go(export);
    return new ExportTerms(size, flags, blockMin, payloadMax);
  }

  private void go(String export) throws UsageException, IOException {
    ByteBuffer name = StandardCharsets.UTF_8.encode(export);
    ByteBuffer data = ByteBuffer.allocate(8 + name.remaining());
    data.putInt(name.remaining()).put(name);
    data.putShort((short) 1).putShort((short) InfoType.BLOCK_SIZE.number()).flip();
    send(OptionType.GO, data);
    boolean told = false;
    while (true) {
      Reply reply = reply();
      if (reply.is(OptionReply.ACK) && told) {
        return;
      }
      if (OptionReply.isError(reply.type())) {
        throw refusal(export, reply);
      }
      if (!reply.is(OptionReply.INFO) || reply.data().remaining() < 2) {
        throw new UsageException("the server answers NBD_OPT_GO with nonsense");
      }
      told |= learn(reply.data());
    }
  }

  /** Whether it was the information that must come. */
  private boolean learn(ByteBuffer data) {
    int type = data.getShort() & 0xffff;
    if (type == InfoType.EXPORT.number() && data.remaining() == 10) {
      size = data.getLong();
      flags = data.getShort() & 0xffff;
      return true;
    }
    if (type == InfoType.BLOCK_SIZE.number() && data.remaining() == 12) {
      blockMin = Math.max(1, data.getInt());
      data.getInt();
      int max = data.getInt();
      payloadMax = max <= 0 ? NbdLimits.PAYLOAD_BYTES_MAX : max;
    }
    return false;
  }

  private static UsageException refusal(String export, Reply reply) {
    Optional<OptionReply> known = OptionReply.of(reply.type());
    if (known.equals(Optional.of(OptionReply.ERR_UNKNOWN))) {
      return new UsageException(
          "the server has no export '" + export + "'", "'nbdinfo --list URI' shows what it has.");
    }
    if (known.equals(Optional.of(OptionReply.ERR_TLS_REQD))) {
      return new UsageException("the server wants TLS, which this command cannot do");
    }
    String message = StandardCharsets.UTF_8.decode(reply.data()).toString();
    return new UsageException(
        "the server refuses export '"
            + export
            + "': "
            + known.map(OptionReply::text).orElse("error " + (reply.type() & 0x7fffffff))
            + (message.isEmpty() ? "" : " (" + message + ")"));
  }

  private void send(OptionType option, ByteBuffer data) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(OptionHeader.BYTES + data.remaining());
    OptionHeader.put(out, option, data.remaining());
    transport.send(out.put(data).flip());
  }

  private Reply reply() throws UsageException, IOException {
    ByteBuffer header = receive(OptionHeader.REPLY_BYTES);
    int length = header.getInt(16);
    if (header.getLong(0) != NbdMagic.OPTION_REPLY
        || length < 0
        || length > NbdLimits.PAYLOAD_BYTES_MAX) {
      throw new UsageException("the server answers the handshake with nonsense");
    }
    return new Reply(header.getInt(12), receive(length));
  }

  private ByteBuffer receive(int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    if (bytes > 0 && !transport.receiveFully(buffer)) {
      throw new EOFException("the server closed the connection during the handshake");
    }
    return buffer.flip();
  }
}
