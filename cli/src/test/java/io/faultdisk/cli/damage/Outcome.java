package io.faultdisk.cli.damage;

import io.faultdisk.cli.call.ToolOutput;
import java.util.Map;

/**
 * What a treatment has printed and left behind.
 *
 * @param files the content of the directory, by name
 */
record Outcome(ToolOutput output, Map<String, FileState> files) {
  /** A process that died of a signal has an exit code above this. */
  private static final int SIGNALS = 128;

  private static final FileState MISSING = FileState.of(new byte[0]);

  /** Whether it did not come to a proper end, and so says nothing about what is right. */
  boolean crashed() {
    return output.exitCode() < 0 || output.exitCode() >= SIGNALS;
  }

  /** The image; empty if it is not there any more. */
  FileState image() {
    return files.getOrDefault(SampleImage.FILE, MISSING);
  }

  /** In what the other differs, for people; empty if it does not. */
  String difference(Outcome ours) {
    StringBuilder text = new StringBuilder();
    if (!output.equals(ours.output)) {
      text.append("real: ").append(output).append("\nours: ").append(ours.output).append('\n');
    }
    files.forEach(
        (name, file) -> {
          FileState mine = ours.files.getOrDefault(name, MISSING);
          if (!file.sameAs(mine)) {
            text.append(name).append(' ').append(file.difference(mine)).append('\n');
          }
        });
    return text.toString();
  }
}
