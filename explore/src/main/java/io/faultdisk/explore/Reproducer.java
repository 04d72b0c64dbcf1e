package io.faultdisk.explore;

import java.util.Map;
import java.util.Optional;

/**
 * How to see a failure again.
 *
 * @param files what is needed for it, by name: a rule file, a script; texts that end in a line
 *     break. Commands refer to them by these names
 * @param command a command line that does it with faultdisk
 * @param qemuCommand one that does it with real QEMU, if that can say such rules
 */
public record Reproducer(Map<String, String> files, String command, Optional<String> qemuCommand) {
  /** Copies the map. */
  public Reproducer {
    files = Map.copyOf(files);
  }
}
