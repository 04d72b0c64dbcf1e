package io.faultdisk.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One call of {@code qemu-io}: the files it finds, its arguments and its standard input.
 *
 * @param name says what is tried
 * @param files by name: a size in bytes for a file of zeroes, or the content as text
 * @param args as typed; {@code {dir}} stands for the directory of the files
 * @param stdin what it can read
 */
public record IoCase(String name, Map<String, Content> files, List<String> args, String stdin) {
  /** Stands for the directory in arguments and output. */
  public static final String DIR = "{dir}";

  /** What a file holds at first: {@code text}, then zeroes up to {@code size} bytes. */
  public record Content(String text, long size) {
    /** A file of zeroes, without a block of its own. */
    public static Content zeroes(long size) {
      return new Content("", size);
    }

    /** A text file. */
    public static Content text(String text) {
      return new Content(text, 0);
    }
  }

  /**
   * A raw image of 1 MiB called {@code disk.raw} and a rule file in front of it, with these
   * commands.
   */
  public static IoCase withRules(String name, String rules, List<String> commands) {
    Map<String, Content> files = new LinkedHashMap<>();
    files.put("disk.raw", Content.zeroes(1 << 20));
    files.put("rules.conf", Content.text(rules));
    List<String> args = new ArrayList<>();
    args.addAll(List.of("-f", "raw", "blkdebug:{dir}/rules.conf:{dir}/disk.raw"));
    for (String command : commands) {
      args.add("-c");
      args.add(command);
    }
    return new IoCase(name, files, args, "");
  }
}
