package io.faultdisk.nbd;

import java.nio.ByteBuffer;

/**
 * The header of a reply, read and written in place. Of three kinds, told apart by their magic:
 *
 * <pre>
 * offset  width  simple  |  offset  width  structured  |  offset  width  extended
 *      0      4  magic   |       0      4  magic       |       0      4  magic
 *      4      4  error   |       4      2  flags       |       4      2  flags
 *      8      8  cookie  |       6      2  type        |       6      2  type
 *                        |       8      8  cookie      |       8      8  cookie
 *                        |      16      4  length      |      16      8  offset of the request
 *                        |                             |      24      8  length
 * </pre>
 *
 * <p>After a simple header of a successful read comes the data; after the others as many bytes as
 * the length says, as the {@link ReplyType} has it. All big-endian, and so must be the buffers. The
 * readers take the position of the header in its buffer and move nothing; the writers append.
 */
public final class ReplyHeader {
  public static final int SIMPLE_BYTES = 16;
  public static final int STRUCTURED_BYTES = 20;
  public static final int EXTENDED_BYTES = 32;

  private ReplyHeader() {}

  /** Appends a simple header. */
  public static void putSimple(ByteBuffer out, int error, long cookie) {
    out.putInt(NbdMagic.SIMPLE_REPLY);
    out.putInt(error);
    out.putLong(cookie);
  }

  /** Appends the header of a chunk of a structured reply. */
  public static void putStructured(
      ByteBuffer out, int flags, ReplyType type, long cookie, int length) {
    out.putInt(NbdMagic.STRUCTURED_REPLY);
    out.putShort((short) flags);
    out.putShort((short) type.number());
    out.putLong(cookie);
    out.putInt(length);
  }

  /** Appends the header of a chunk after extended headers were agreed on. */
  public static void putExtended(
      ByteBuffer out, int flags, ReplyType type, long cookie, long offset, long length) {
    out.putInt(NbdMagic.EXTENDED_REPLY);
    out.putShort((short) flags);
    out.putShort((short) type.number());
    out.putLong(cookie);
    out.putLong(offset);
    out.putLong(length);
  }

  /** The length of a header with this magic in bytes; -1 when no reply starts so. */
  public static int bytes(int magic) {
    return switch (magic) {
      case NbdMagic.SIMPLE_REPLY -> SIMPLE_BYTES;
      case NbdMagic.STRUCTURED_REPLY -> STRUCTURED_BYTES;
      case NbdMagic.EXTENDED_REPLY -> EXTENDED_BYTES;
      default -> -1;
    };
  }

  /** The magic number of the header at this position. */
  public static int magic(ByteBuffer in, int at) {
    return in.getInt(at);
  }

  /** The cookie of the request, in all three kinds. */
  public static long cookie(ByteBuffer in, int at) {
    return in.getLong(at + 8);
  }

  /** Puts another cookie into the header at this position, in all three kinds. */
  public static void cookie(ByteBuffer reply, int at, long cookie) {
    reply.putLong(at + 8, cookie);
  }

  /** Simple: the error number; 0 is success. */
  public static int error(ByteBuffer in, int at) {
    return in.getInt(at + 4);
  }

  /** Chunk: the {@link ChunkFlag}s. */
  public static int flags(ByteBuffer in, int at) {
    return in.getShort(at + 4) & 0xffff;
  }

  /** Chunk: the number of a {@link ReplyType}, known or not. */
  public static int type(ByteBuffer in, int at) {
    return in.getShort(at + 6) & 0xffff;
  }

  /** Chunk: how many bytes follow the header; unsigned, so negative means far too many. */
  public static long length(ByteBuffer in, int at) {
    return magic(in, at) == NbdMagic.EXTENDED_REPLY
        ? in.getLong(at + 24)
        : in.getInt(at + 16) & 0xffff_ffffL;
  }
}
