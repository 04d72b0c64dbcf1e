package io.faultdisk.nbd.server;

import io.faultdisk.nbd.ChunkFlag;
import io.faultdisk.nbd.NbdError;
import io.faultdisk.nbd.ReplyHeader;
import io.faultdisk.nbd.ReplyType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * How replies look, as negotiated, each mode having more than the one before. Writes them into
 * buffers; allocates nothing but for the text of an error.
 */
enum ReplyMode {
  /** An error number, and the data of a read. */
  SIMPLE,

  /** Reads, block status and errors come in chunks; other replies stay simple, as QEMU's do. */
  STRUCTURED,

  /** Everything comes in chunks, with lengths of 64 bits. */
  EXTENDED;

  /** The most that any reply needs besides data and extents, in bytes. */
  static final int OVERHEAD_MAX = 512;

  private static final int OFFSET_BYTES = Long.BYTES;
  private static final int HOLE_BYTES = OFFSET_BYTES + Integer.BYTES;
  private static final int ERROR_BYTES = Integer.BYTES + Short.BYTES;
  private static final int MESSAGE_BYTES_MAX = 256;

  /** The header of a chunk, in bytes. */
  int chunkHeaderBytes() {
    return this == EXTENDED ? ReplyHeader.EXTENDED_BYTES : ReplyHeader.STRUCTURED_BYTES;
  }

  /** What comes before the data of a read, in bytes. */
  int readHeaderBytes() {
    return switch (this) {
      case SIMPLE -> ReplyHeader.SIMPLE_BYTES;
      case STRUCTURED, EXTENDED -> chunkHeaderBytes() + OFFSET_BYTES;
    };
  }

  /**
   * What comes before the data of a read.
   *
   * @param at the offset of the data, which with several chunks is not the request's
   */
  void readHeader(ByteBuffer out, Request request, boolean last, long at, int bytes) {
    if (this == SIMPLE) {
      ReplyHeader.putSimple(out, NbdError.SUCCESS, request.cookie());
    } else {
      chunk(out, request, last, ReplyType.OFFSET_DATA, OFFSET_BYTES + bytes);
      out.putLong(at);
    }
  }

  /** A part of a read that is zeroes. */
  void hole(ByteBuffer out, Request request, boolean last, long at, int bytes) {
    chunk(out, request, last, ReplyType.OFFSET_HOLE, HOLE_BYTES);
    out.putLong(at);
    out.putInt(bytes);
  }

  /** Done, and there is no data. */
  void done(ByteBuffer out, Request request) {
    if (this == EXTENDED || (this == STRUCTURED && request.isRead())) {
      chunk(out, request, true, ReplyType.NONE, 0);
    } else {
      ReplyHeader.putSimple(out, NbdError.SUCCESS, request.cookie());
    }
  }

  /** Not done; the text is for people. */
  void error(ByteBuffer out, Request request, NbdError error, String text) {
    if (this == SIMPLE) {
      ReplyHeader.putSimple(out, error.number(), request.cookie());
      return;
    }
    byte[] message = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(message.length, MESSAGE_BYTES_MAX);
    chunk(out, request, true, ReplyType.ERROR, ERROR_BYTES + length);
    out.putInt(error.number());
    out.putShort((short) length);
    out.put(message, 0, length);
  }

  /** The header of a chunk, {@code bytes} of which follow. */
  void chunk(ByteBuffer out, Request request, boolean last, ReplyType type, int bytes) {
    int flags = last ? ChunkFlag.DONE.bit() : 0;
    if (this == EXTENDED) {
      ReplyHeader.putExtended(out, flags, type, request.cookie(), request.offset(), bytes);
    } else {
      ReplyHeader.putStructured(out, flags, type, request.cookie(), bytes);
    }
  }
}
