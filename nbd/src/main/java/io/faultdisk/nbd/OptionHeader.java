package io.faultdisk.nbd;

import java.nio.ByteBuffer;

/**
 * The headers of the handshake: an option from the client, and a server's reply to it. Written at
 * the buffer's position, big-endian; the data of either follows.
 *
 * <pre>
 * offset  width  option            |  offset  width  reply
 *      0      8  NbdMagic.OPTION   |       0      8  NbdMagic.OPTION_REPLY
 *      8      4  OptionType        |       8      4  OptionType
 *     12      4  length of data    |      12      4  OptionReply
 *                                  |      16      4  length of data
 * </pre>
 */
public final class OptionHeader {
  public static final int BYTES = 16;
  public static final int REPLY_BYTES = 20;

  private OptionHeader() {}

  /** Appends the header of an option. */
  public static void put(ByteBuffer out, OptionType option, int length) {
    out.putLong(NbdMagic.OPTION);
    out.putInt(option.number());
    out.putInt(length);
  }

  /** Appends the header of a reply; the option may be one that we do not know. */
  public static void putReply(ByteBuffer out, int option, OptionReply reply, int length) {
    out.putLong(NbdMagic.OPTION_REPLY);
    out.putInt(option);
    out.putInt(reply.number());
    out.putInt(length);
  }
}
