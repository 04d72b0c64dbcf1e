package io.faultdisk.cli.own;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The block device that a file system is on, and what that is part of.
 *
 * <p>Source: proc(5), {@code /proc/self/mountinfo}; {@code Documentation/ABI} of Linux for {@code
 * /sys/dev/block}.
 *
 * @param fileSystem its type, {@code ext4}; {@code unknown} if nothing is known
 * @param name of the device, {@code /dev/sda1}; for file systems without one what was mounted
 * @param isBlockDevice whether there is one, so that its sectors mean something
 * @param containers what it is part of, from the inside to the outside: the disk of a partition,
 *     the file behind a loop device
 */
record HoldingDevice(
    String fileSystem, String name, boolean isBlockDevice, List<Container> containers) {

  /** Bytes in a sector, whatever the disk. */
  static final int SECTOR_BYTES = 512;

  /**
   * What a device is a part of.
   *
   * @param name a disk or an image file
   * @param isFile whether it is a file
   * @param start the sector in it at which the device begins
   */
  record Container(String name, boolean isFile, long start) {}

  /**
   * Looks for the device of a file.
   *
   * @param proc where the proc file system is, {@code /proc}
   * @param sys where the sys file system is, {@code /sys}
   * @param file with its real path
   * @param device its number, the major one in the upper 32 bits
   */
  static HoldingDevice find(Path proc, Path sys, Path file, long device) throws IOException {
    String number = (device >>> 32) + ":" + (int) device;
    Mount mount = mount(proc, file, number).orElse(new Mount("", "unknown", "unknown"));
    Path block = sys.resolve("dev/block").resolve(number);
    if (!Files.exists(block)) {
      return new HoldingDevice(mount.type, mount.source, false, List.of());
    }
    return new HoldingDevice(
        mount.type, name(block).orElse(mount.source), true, containers(block.toRealPath()));
  }

  /** Which of the containers' sectors are those from {@code start} on of this device. */
  long startInOutermost(long start) {
    long sum = start;
    for (Container container : containers) {
      sum = Math.addExact(sum, container.start);
    }
    return sum;
  }

  /** The name of what {@link #startInOutermost} counts in. */
  String outermost() {
    return containers.isEmpty() ? name : containers.getLast().name;
  }

  private record Mount(String point, String type, String source) {}

  /** The mount that has the device's number; some file systems have files with numbers unknown. */
  private static Optional<Mount> mount(Path proc, Path file, String number) throws IOException {
    Optional<Mount> best = Optional.empty();
    boolean bestHasNumber = false;
    for (String line : Files.readAllLines(proc.resolve("self/mountinfo"), StandardCharsets.UTF_8)) {
      List<String> fields = List.of(line.split(" "));
      int dash = fields.indexOf("-");
      if (dash < 5 || dash + 2 >= fields.size()) {
        continue;
      }
      String point = unescaped(fields.get(4));
      boolean hasNumber = fields.get(2).equals(number);
      // Mounts that hide others come later.
      boolean better =
          hasNumber != bestHasNumber
              ? hasNumber
              : best.isEmpty() || point.length() >= best.get().point.length();
      if (file.startsWith(point) && better) {
        String source = unescaped(fields.get(dash + 2));
        best = Optional.of(new Mount(point, fields.get(dash + 1), source));
        bestHasNumber = hasNumber;
      }
    }
    return best;
  }

  /** Blanks and the like are written as three octal digits behind a backslash. */
  private static String unescaped(String field) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < field.length(); i++) {
      if (field.charAt(i) == '\\' && field.substring(i + 1).matches("(?s)[0-7]{3}.*")) {
        text.append((char) Integer.parseInt(field, i + 1, i + 4, 8));
        i += 3;
      } else {
        text.append(field.charAt(i));
      }
    }
    return text.toString();
  }

  private static Optional<String> name(Path block) throws IOException {
    for (String line : Files.readAllLines(block.resolve("uevent"))) {
      if (line.startsWith("DEVNAME=")) {
        return Optional.of("/dev/" + line.substring("DEVNAME=".length()));
      }
    }
    return Optional.empty();
  }

  private static List<Container> containers(Path block) throws IOException {
    List<Container> containers = new ArrayList<>();
    Path disk = block;
    Path parent = block.getParent();
    if (Files.exists(block.resolve("partition")) && parent != null) {
      disk = parent;
      containers.add(new Container(name(disk).orElse("its disk"), false, number(block, "start")));
    }
    Path loop = disk.resolve("loop");
    if (Files.exists(loop.resolve("backing_file"))) {
      String image = Files.readString(loop.resolve("backing_file")).strip();
      containers.add(new Container(image, true, number(loop, "offset") / SECTOR_BYTES));
    }
    return containers;
  }

  private static long number(Path directory, String file) throws IOException {
    return Long.parseLong(Files.readString(directory.resolve(file)).strip());
  }
}
