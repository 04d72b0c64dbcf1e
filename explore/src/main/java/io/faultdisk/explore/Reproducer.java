package io.faultdisk.explore;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * How to see a failure again.
 *
 * @param files what is needed for it, by name: a rule file, a script; texts that end in a line
 *     break. Commands refer to them by these names. A name is of letters, digits, {@code . _ -}
 *     without a dot in front, and neither {@link #COMMAND_FILE} nor {@link #QEMU_FILE}
 * @param command a command line that does it with faultdisk
 * @param qemuCommand one that does it with real QEMU, if that can say such rules
 */
public record Reproducer(Map<String, String> files, String command, Optional<String> qemuCommand) {
  /** The script that reports make of {@link #command}. */
  public static final String COMMAND_FILE = "command.sh";

  /** The script that reports make of {@link #qemuCommand}. */
  public static final String QEMU_FILE = "qemu.sh";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");

  /**
   * Sorts and copies the map.
   *
   * @throws IllegalArgumentException if a file cannot be named so
   */
  public Reproducer {
    for (String name : files.keySet()) {
      if (!NAME.matcher(name).matches() || name.equals(COMMAND_FILE) || name.equals(QEMU_FILE)) {
        throw new IllegalArgumentException("a file of a reproducer cannot be named '" + name + "'");
      }
    }
    files = Collections.unmodifiableMap(new TreeMap<>(files));
  }
}
