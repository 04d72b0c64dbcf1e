package io.faultdisk.cli.img;

import io.faultdisk.base.SizeText;
import io.faultdisk.base.Units;
import io.faultdisk.cli.tool.Refusal;

/** Reads numbers of bytes on the command line; a mistake is reported and refused. */
final class ByteCount {
  private ByteCount() {}

  /**
   * 0 to 2<sup>63</sup>-1 bytes.
   *
   * @param what names the number in messages
   */
  static long read(ImgSession session, String what, String text) throws Refusal {
    return read(session, what, text, 0, Long.MAX_VALUE);
  }

  /** {@code min} to {@code max} bytes. */
  static long read(ImgSession session, String what, String text, long min, long max)
      throws Refusal {
    SizeText size = Units.parseUnsignedSize(text);
    if (size.hexWithSuffix()) {
      session.console().warn("Using a multiplier suffix on hex numbers is deprecated: " + text);
    }
    if (size.kind() == SizeText.Kind.NOT_A_NUMBER) {
      session
          .console()
          .report("Invalid " + what + " specified. You may use k, M, G, T, P or E suffixes for");
      throw session.failed("kilobytes, megabytes, gigabytes, terabytes, petabytes and exabytes.");
    }
    long bytes = size.bytes();
    if (!size.isOk()
        || Long.compareUnsigned(bytes, max) > 0
        || Long.compareUnsigned(bytes, min) < 0) {
      throw session.failed(
          "Invalid " + what + " specified. Must be between " + min + " and " + max + ".");
    }
    return bytes;
  }
}
