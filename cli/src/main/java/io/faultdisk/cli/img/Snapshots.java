package io.faultdisk.cli.img;

import io.faultdisk.base.Units;
import io.faultdisk.block.format.SnapshotInfo;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;

/** The internal snapshots of an image: who keeps them, and the table that shows them. */
final class Snapshots {
  private static final String HEADINGS =
      "ID        TAG               VM SIZE                DATE     VM CLOCK     ICOUNT";

  private static final int ID_WIDTH = 9;
  private static final int NAME_WIDTH = 16;
  private static final int SIZE_WIDTH = 8;
  private static final int DATE_WIDTH = 20;
  private static final int CLOCK_WIDTH = 13;
  private static final int ICOUNT_WIDTH = 11;

  private static final int MILLI = 1_000_000;
  private static final int SECOND = 1000 * MILLI;
  private static final int MINUTE_SECONDS = 60;
  private static final int HOUR_SECONDS = 60 * MINUTE_SECONDS;

  private Snapshots() {}

  /** The lines that show them; none if there is no snapshot. */
  static List<String> table(List<SnapshotInfo> snapshots) {
    List<String> lines = new ArrayList<>();
    if (!snapshots.isEmpty()) {
      lines.add("Snapshot list:");
      lines.add(HEADINGS);
      snapshots.forEach(snapshot -> lines.add(line(snapshot)));
    }
    return lines;
  }

  private static String line(SnapshotInfo snapshot) {
    return left(snapshot.id(), ID_WIDTH)
        + " "
        + left(snapshot.name(), NAME_WIDTH)
        + " "
        + right(Units.brief(snapshot.vmStateSize()), SIZE_WIDTH)
        + right(date(snapshot.dateSeconds()), DATE_WIDTH)
        + right(clock(snapshot.vmClockNanos()), CLOCK_WIDTH)
        + right(snapshot.icount() == -1 ? "" : Long.toString(snapshot.icount()), ICOUNT_WIDTH);
  }

  /** Local time, as in {@code 2026-11-22 19:13:38}. */
  private static String date(int seconds) {
    ZonedDateTime time =
        Instant.ofEpochSecond(Integer.toUnsignedLong(seconds)).atZone(ZoneId.systemDefault());
    return digits(time.getYear(), 4)
        + "-"
        + digits(time.getMonthValue(), 2)
        + "-"
        + digits(time.getDayOfMonth(), 2)
        + " "
        + digits(time.getHour(), 2)
        + ":"
        + digits(time.getMinute(), 2)
        + ":"
        + digits(time.getSecond(), 2);
  }

  /** {@code 00:00:00.000}. */
  private static String clock(long nanos) {
    long seconds = Long.divideUnsigned(nanos, SECOND);
    return digits(seconds / HOUR_SECONDS, 2)
        + ":"
        + digits(seconds / MINUTE_SECONDS % MINUTE_SECONDS, 2)
        + ":"
        + digits(seconds % MINUTE_SECONDS, 2)
        + "."
        + digits(Long.divideUnsigned(nanos, MILLI) % 1000, 3);
  }

  private static String digits(long number, int width) {
    String text = Long.toString(number);
    return "0".repeat(Math.max(0, width - text.length())) + text;
  }

  private static String left(String text, int width) {
    return text + " ".repeat(Math.max(0, width - CText.length(text)));
  }

  private static String right(String text, int width) {
    return " ".repeat(Math.max(0, width - CText.length(text))) + text;
  }
}
