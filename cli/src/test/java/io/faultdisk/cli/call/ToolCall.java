package io.faultdisk.cli.call;

import java.util.ArrayList;
import java.util.List;

/**
 * One call of a tool.
 *
 * @param tool {@code qemu-io}, {@code qemu-img} or {@code qemu-nbd}
 * @param args as typed, without single quotes if they are to be read again; {@code {dir}} stands
 *     for the directory, {@code {disk}} for the image under test, which is opened through the rules
 */
public record ToolCall(String tool, List<String> args) {
  public static final String DIR = "{dir}";
  public static final String DISK = "{disk}";

  public static ToolCall img(String... args) {
    return new ToolCall("qemu-img", List.of(args));
  }

  /** {@code qemu-io -t writeback -f qcow2} on the disk, with these commands. */
  public static ToolCall io(String... commands) {
    return io(List.of("-t", "writeback", "-f", "qcow2"), commands);
  }

  public static ToolCall io(List<String> options, String... commands) {
    List<String> args = new ArrayList<>(options);
    for (String command : commands) {
      args.add("-c");
      args.add(command);
    }
    args.add(DISK);
    return new ToolCall("qemu-io", args);
  }

  /** Reads what {@link #toString} writes: words between blanks, or between single quotes. */
  public static ToolCall parse(String text) {
    List<String> words = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      StringBuilder word = new StringBuilder();
      boolean quoted = false;
      while (at < text.length() && (quoted || text.charAt(at) != ' ')) {
        char c = text.charAt(at++);
        if (c == '\'') {
          quoted = !quoted;
        } else {
          word.append(c);
        }
      }
      words.add(word.toString());
      at++;
    }
    return new ToolCall(words.get(0), words.subList(1, words.size()));
  }

  /** With the placeholders filled in. */
  public ToolCall in(String dir, String disk) {
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
      boolean plain =
          !arg.isEmpty() && arg.chars().allMatch(c -> c > ' ' && "'*$&;".indexOf(c) < 0);
      text.append(' ').append(plain ? arg : "'" + arg + "'");
    }
    return text.toString();
  }
}
