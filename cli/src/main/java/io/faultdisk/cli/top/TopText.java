package io.faultdisk.cli.top;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A look as lines of text. Stateless. */
final class TopText {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);

  private TopText() {}

  static List<String> lines(Look look, ZoneId zone) {
    List<String> lines = new ArrayList<>();
    if (look.disks().isEmpty()) {
      lines.add("no disks; a disk is a node with driver blkdebug");
    }
    for (DiskLook disk : look.disks()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%s  %s  power %s  state %d  in flight %d  suspended %d  p50 %s  p99 %s",
              disk.name,
              size(disk.size),
              disk.power,
              disk.state,
              disk.inFlight,
              disk.suspended,
              time(disk.percentile(50)),
              time(disk.percentile(99))));
      amounts(lines, disk);
      for (DiskLook.Rule rule : disk.rules()) {
        lines.add(
            String.format(
                Locale.ROOT,
                "  %-5s fault %-4d hits %-9d %s",
                rule.armed() ? "armed" : "",
                rule.id(),
                rule.injected(),
                rule.brief()));
      }
      for (DiskLook.Hit hit : disk.last()) {
        lines.add(
            String.format(
                Locale.ROOT,
                "  %s %s %s of %d at %d: %s",
                TIME.format(Instant.ofEpochMilli(hit.timeMillis()).atZone(zone)),
                hit.kind(),
                hit.op(),
                hit.bytes(),
                hit.offset(),
                hit.verdict()));
      }
    }
    return lines;
  }

  private static void amounts(List<String> lines, DiskLook disk) {
    boolean any = false;
    for (Map.Entry<String, DiskLook.Amount> type : disk.amounts().entrySet()) {
      any = true;
      lines.add(
          String.format(
              Locale.ROOT,
              "  %-13s %9.0f /s %9.1f MB/s",
              type.getKey(),
              type.getValue().requests() / disk.seconds(),
              type.getValue().bytes() / disk.seconds() / 1e6));
    }
    if (!any) {
      lines.add("  idle");
    }
  }

  private static String size(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    int unit = 0;
    double size = bytes;
    while (size >= 1024) {
      size /= 1024;
      unit++;
    }
    return String.format(
        Locale.ROOT, size == Math.rint(size) ? "%.0f %s" : "%.1f %s", size, units[unit]);
  }

  private static String time(long nanos) {
    if (nanos == 0) {
      return "-";
    }
    if (nanos < 1_000_000) {
      return String.format(Locale.ROOT, "%.1f us", nanos / 1e3);
    }
    return nanos < 1_000_000_000
        ? String.format(Locale.ROOT, "%.1f ms", nanos / 1e6)
        : String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
  }
}
