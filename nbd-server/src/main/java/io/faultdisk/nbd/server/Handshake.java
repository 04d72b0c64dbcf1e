package io.faultdisk.nbd.server;

import io.faultdisk.nbd.HandshakeFlag;
import io.faultdisk.nbd.InfoType;
import io.faultdisk.nbd.NbdLimits;
import io.faultdisk.nbd.NbdMagic;
import io.faultdisk.nbd.OptionHeader;
import io.faultdisk.nbd.OptionReply;
import io.faultdisk.nbd.OptionType;
import io.faultdisk.nbd.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The first part of a session: the client asks, chooses an export and goes. Fixed newstyle.
 *
 * <p>An option that we do not know, or cannot do, gets a reply that says so, and the client may try
 * another. What breaks the form of the protocol is a {@link ProtocolViolation}.
 *
 * <p>For the connection's thread. Source: the NBD protocol, "Handshake phase"; the texts and what
 * is refused as in QEMU 7.2, nbd/server.c; extended headers as in later releases.
 */
final class Handshake {
  /** Longest data of an option that we look at, in bytes; longer data is skipped. */
  private static final int DATA_BYTES_MAX = 64 << 10;

  private final ExportTable exports;
  private final Optional<Encryption> encryption;
  private Transport transport;
  private boolean encrypted;
  private boolean fixedNewstyle;
  private boolean noZeroes;
  private ReplyMode mode = ReplyMode.SIMPLE;

  /** What {@link OptionType#SET_META_CONTEXT} selected, and of which export. */
  private List<MetaContext> contexts = List.of();

  private String contextsOf = "";

  /** Nothing said yet. With encryption, nothing but that may be asked for before it is on. */
  Handshake(Transport transport, ExportTable exports, Optional<Encryption> encryption) {
    this.transport = transport;
    this.exports = exports;
    this.encryption = encryption;
  }

  /** What carries the rest of the session. */
  Transport transport() {
    return transport;
  }

  /** Runs until the client goes, which gives the agreement, or leaves politely. */
  Optional<Agreement> run() throws IOException, ProtocolViolation {
    greet();
    while (true) {
      ByteBuffer header = ByteBuffer.allocate(OptionHeader.BYTES);
      if (!transport.receiveFully(header)) {
        return Optional.empty();
      }
      header.flip();
      if (header.getLong() != NbdMagic.OPTION) {
        throw new ProtocolViolation("Bad magic received");
      }
      int number = header.getInt();
      long length = header.getInt() & 0xffff_ffffL;
      Optional<OptionType> option = OptionType.of(number);
      if (!fixedNewstyle && !option.equals(Optional.of(OptionType.EXPORT_NAME))) {
        throw new ProtocolViolation("Unsupported option " + Integer.toUnsignedString(number));
      }
      if (option.equals(Optional.of(OptionType.ABORT))) {
        abort(number);
        return Optional.empty();
      }
      Optional<Agreement> agreement = handle(number, option, length);
      if (agreement.isPresent()) {
        return agreement;
      }
    }
  }

  private void greet() throws IOException, ProtocolViolation {
    ByteBuffer greeting = ByteBuffer.allocate(2 * Long.BYTES + Short.BYTES);
    int ours = HandshakeFlag.FIXED_NEWSTYLE.bit() | HandshakeFlag.NO_ZEROES.bit();
    greeting.putLong(NbdMagic.INIT).putLong(NbdMagic.OPTION).putShort((short) ours);
    transport.send(greeting.flip());
    ByteBuffer answer = ByteBuffer.allocate(Integer.BYTES);
    if (!transport.receiveFully(answer)) {
      throw new ProtocolViolation("the client left without a word");
    }
    int flags = answer.getInt(0);
    if ((flags & ~ours) != 0) {
      throw new ProtocolViolation("Unknown client flags 0x%x received".formatted(flags & ~ours));
    }
    fixedNewstyle = HandshakeFlag.FIXED_NEWSTYLE.in(flags);
    noZeroes = HandshakeFlag.NO_ZEROES.in(flags);
  }

  /** The client need not wait for the reply, so it is no matter if it does not get there. */
  private void abort(int number) {
    try {
      new OptionReplies(transport, number).ack();
    } catch (IOException e) {
      // It has left.
    }
  }

