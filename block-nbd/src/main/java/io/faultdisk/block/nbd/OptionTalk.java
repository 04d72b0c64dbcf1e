package io.faultdisk.block.nbd;

import io.faultdisk.base.UsageException;
import io.faultdisk.nbd.NbdLimits;
import io.faultdisk.nbd.NbdMagic;
import io.faultdisk.nbd.OptionHeader;
import io.faultdisk.nbd.OptionReply;
import io.faultdisk.nbd.OptionType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Sends options and receives the replies to them; refusals become exceptions with QEMU's texts.
 * When something is wrong, the server is told that we give up. For one thread.
 *
 * <p>Source: the behaviour of QEMU 7.2, nbd/client.c.
 */
final class OptionTalk {
  private final HandshakeStream stream;

  OptionTalk(HandshakeStream stream) {
    this.stream = stream;
  }

  /**
   * The reply to an option.
   *
   * @param type the number of an {@link OptionReply}
   */
  record Reply(int type, ByteBuffer data) {
    boolean is(OptionReply reply) {
      return type == reply.number();
    }

    int length() {
      return data.remaining();
    }
  }

  void send(OptionType option, ByteBuffer data) throws UsageException {
    ByteBuffer out = ByteBuffer.allocate(OptionHeader.BYTES + data.remaining());
    OptionHeader.put(out, option, data.remaining());
    stream.write(out.put(data).flip(), "option request header");
  }

  void send(OptionType option) throws UsageException {
    send(option, ByteBuffer.allocate(0));
  }

  /**
   * An option without data that the server either can do or not.
   *
   * @param strict whether only "unsupported" means no, and other errors mean the end
   */
  boolean request(OptionType option, boolean strict) throws UsageException {
    send(option);
    Optional<Reply> reply = receive(option, strict);
    if (reply.isEmpty()) {
      return false;
    }
    if (!reply.get().is(OptionReply.ACK)) {
      throw giveUp(
          "Server answered option "
              + name(option, "")
              + " with unexpected reply "
              + name(reply.get().type()));
    }
    if (reply.get().length() != 0) {
      throw giveUp(
          "Option "
              + name(option, "'")
              + " response length is "
              + reply.get().length()
              + " (it should be zero)");
    }
    return true;
  }

  /** Goes on encrypted; the server has to agree. */
  void startTls(ClientEncryption encryption, Optional<String> hostname) throws UsageException {
    if (!request(OptionType.STARTTLS, true)) {
      throw giveUp("Server don't support STARTTLS option");
    }
    stream.encrypt(encryption, hostname);
  }

  /**
   * One reply; empty if the server does not support the option.
   *
   * @param strict false if all errors are to be taken for that
   */
  Optional<Reply> receive(OptionType option, boolean strict) throws UsageException {
    ByteBuffer header;
    try {
      header = stream.read(OptionHeader.REPLY_BYTES, "option reply");
    } catch (UsageException e) {
      abort();
      throw e;
    }
    if (header.getLong(0) != NbdMagic.OPTION_REPLY) {
      throw giveUp("Unexpected option reply magic");
    }
    if (header.getInt(8) != option.number()) {
      throw giveUp(
          "Unexpected option type "
              + unsigned(header.getInt(8))
              + " ("
              + OptionType.of(header.getInt(8)).map(OptionType::text).orElse("<unknown>")
              + "), expected "
              + name(option, ""));
    }
    int type = header.getInt(12);
    int length = header.getInt(16);
    if (OptionReply.isError(type)) {
      return refused(option, type, length, strict);
    }
    if (length < 0 || length > NbdLimits.PAYLOAD_BYTES_MAX) {
      throw giveUp("incorrect option length " + unsigned(length));
    }
    return Optional.of(new Reply(type, stream.read(length, "option reply data")));
  }

  private Optional<Reply> refused(OptionType option, int type, int length, boolean strict)
      throws UsageException {
    if (length < 0 || length > NbdLimits.PAYLOAD_BYTES_MAX) {
      throw giveUp("server error " + name(type) + " message is too long");
    }
    String message =
        StandardCharsets.UTF_8
            .decode(stream.read(length, "option error " + name(type) + " message"))
            .toString();
    Optional<OptionReply> known = OptionReply.of(type);
    if (!strict || known.equals(Optional.of(OptionReply.ERR_UNSUP))) {
      return Optional.empty();
    }
    String what = name(option, "");
    String text =
        known
            .map(
                reply ->
                    switch (reply) {
                      case ERR_POLICY -> "Denied by server for option " + what;
                      case ERR_INVALID -> "Invalid parameters for option " + what;
                      case ERR_PLATFORM -> "Server lacks support for option " + what;
                      case ERR_TLS_REQD -> "TLS negotiation required before option " + what;
                      case ERR_UNKNOWN -> "Requested export not available";
                      case ERR_SHUTDOWN -> "Server shutting down before option " + what;
                      case ERR_BLOCK_SIZE_REQD ->
                          "Server requires INFO_BLOCK_SIZE for option " + what;
                      case ACK,
                          SERVER,
                          INFO,
                          META_CONTEXT,
                          ERR_UNSUP,
                          ERR_TOO_BIG,
                          ERR_EXT_HEADER_REQD ->
                          "";
                    })
            .filter(each -> !each.isEmpty())
            .orElse("Unknown error code when asking for option " + what);
    String forgotten =
        known.equals(Optional.of(OptionReply.ERR_TLS_REQD))
            ? "Did you forget a valid tls-creds?"
            : "";
    String reported = length > 0 ? "server reported: " + message : "";
    abort();
    throw new UsageException(
        text,
        Stream.of(forgotten, reported).filter(each -> !each.isEmpty()).toArray(String[]::new));
  }

  /** Tells the server, and returns what to throw. */
  UsageException giveUp(String why) {
    abort();
    return new UsageException(why);
  }

  /** Names the reply that came and the one that should have. */
  String unlike(Reply reply, OptionReply expected) {
    return name(reply.type()) + ", expected " + name(expected.number());
  }

  /** A courtesy; whether it arrives does not matter. */
  void abort() {
    try {
      send(OptionType.ABORT);
    } catch (UsageException e) {
      // The connection is gone, which the server will notice too.
    }
  }

  private static String name(OptionType option, String quote) {
    return option.number() + " (" + quote + option.text() + quote + ")";
  }

  private static String name(int type) {
    String text = OptionReply.of(type).map(OptionReply::text).orElse("<unknown>");
    return unsigned(type) + " (" + text + ")";
  }

  private static String unsigned(int number) {
    return Integer.toUnsignedString(number);
  }
}
