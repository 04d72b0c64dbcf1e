package io.faultdisk.cli.matrix;

import java.util.ArrayList;
import java.util.List;

/**
 * One call of a tool.
 *
 * @param tool {@code qemu-io} or {@code qemu-img}
 * @param args as typed; {@code {dir}} stands for the directory, {@code {disk}} for the image under
 *     test, which is opened through the rules
 */
record ToolCall(String tool, List<String> args) {
  static final String DIR = "{dir}";
  static final String DISK = "{disk}";

  static ToolCall img(String... args) {
    return new ToolCall("qemu-img", List.of(args));
  }

  /** {@code qemu-io -t writeback -f qcow2} on the disk, with these commands. */
  static ToolCall io(String... commands) {
    return io(List.of("-t", "writeback", "-f", "qcow2"), commands);
  }

  static ToolCall io(List<String> options, String... commands) {
    List<String> args = new ArrayList<>(options);
    for (String command : commands) {
      args.add("-c");
      args.add(command);
    }
    args.add(DISK);
    return new ToolCall("qemu-io", args);
  }

  /** With the placeholders filled in. */
  ToolCall in(String dir, String disk) {
    List<String> filled = new ArrayList<>();
    for (String arg : args) {
      filled.add(arg.replace(DISK, disk).replace(DIR, dir));
    }
    return new ToolCall(tool, filled);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(tool);
    for (String arg : args) {
      boolean plain = arg.chars().allMatch(c -> c > ' ' && "'\"{}*$&;".indexOf(c) < 0);
      text.append(' ').append(plain ? arg : "'" + arg + "'");
    }
    return text.toString();
  }
}
