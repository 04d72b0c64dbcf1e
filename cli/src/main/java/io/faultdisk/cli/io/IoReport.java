package io.faultdisk.cli.io;

import io.faultdisk.base.Units;
import io.faultdisk.cli.Console;
import java.nio.ByteBuffer;

/** What is printed after a request: the statistics, and with {@code -v} the bytes. */
final class IoReport {
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final int DUMP_WIDTH = 16;
  private static final String HEX = "0123456789abcdef";

  private IoReport() {}

  /**
   * Prints two lines, or one of comma-separated values.
   *
   * @param operation {@code read}, {@code wrote} or {@code discard}
   * @param offset where the request began
   * @param bytes how much was asked for, and how much was done: there are no partial successes
   * @param nanos how long it took
   * @param parsable the one-line form ({@code -C})
   */
  static void print(
      Console console, String operation, long offset, long bytes, long nanos, boolean parsable) {
    // In two steps, so that the last digits come out as in qemu-io.
    long wholeSeconds = nanos / NANOS_PER_SECOND;
    double seconds = wholeSeconds + fraction(nanos);
    if (parsable) {
      console.line(
          bytes
              + ",1,"
              + time(nanos, true)
              + ","
              + Units.fixed(bytes / seconds, 3)
              + ","
              + Units.fixed(1 / seconds, 3));
      return;
    }
    console.line(operation + " " + bytes + "/" + bytes + " bytes at offset " + offset);
    console.line(
        Units.human(bytes)
            + ", 1 ops; "
            + time(nanos, false)
            + " ("
            + Units.human(bytes / seconds)
            + "/sec and "
            + Units.fixed(1 / seconds, 4)
            + " ops/sec)");
  }

  /** {@code 00.02 sec} below a second, otherwise and always if {@code hours} {@code 0:00:01.02}. */
  private static String time(long nanos, boolean hours) {
    long seconds = nanos / NANOS_PER_SECOND;
    double rest = seconds % 60 + fraction(nanos);
    String twoDigits = (rest < 9.995 ? "0" : "") + Units.fixed(rest, 2);
    if (!hours && seconds == 0) {
      return twoDigits + " sec";
    }
    long minutes = seconds / 60 % 60;
    return seconds / 3600 + ":" + (minutes < 10 ? "0" : "") + minutes + ":" + twoDigits;
  }

  private static double fraction(long nanos) {
    return nanos % NANOS_PER_SECOND / 1e9;
  }

  /** Prints the bytes as hexadecimal and text, 16 on a line; a short last line is not filled up. */
  static void dump(Console console, ByteBuffer bytes, long offset) {
    int count = bytes.limit();
    StringBuilder line = new StringBuilder();
    for (int start = 0; start < count; start += DUMP_WIDTH) {
      int end = Math.min(count, start + DUMP_WIDTH);
      line.setLength(0);
      String place = Long.toHexString(offset + start);
      line.repeat('0', Math.max(0, 8 - place.length())).append(place).append(":  ");
      for (int i = start; i < end; i++) {
        byte b = bytes.get(i);
        line.append(HEX.charAt(b >> 4 & 15)).append(HEX.charAt(b & 15)).append(' ');
      }
      line.append(' ');
      for (int i = start; i < end; i++) {
        line.append(isAlphanumeric(bytes.get(i)) ? (char) bytes.get(i) : '.');
      }
      console.line(line.toString());
    }
  }

  private static boolean isAlphanumeric(byte b) {
    return (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z');
  }
}
