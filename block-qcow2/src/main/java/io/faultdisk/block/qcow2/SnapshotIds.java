package io.faultdisk.block.qcow2;

import java.math.BigInteger;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ids of snapshots: decimal numbers, as far as an image keeps to that. */
final class SnapshotIds {
  /** A number at the beginning, as C's {@code strtoul} takes it. */
  private static final Pattern NUMBER =
      Pattern.compile("[ \\t-\\r]*([+-]?)([0-9]+).*", Pattern.DOTALL);

  private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(Long.SIZE);

  private SnapshotIds() {}

  /** The greatest id that is there, plus one; ids that are no numbers count as 0. */
  static String next(List<SnapshotTable.Entry> entries) {
    long max = 0;
    for (SnapshotTable.Entry entry : entries) {
      long id = number(entry.info().id());
      max = Long.compareUnsigned(id, max) > 0 ? id : max;
    }
    return Long.toUnsignedString(max + 1);
  }

  /** Unsigned 64 bits; what is larger becomes the largest. */
  private static long number(String id) {
    Matcher matcher = NUMBER.matcher(id);
    if (!matcher.matches()) {
      return 0;
    }
    BigInteger value = new BigInteger(matcher.group(2));
    if (value.compareTo(LIMIT) >= 0) {
      return -1;
    }
    return matcher.group(1).equals("-") ? -value.longValue() : value.longValue();
  }
}
