package io.faultdisk.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;

/**
 * A file of cases with what the real qemu-io said to each.
 *
 * <pre>
 * ### name of the case
 * file rules.conf
 * | [inject-error]
 * size disk.raw 1048576
 * arg -f
 * c read 0 512            short for: arg -c, arg read 0 512
 * undefined disk.raw      its content is nobody's business afterwards
 * in
 * | a line of standard input
 * out                     from here on recorded, never typed in
 * | read failed: Input/output error
 * err
 * exit 1
 * crc disk.raw 12345678
 * </pre>
 *
 * <p>A case without {@code size} and {@code file} gets a {@code disk.raw} of 1 MiB. {@link
 * GoldenRecorder} fills in the recorded part.
 */
record GoldenFile(String header, List<Entry> entries) {
  private static final long DEFAULT_SIZE = 1 << 20;

  /** A case with the recorded result; {@code files} are checksums. */
  record Entry(
      IoCase io,
      Set<String> undefined,
      String out,
      String err,
      int exit,
      Map<String, String> checksums) {

    /** The same case with the result of a run. */
    Entry with(IoRun run) {
      return new Entry(io, undefined, run.stdout(), run.stderr(), run.exitCode(), checksumsOf(run));
    }

    /** CRC-32 of each file whose content is defined. */
    Map<String, String> checksumsOf(IoRun run) {
      Map<String, String> sums = new TreeMap<>();
      run.files()
          .forEach(
              (name, bytes) -> {
                if (!undefined.contains(name)) {
                  CRC32 crc = new CRC32();
                  crc.update(bytes);
                  sums.put(name, Long.toHexString(crc.getValue()));
                }
              });
      return sums;
    }
  }

  static GoldenFile resource(String name) {
    try (InputStream in = GoldenFile.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("no resource " + name);
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static GoldenFile read(Path file) throws IOException {
    return parse(Files.readString(file));
  }

  private static GoldenFile parse(String text) {
    StringBuilder header = new StringBuilder();
    List<Entry> entries = new ArrayList<>();
    Block block = null;
    for (String line : text.lines().toList()) {
      if (line.startsWith("### ")) {
        if (block != null) {
          entries.add(block.entry());
        }
        block = new Block(line.substring(4));
      } else if (block == null) {
        header.append(line).append('\n');
      } else {
        block.take(line);
      }
    }
    if (block != null) {
      entries.add(block.entry());
    }
    return new GoldenFile(header.toString(), entries);
  }

  /** One case being read. */
  private static final class Block {
    final String name;
    final Map<String, IoCase.Content> files = new LinkedHashMap<>();
    final List<String> args = new ArrayList<>();
    final StringBuilder stdin = new StringBuilder();
    final StringBuilder out = new StringBuilder();
    final StringBuilder err = new StringBuilder();
    final Set<String> undefined = new TreeSet<>();
    final Map<String, String> checksums = new TreeMap<>();
    StringBuilder target = new StringBuilder();
    String fileName = "";
    int exit;

    Block(String name) {
      this.name = name;
    }

    void take(String line) {
      if (line.isEmpty()) {
        return;
      }
      int space = line.indexOf(' ');
      String word = space < 0 ? line : line.substring(0, space);
      String rest = space < 0 ? "" : line.substring(space + 1);
      if (word.equals("|")) {
        target.append(rest).append('\n');
        return;
      }
      endFile();
      switch (word) {
        case "\\" -> target.setLength(target.length() - 1); // no line break at the end
        case "file" -> {
          fileName = rest;
          target = new StringBuilder();
        }
        case "size" -> {
          int at = rest.indexOf(' ');
          files.put(
              rest.substring(0, at), IoCase.Content.zeroes(Long.parseLong(rest.substring(at + 1))));
        }
        case "arg" -> args.add(rest);
        case "c" -> {
          args.add("-c");
          args.add(rest);
        }
        case "undefined" -> undefined.add(rest);
        case "in" -> target = stdin;
        case "out" -> target = out;
        case "err" -> target = err;
        case "exit" -> exit = Integer.parseInt(rest);
        case "crc" -> {
          int at = rest.indexOf(' ');
          checksums.put(rest.substring(0, at), rest.substring(at + 1));
        }
        default -> throw new IllegalArgumentException("in " + name + ": " + line);
      }
    }

    private void endFile() {
      if (!fileName.isEmpty()) {
        files.put(fileName, IoCase.Content.text(target.toString()));
        fileName = "";
      }
    }

    Entry entry() {
      endFile();
      if (files.values().stream().noneMatch(content -> content.size() > 0)) {
        files.put("disk.raw", IoCase.Content.zeroes(DEFAULT_SIZE));
      }
      IoCase io = new IoCase(name, files, args, stdin.toString());
      return new Entry(io, undefined, out.toString(), err.toString(), exit, checksums);
    }
  }

  /** The text of the file. */
  String text() {
    StringBuilder text = new StringBuilder(header);
    for (Entry entry : entries) {
      text.append("### ").append(entry.io().name()).append('\n');
      entry
          .io()
          .files()
          .forEach(
              (name, content) -> {
                if (content.size() > 0) {
                  text.append("size ").append(name).append(' ').append(content.size()).append('\n');
                } else {
                  append(text, "file " + name, content.text());
                }
              });
      List<String> args = entry.io().args();
      for (int i = 0; i < args.size(); i++) {
        boolean command = args.get(i).equals("-c") && i + 1 < args.size();
        text.append(command ? "c " + args.get(++i) : "arg " + args.get(i)).append('\n');
      }
      entry.undefined().forEach(name -> text.append("undefined ").append(name).append('\n'));
      if (!entry.io().stdin().isEmpty()) {
        append(text, "in", entry.io().stdin());
      }
      append(text, "out", entry.out());
      append(text, "err", entry.err());
      text.append("exit ").append(entry.exit()).append('\n');
      entry.checksums().forEach((name, sum) -> text.append("crc " + name + " " + sum + "\n"));
      text.append('\n');
    }
    return text.toString();
  }

  private static void append(StringBuilder text, String heading, String content) {
    text.append(heading).append('\n');
    content.lines().forEach(line -> text.append("| ").append(line).append('\n'));
    if (!content.isEmpty() && !content.endsWith("\n")) {
      text.append("\\\n");
    }
  }
}