  /** Replies; the agreement, if the option was one to go. */
  private Optional<Agreement> handle(int number, Optional<OptionType> option, long length)
      throws IOException, ProtocolViolation {
    OptionReplies replies = new OptionReplies(transport, number);
    if (length > NbdLimits.PAYLOAD_BYTES_MAX) {
      throw new ProtocolViolation("option data of %d bytes is too long".formatted(length));
    }
    if (length > DATA_BYTES_MAX) {
      skip(length);
      replies.error(OptionReply.ERR_TOO_BIG, "option data is too long");
      return Optional.empty();
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) length);
    if (length > 0 && !transport.receiveFully(bytes)) {
      throw new ProtocolViolation("the client left in the middle of an option");
    }
    OptionData data = new OptionData(bytes.flip());
    if (encryption.isPresent() && !encrypted) {
      beforeEncryption(encryption.get(), replies, number, option, data);
      return Optional.empty();
    }
    if (option.isEmpty()) {
      replies.error(
          OptionReply.ERR_UNSUP,
          "Unsupported option " + Integer.toUnsignedString(number) + " (<unknown>)");
      return Optional.empty();
    }
    try {
      return handle(option.get(), replies, data, bytes);
    } catch (OptionData.Malformed e) {
      replies.error(
          OptionReply.ERR_INVALID, e.getMessage() + " (option '" + option.get().text() + "')");
      return Optional.empty();
    }
  }

  private Optional<Agreement> handle(
      OptionType option, OptionReplies replies, OptionData data, ByteBuffer bytes)
      throws IOException, ProtocolViolation, OptionData.Malformed {
    switch (option) {
      case EXPORT_NAME -> {
        return Optional.of(exportName(bytes));
      }
      case GO, INFO -> {
        return info(option == OptionType.GO, replies, data);
      }
      case LIST -> {
        data.requireEnd();
        for (Export export : exports.all()) {
          replies.server(export);
        }
        replies.ack();
      }
      case STARTTLS -> {
        data.requireEnd();
        if (encrypted) {
          replies.error(OptionReply.ERR_INVALID, "TLS already enabled");
        } else {
          replies.error(OptionReply.ERR_POLICY, "TLS not configured");
        }
      }
      case STRUCTURED_REPLY -> {
        data.requireEnd();
        structuredReply(replies);
      }
      case EXTENDED_HEADERS -> {
        data.requireEnd();
        if (mode == ReplyMode.EXTENDED) {
          replies.error(OptionReply.ERR_INVALID, "extended headers already negotiated");
        } else {
          mode = ReplyMode.EXTENDED;
          replies.ack();
        }
      }
      case LIST_META_CONTEXT -> metaContext(true, replies, data);
      case SET_META_CONTEXT -> metaContext(false, replies, data);
      case ABORT -> throw new IllegalStateException("handled before");
    }
    return Optional.empty();
  }

  private void structuredReply(OptionReplies replies) throws IOException {
    switch (mode) {
      case SIMPLE -> {
        mode = ReplyMode.STRUCTURED;
        replies.ack();
      }
      case STRUCTURED ->
          replies.error(OptionReply.ERR_INVALID, "structured reply already negotiated");
      case EXTENDED ->
          replies.error(OptionReply.ERR_EXT_HEADER_REQD, "extended headers already negotiated");
    }
  }

  private void beforeEncryption(
      Encryption how,
      OptionReplies replies,
      int number,
      Optional<OptionType> option,
      OptionData data)
      throws IOException, ProtocolViolation {
    if (option.equals(Optional.of(OptionType.EXPORT_NAME))) {
      throw new ProtocolViolation("Option 0x1 not permitted before TLS");
    }
    if (!option.equals(Optional.of(OptionType.STARTTLS))) {
      replies.error(
          OptionReply.ERR_TLS_REQD, "Option 0x%x not permitted before TLS".formatted(number));
      return;
    }
    if (!data.isEmpty()) {
      throw new ProtocolViolation("option 'starttls' has unexpected length");
    }
    replies.ack();
    transport = how.encrypt(transport);
    encrypted = true;
  }

  private Agreement exportName(ByteBuffer name) throws IOException, ProtocolViolation {
    if (name.remaining() > NbdLimits.STRING_BYTES_MAX) {
      throw new ProtocolViolation("Bad length received");
    }
    String wanted = StandardCharsets.UTF_8.decode(name).toString();
    Export export =
        exports.find(wanted).orElseThrow(() -> new ProtocolViolation("export not found"));
    if (export.faults().refusesClient()) {
      throw new ProtocolViolation("refused by a rule");
    }
    int padding = noZeroes ? 0 : NbdLimits.EXPORT_NAME_PADDING_BYTES;
    ByteBuffer reply = ByteBuffer.allocate(Long.BYTES + Short.BYTES + padding);
    reply.putLong(export.size()).putShort((short) export.flags(mode));
    transport.send(reply.clear());
    return agreement(export);
  }

  private Optional<Agreement> info(boolean go, OptionReplies replies, OptionData data)
      throws IOException, OptionData.Malformed {
    String name = data.string();
    boolean wantsName = false;
    boolean wantsBlockSize = false;
    for (int left = data.number16(); left > 0; left--) {
      int wanted = data.number16();
      wantsName |= wanted == InfoType.NAME.number();
      wantsBlockSize |= wanted == InfoType.BLOCK_SIZE.number();
    }
    data.requireEnd();
    Optional<Export> found = exports.find(name);
    if (found.isEmpty()) {
      replies.error(OptionReply.ERR_UNKNOWN, "export '" + name + "' not present");
      return Optional.empty();
    }
    Export export = found.get();
    if (go && export.faults().refusesClient()) {
      replies.error(OptionReply.ERR_POLICY, "refused by a rule");
      return Optional.empty();
    }
    if (wantsName) {
      replies.info(InfoType.NAME, name);
    }
    if (export.description().isPresent()) {
      replies.info(InfoType.DESCRIPTION, export.description().get());
    }
    // Whoever did not ask may not heed it; any request works, if slowly, so do not put it off.
    int min = !go || wantsBlockSize ? export.blockBytesMin() : 1;
    replies.blockSize(min, export.blockBytesPreferred(), export.blockBytesMax());
    replies.export(export.size(), export.flags(mode));
    if (!go && !wantsBlockSize && export.blockBytesMin() > 1) {
      replies.error(
          OptionReply.ERR_BLOCK_SIZE_REQD, "request NBD_INFO_BLOCK_SIZE to use this export");
      return Optional.empty();
    }
    replies.ack();
    return go ? Optional.of(agreement(export)) : Optional.empty();
  }

  private void metaContext(boolean listing, OptionReplies replies, OptionData data)
      throws IOException, OptionData.Malformed {
    if (!listing) {
      contexts = List.of();
      if (mode == ReplyMode.SIMPLE) {
        replies.error(
            OptionReply.ERR_INVALID,
            "request option 'set meta context' when structured reply is not negotiated");
        return;
      }
    }
    String name = data.string();
    List<String> queries = new ArrayList<>();
    for (int left = data.number32(); left > 0; left--) {
      queries.add(data.string());
    }
    data.requireEnd();
    Optional<Export> export = exports.find(name);
    if (export.isEmpty()) {
      replies.error(OptionReply.ERR_UNKNOWN, "export '" + name + "' not present");
      return;
    }
    List<MetaContext> selected = ContextQueries.select(export.get(), queries, listing);
    for (MetaContext context : selected) {
      replies.context(listing ? 0 : context.id(), context.name());
    }
    replies.ack();
    if (!listing) {
      contexts = selected;
      contextsOf = name;
    }
  }

  /** Contexts that were selected for another export do not count. */
  private Agreement agreement(Export export) {
    boolean same = contextsOf.equals(export.name());
    return new Agreement(export, mode, same ? contexts : List.of());
  }

  private void skip(long bytes) throws IOException, ProtocolViolation {
    ByteBuffer waste = ByteBuffer.allocate(4096);
    for (long left = bytes; left > 0; ) {
      waste.clear().limit((int) Math.min(left, waste.capacity()));
      int count = transport.receive(waste);
      if (count < 0) {
        throw new ProtocolViolation("the client left in the middle of an option");
      }
      left -= count;
    }
  }
}
