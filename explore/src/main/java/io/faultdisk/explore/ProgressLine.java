package io.faultdisk.explore;

import java.util.Locale;

/** The line that shows how far an exploration is. */
public final class ProgressLine {
  private static final int BAR_MOST = 40;
  private static final int BAR_LEAST = 8;

  private ProgressLine() {}

  /**
   * The line: bar, cases, share, failures, rate, time left. What has no room is left out, the bar
   * first.
   *
   * @param done how many cases have ended
   * @param total how many are to be run
   * @param failures how many of those that have ended failed
   * @param elapsedMillis since the first began
   * @param width of the terminal in characters; the line is not longer
   */
  public static String text(int done, int total, int failures, long elapsedMillis, int width) {
    String cases = done + "/" + total;
    String share = total == 0 ? "" : "  " + (int) (done * 100L / total) + "%";
    String failed = failures == 0 ? "" : "  " + failures + " failed";
    double perSecond = elapsedMillis <= 0 ? 0 : done * 1000.0 / elapsedMillis;
    String rate = done == 0 || elapsedMillis <= 0 ? "" : "  " + rate(perSecond) + "/s";
    String left =
        rate.isEmpty() || done >= total
            ? ""
            : "  " + time((long) Math.ceil((total - done) / perSecond)) + " left";
    String line = cases + share + failed + rate + left;
    int room = Math.min(BAR_MOST, width - line.length() - 3);
    if (room >= BAR_LEAST) {
      return bar(done, total, room) + " " + line;
    }
    for (String shorter :
        new String[] {line, cases + failed + rate + left, cases + failed + left, cases + failed}) {
      if (shorter.length() <= width) {
        return shorter;
      }
    }
    return cases.length() <= width ? cases : cases.substring(0, Math.max(0, width));
  }

  private static String bar(int done, int total, int room) {
    int full = total == 0 ? room : (int) ((long) done * room / total);
    return "[" + "#".repeat(full) + "-".repeat(room - full) + "]";
  }

  /** {@code 0.4}, {@code 12}, {@code 1,020}. */
  static String rate(double perSecond) {
    return perSecond < 10
        ? String.format(Locale.ROOT, "%.1f", perSecond)
        : String.format(Locale.ROOT, "%,d", Math.round(perSecond));
  }

  /** {@code 0:07}, {@code 12:00}, {@code 2:00:05}. */
  static String time(long seconds) {
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
        : String.format(
            Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
