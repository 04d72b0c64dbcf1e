package io.faultdisk.explore.disk.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** What is mounted on this machine. */
final class Mounts {
  private static final int MOUNT_POINT = 1;

  private Mounts() {}

  /** All mount points, as the kernel writes them: blanks as {@code \040}. */
  static Set<String> points() {
    Set<String> points = new HashSet<>();
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
        points.add(line.split(" ", -1)[MOUNT_POINT]);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return points;
  }
}
