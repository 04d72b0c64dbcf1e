package io.faultdisk.block.nbd;

import io.faultdisk.base.UsageException;
import io.faultdisk.nbd.HandshakeFlag;
import io.faultdisk.nbd.InfoType;
import io.faultdisk.nbd.NbdLimits;
import io.faultdisk.nbd.NbdMagic;
import io.faultdisk.nbd.OptionReply;
import io.faultdisk.nbd.OptionType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The client's part of the handshake: from a fresh connection to one that takes requests.
 *
 * <p>Asks for as much as the server can do: extended headers, else structured replies, else simple
 * ones; one meta context; block sizes. Works with servers that know only {@code EXPORT_NAME}, and
 * with oldstyle ones. For one thread, once.
 *
 * <p>Source: order and messages are those of QEMU 7.2, nbd/client.c, which does not ask for
 * extended headers.
 */
final class Handshake {
  private final HandshakeStream stream;
  private final OptionTalk options;
  private final NbdSettings settings;

  private long size;
  private int flags;
  private int blockMin;
  private int blockMax;
  private ExportInfo.Replies replies = ExportInfo.Replies.SIMPLE;
  private OptionalInt context = OptionalInt.empty();

  Handshake(HandshakeStream stream, NbdSettings settings) {
    this.stream = stream;
    this.options = new OptionTalk(stream);
    this.settings = settings;
  }

  /**
   * Does it.
   *
   * @throws UsageException saying what the server does not have or did wrong
   */
  ExportInfo run() throws UsageException {
    long magic = stream.read64("initial magic");
    if (magic != NbdMagic.INIT) {
      throw new UsageException("Bad initial magic received: 0x" + Long.toHexString(magic));
    }
    magic = stream.read64("server magic");
    if (magic == NbdMagic.OPTION) {
      newstyle();
    } else if (magic == NbdMagic.OLDSTYLE) {
      oldstyle();
    } else {
      throw new UsageException("Bad server magic received: 0x" + Long.toHexString(magic));
    }
    return new ExportInfo(size, flags, blockMin, blockMax, replies, context);
  }

  private void oldstyle() throws UsageException {
    if (settings.encryption().isPresent()) {
      throw new UsageException("Server does not support STARTTLS");
    }
    if (!settings.exportName().isEmpty()) {
      throw new UsageException("Server does not support non-empty export names");
    }
    size = stream.read64("export length");
    flags = stream.read32("export flags");
    if ((flags & ~0xffff) != 0) {
      throw new UsageException("Unexpected export flags " + Integer.toHexString(flags));
    }
    padding();
  }

  private void newstyle() throws UsageException {
    int offered = stream.read16("server flags");
    int chosen = offered & (HandshakeFlag.FIXED_NEWSTYLE.bit() | HandshakeFlag.NO_ZEROES.bit());
    stream.write(ByteBuffer.allocate(4).putInt(0, chosen), "clientflags field");
    if (settings.encryption().isPresent()) {
      if (!HandshakeFlag.FIXED_NEWSTYLE.in(chosen)) {
        throw new UsageException("Server does not support STARTTLS");
      }
      options.startTls(settings.encryption().get(), settings.hostname());
    }
    if (HandshakeFlag.FIXED_NEWSTYLE.in(chosen)) {
      negotiateReplies();
      if (go()) {
        return;
      }
      requireListed();
    }
    options.send(OptionType.EXPORT_NAME, utf8(settings.exportName()));
    size = stream.read64("export length");
    flags = stream.read16("export flags");
    if (!HandshakeFlag.NO_ZEROES.in(chosen)) {
      padding();
    }
  }

  private void padding() throws UsageException {
    stream.read(NbdLimits.EXPORT_NAME_PADDING_BYTES, "reserved block");
  }

  private void negotiateReplies() throws UsageException {
    if (options.request(OptionType.EXTENDED_HEADERS, false)) {
      replies = ExportInfo.Replies.EXTENDED;
    } else if (options.request(OptionType.STRUCTURED_REPLY, false)) {
      replies = ExportInfo.Replies.STRUCTURED;
    } else {
      return;
    }
    negotiateContext();
  }

  private void negotiateContext() throws UsageException {
    ByteBuffer name = utf8(settings.exportName());
    ByteBuffer query = utf8(settings.contextName());
    ByteBuffer data = ByteBuffer.allocate(12 + name.remaining() + query.remaining());
    data.putInt(name.remaining()).put(name);
    data.putInt(1).putInt(query.remaining()).put(query).flip();
    options.send(OptionType.SET_META_CONTEXT, data);
    Optional<OptionTalk.Reply> reply = options.receive(OptionType.SET_META_CONTEXT, false);
    if (reply.isEmpty() || endOfContexts(reply.get())) {
      return;
    }
    context = OptionalInt.of(context(reply.get()));
    reply = options.receive(OptionType.SET_META_CONTEXT, false);
    if (reply.isPresent() && !endOfContexts(reply.get())) {
      throw options.giveUp("Server answered with more than one context");
    }
  }

  private boolean endOfContexts(OptionTalk.Reply reply) throws UsageException {
    if (!reply.is(OptionReply.ACK)) {
      return false;
    }
    if (reply.length() != 0) {
      throw options.giveUp("Unexpected length to ACK response");
    }
    return true;
  }

