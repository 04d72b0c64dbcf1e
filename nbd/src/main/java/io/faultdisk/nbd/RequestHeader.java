package io.faultdisk.nbd;

import java.nio.ByteBuffer;

/**
 * The header of a request, read and written in place. The payload of a write follows it.
 *
 * <pre>
 * offset  width  compact   |  offset  width  extended
 *      0      4  magic     |       0      4  magic
 *      4      2  flags     |       4      2  flags
 *      6      2  command   |       6      2  command
 *      8      8  cookie    |       8      8  cookie
 *     16      8  offset    |      16      8  offset
 *     24      4  length    |      24      8  length
 * </pre>
 *
 * <p>All big-endian, and so must be the buffers. The readers take the position of the header in its
 * buffer and move nothing; the writers append at the buffer's position.
 */
public final class RequestHeader {
  public static final int BYTES = 28;
  public static final int EXTENDED_BYTES = 32;

  private RequestHeader() {}

  /** The length of a header in bytes. */
  public static int bytes(boolean extended) {
    return extended ? EXTENDED_BYTES : BYTES;
  }

  /** What the header must start with. */
  public static int magic(boolean extended) {
    return extended ? NbdMagic.EXTENDED_REQUEST : NbdMagic.REQUEST;
  }

  /** Appends a header. A compact one takes lengths up to 2^32 - 1. */
  public static void put(
      ByteBuffer out,
      boolean extended,
      int flags,
      CommandType command,
      long cookie,
      long offset,
      long length) {
    out.putInt(magic(extended));
    out.putShort((short) flags);
    out.putShort((short) command.number());
    out.putLong(cookie);
    out.putLong(offset);
    if (extended) {
      out.putLong(length);
    } else {
      out.putInt((int) length);
    }
  }

  /** The magic number of the header at this position. */
  public static int magic(ByteBuffer in, int at) {
    return in.getInt(at);
  }

  /** The {@link CommandFlag}s. */
  public static int flags(ByteBuffer in, int at) {
    return in.getShort(at + 4) & 0xffff;
  }

  /** The number of a {@link CommandType}, known or not. */
  public static int command(ByteBuffer in, int at) {
    return in.getShort(at + 6) & 0xffff;
  }

  /** What the client wants to see in the reply. */
  public static long cookie(ByteBuffer in, int at) {
    return in.getLong(at + 8);
  }

  /** Where in the export, in bytes; unsigned, so negative means far too much. */
  public static long offset(ByteBuffer in, int at) {
    return in.getLong(at + 16);
  }

  /** How many bytes; unsigned, so in an extended header negative means far too many. */
  public static long length(ByteBuffer in, int at, boolean extended) {
    return extended ? in.getLong(at + 24) : in.getInt(at + 24) & 0xffff_ffffL;
  }
}
