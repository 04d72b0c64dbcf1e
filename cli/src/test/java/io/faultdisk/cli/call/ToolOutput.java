package io.faultdisk.cli.call;

import java.util.regex.Pattern;

/**
 * What a call printed and how it ended; figures that depend on the clock or on the file system are
 * masked.
 */
public record ToolOutput(String stdout, String stderr, int exitCode) {
  /** In place of an exit code: it did not end. */
  public static final int HUNG = -1;

  private static final Pattern TIMES = Pattern.compile("(, \\d+ ops; ).*/sec\\)");
  private static final Pattern NODE_NAMES = Pattern.compile("#block\\d+");
  private static final Pattern DATES = Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d");
  private static final Pattern JSON_DATES = Pattern.compile("(\"date-n?sec\": )\\d+");
  private static final Pattern DISK_SIZES =
      Pattern.compile("(disk size: |\"actual-size\": )[0-9][^\n,]*");
  private static final Pattern SECONDS = Pattern.compile("in \\d+\\.\\d+ seconds");

  public static ToolOutput masked(String stdout, String stderr, int exitCode, String dir) {
    return new ToolOutput(mask(stdout, dir), mask(stderr, dir), exitCode);
  }

  private static String mask(String text, String dir) {
    String masked = text.replace(dir, ToolCall.DIR);
    masked = TIMES.matcher(masked).replaceAll("$1T");
    masked = NODE_NAMES.matcher(masked).replaceAll("#blockN");
    masked = SECONDS.matcher(masked).replaceAll("in T seconds");
    masked = JSON_DATES.matcher(masked).replaceAll("$1N");
    masked = DISK_SIZES.matcher(masked).replaceAll("$1N");
    return DATES.matcher(masked).replaceAll("DATE");
  }

  @Override
  public String toString() {
    return "exit " + exitCode + "\n" + stdout + (stderr.isEmpty() ? "" : "stderr: " + stderr);
  }
}