  private int context(OptionTalk.Reply reply) throws UsageException {
    if (!reply.is(OptionReply.META_CONTEXT)) {
      throw options.giveUp(
          "Unexpected reply type " + options.unlike(reply, OptionReply.META_CONTEXT));
    }
    if (reply.length() <= 4) {
      throw options.giveUp(
          "Failed to negotiate meta context, server answered with unexpected length "
              + reply.length());
    }
    int id = reply.data().getInt();
    String name = StandardCharsets.UTF_8.decode(reply.data()).toString();
    if (!name.equals(settings.contextName())) {
      throw options.giveUp(
          "Failed to negotiate meta context '"
              + settings.contextName()
              + "', server answered with different context '"
              + name
              + "'");
    }
    return id;
  }

  /** False if the server does not know that option. */
  private boolean go() throws UsageException {
    ByteBuffer name = utf8(settings.exportName());
    ByteBuffer data = ByteBuffer.allocate(8 + name.remaining());
    data.putInt(name.remaining()).put(name);
    data.putShort((short) 1).putShort((short) InfoType.BLOCK_SIZE.number()).flip();
    options.send(OptionType.GO, data);
    while (true) {
      Optional<OptionTalk.Reply> reply = options.receive(OptionType.GO, true);
      if (reply.isEmpty()) {
        return false;
      }
      if (reply.get().is(OptionReply.ACK)) {
        if (reply.get().length() != 0) {
          throw new UsageException("server sent invalid NBD_REP_ACK");
        }
        if (flags == 0) {
          throw new UsageException("broken server omitted NBD_INFO_EXPORT");
        }
        return true;
      }
      information(reply.get());
    }
  }

  private void information(OptionTalk.Reply reply) throws UsageException {
    if (!reply.is(OptionReply.INFO)) {
      throw options.giveUp("unexpected reply type " + options.unlike(reply, OptionReply.INFO));
    }
    if (reply.length() < 2) {
      throw options.giveUp("NBD_REP_INFO length " + reply.length() + " is too short");
    }
    ByteBuffer data = reply.data();
    int type = data.getShort() & 0xffff;
    if (type == InfoType.EXPORT.number()) {
      requireLength(data, 10);
      size = data.getLong();
      flags = data.getShort() & 0xffff;
    } else if (type == InfoType.BLOCK_SIZE.number()) {
      requireLength(data, 12);
      blockSizes(data.getInt(), data.getInt(), data.getInt());
    }
    if (blockMin != 0 && size % blockMin != 0) {
      throw options.giveUp(
          "export size "
              + Long.toUnsignedString(size)
              + " is not multiple of minimum block size "
              + blockMin);
    }
  }

  private void requireLength(ByteBuffer data, int bytes) throws UsageException {
    if (data.remaining() != bytes) {
      throw options.giveUp("remaining export info len " + data.remaining() + " is unexpected size");
    }
  }

  private void blockSizes(int min, int preferred, int max) throws UsageException {
    if (Integer.bitCount(min) != 1 || min < 0) {
      throw options.giveUp(
          "server minimum block size " + Integer.toUnsignedString(min) + " is not a power of two");
    }
    if (Integer.bitCount(preferred) != 1 || Integer.compareUnsigned(preferred, min) < 0) {
      throw options.giveUp(
          "server preferred block size " + Integer.toUnsignedString(preferred) + " is not valid");
    }
    if (Integer.compareUnsigned(max, min) < 0) {
      throw options.giveUp(
          "server maximum block size " + Integer.toUnsignedString(max) + " is not valid");
    }
    blockMin = min;
    blockMax = max < 0 ? NbdLimits.PAYLOAD_BYTES_MAX : max;
  }

  /**
   * {@code EXPORT_NAME} cannot say why it fails, so the list of exports is looked at first. An
   * empty one means nothing.
   */
  private void requireListed() throws UsageException {
    options.send(OptionType.LIST);
    boolean empty = true;
    boolean found = false;
    while (true) {
      Optional<OptionTalk.Reply> reply = options.receive(OptionType.LIST, true);
      if (reply.isEmpty() || reply.get().is(OptionReply.ACK)) {
        break;
      }
      if (!reply.get().is(OptionReply.SERVER)) {
        throw options.giveUp(
            "Unexpected reply type " + options.unlike(reply.get(), OptionReply.SERVER));
      }
      empty = false;
      found |= exportIn(reply.get()).equals(settings.exportName());
    }
    if (!empty && !found) {
      throw options.giveUp("No export with name '" + settings.exportName() + "' available");
    }
  }

  private String exportIn(OptionTalk.Reply reply) throws UsageException {
    ByteBuffer data = reply.data();
    if (data.remaining() < 4) {
      throw options.giveUp("incorrect option length " + data.remaining());
    }
    int bytes = data.getInt();
    if (bytes < 0 || bytes > data.remaining() || bytes > NbdLimits.STRING_BYTES_MAX) {
      throw options.giveUp("incorrect name length in server's list response");
    }
    return StandardCharsets.UTF_8.decode(data.slice(data.position(), bytes)).toString();
  }

  private static ByteBuffer utf8(String text) {
    return StandardCharsets.UTF_8.encode(text);
  }
}
