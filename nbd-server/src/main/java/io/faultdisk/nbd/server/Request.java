package io.faultdisk.nbd.server;

import io.faultdisk.nbd.CommandFlag;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.NbdError;
import io.faultdisk.nbd.NbdLimits;
import io.faultdisk.nbd.RequestHeader;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The header of one request, checked against what it asks for. A loop uses the same object for all
 * its requests; one that goes on elsewhere gets a {@link #copy}.
 */
final class Request {
  private int flags;
  private int number;
  private Optional<CommandType> command = Optional.empty();
  private long cookie;
  private long offset;
  private long bytes;

  /** Why a request is refused without being tried. */
  enum Refusal {
    UNKNOWN(NbdError.EINVAL, "unknown request type"),
    READ_ONLY(NbdError.EPERM, "Export is read-only"),
    TOO_LONG(NbdError.EINVAL, "request is longer than the maximum of 32 MiB"),
    WRITE_PAST_END(NbdError.ENOSPC, "operation past EOF"),
    PAST_END(NbdError.EINVAL, "operation past EOF"),
    FLAGS(NbdError.EINVAL, "unsupported flags for this command"),
    NO_LENGTH(NbdError.EINVAL, "need non-zero length"),
    NO_CONTEXT(NbdError.EINVAL, "CMD_BLOCK_STATUS not negotiated"),
    UNEXPECTED_PAYLOAD(NbdError.EINVAL, "unexpected payload");

    private final NbdError error;
    private final String text;

    @SuppressWarnings("ImmutableEnumChecker") // made once so that a refusal makes nothing
    private final Optional<Refusal> present = Optional.of(this);

    Refusal(NbdError error, String text) {
      this.error = error;
      this.text = text;
    }

    NbdError error() {
      return error;
    }

    String text() {
      return text;
    }
  }

  /** Reads a header that is all there. */
  void parse(ByteBuffer in, int at, boolean extended) {
    flags = RequestHeader.flags(in, at);
    number = RequestHeader.command(in, at);
    command = CommandType.of(number);
    cookie = RequestHeader.cookie(in, at);
    offset = RequestHeader.offset(in, at);
    bytes = RequestHeader.length(in, at, extended);
  }

  /** The same request, for good. */
  Request copy() {
    Request copy = new Request();
    copy.flags = flags;
    copy.number = number;
    copy.command = command;
    copy.cookie = cookie;
    copy.offset = offset;
    copy.bytes = bytes;
    return copy;
  }

  /** A block status request names its contexts: this is the length it asks about. */
  void effectBytes(long length) {
    bytes = length;
  }

  boolean has(CommandFlag flag) {
    return flag.in(flags);
  }

  Optional<CommandType> command() {
    return command;
  }

  boolean isRead() {
    return number == CommandType.READ.number();
  }

  boolean isWrite() {
    return number == CommandType.WRITE.number();
  }

  boolean isDisconnect() {
    return number == CommandType.DISC.number();
  }

  boolean isBlockStatus() {
    return number == CommandType.BLOCK_STATUS.number();
  }

  long cookie() {
    return cookie;
  }

  long offset() {
    return offset;
  }

  long bytes() {
    return bytes;
  }

  /** How many bytes follow the header; unsigned, so negative means far too many. */
  long payloadBytes(boolean extended) {
    return isWrite() || (extended && has(CommandFlag.PAYLOAD_LEN)) ? bytes : 0;
  }

  /** Why it must not be tried, if so. */
  Optional<Refusal> refusal(Agreement agreement) {
    if (command.isEmpty()) {
      return Refusal.UNKNOWN.present;
    }
    CommandType known = command.get();
    Export export = agreement.export();
    if (changes(known) && export.readOnly()) {
      return Refusal.READ_ONLY.present;
    }
    if (transfers(known) && (bytes < 0 || bytes > NbdLimits.PAYLOAD_BYTES_MAX)) {
      return Refusal.TOO_LONG.present;
    }
    if (isOutside(known, export.size())) {
      return known == CommandType.WRITE || known == CommandType.WRITE_ZEROES
          ? Refusal.WRITE_PAST_END.present
          : Refusal.PAST_END.present;
    }
    if ((flags & ~allowed(known, agreement.mode())) != 0) {
      return Refusal.FLAGS.present;
    }
    if (known == CommandType.BLOCK_STATUS) {
      if (agreement.contexts().isEmpty()) {
        return Refusal.NO_CONTEXT.present;
      }
      if (bytes == 0) {
        return Refusal.NO_LENGTH.present;
      }
    }
    return Optional.empty();
  }

  private boolean isOutside(CommandType known, long size) {
    if (known == CommandType.FLUSH) {
      return false; // a length and an offset mean nothing there
    }
    return offset < 0 || offset > size || bytes < 0 || bytes > size - offset;
  }

  private static boolean changes(CommandType command) {
    return command == CommandType.WRITE
        || command == CommandType.WRITE_ZEROES
        || command == CommandType.TRIM;
  }

  private static boolean transfers(CommandType command) {
    return command == CommandType.READ
        || command == CommandType.WRITE
        || command == CommandType.CACHE;
  }

  private static int allowed(CommandType command, ReplyMode mode) {
    int allowed = CommandFlag.FUA.bit();
    switch (command) {
      case READ -> allowed |= mode == ReplyMode.SIMPLE ? 0 : CommandFlag.DF.bit();
      case WRITE_ZEROES -> allowed |= CommandFlag.NO_HOLE.bit() | CommandFlag.FAST_ZERO.bit();
      case BLOCK_STATUS -> {
        allowed |= CommandFlag.REQ_ONE.bit();
        allowed |= mode == ReplyMode.EXTENDED ? CommandFlag.PAYLOAD_LEN.bit() : 0;
      }
      case WRITE -> allowed |= mode == ReplyMode.EXTENDED ? CommandFlag.PAYLOAD_LEN.bit() : 0;
      case DISC, FLUSH, TRIM, CACHE -> {}
    }
    return allowed;
  }
}
