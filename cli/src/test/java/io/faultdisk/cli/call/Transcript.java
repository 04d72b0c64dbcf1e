package io.faultdisk.cli.call;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;

/**
 * A file of cases, each some calls of tools in one directory, with what the real tools did.
 *
 * <pre>
 * ### name of the case
 * size disk.raw 1048576       a file of zeroes
 * file rules.conf             a text file
 * | [inject-error]
 * undefined a.qcow2           its content is nobody's business afterwards
 * $ qemu-img info '{dir}/a b' a call; from here on the rest is recorded, never typed in
 * | image: {dir}/a b          standard output
 * |     (0.00/100%)\r          a carriage return is written so
 * ! a complaint               standard error
 * \                           the line before has no line break
 * = 1                         exit code, if not 0
 * crc disk.raw 12345678       content of a file in the end
 * </pre>
 *
 * <p>{@link TranscriptRecorder} fills in the recorded part.
 */
public record Transcript(String header, List<Case> cases) {

  /**
   * One case.
   *
   * @param files what is there at first
   * @param undefined files whose content in the end does not count
   * @param checksums of the others
   */
  public record Case(
      String name,
      Map<String, byte[]> files,
      Set<String> undefined,
      List<ToolCall> calls,
      List<ToolOutput> outputs,
      Map<String, String> checksums) {

    /** The same case with another outcome. */
    Case with(List<ToolOutput> results, Map<String, byte[]> after) {
      return new Case(name, files, undefined, calls, results, checksumsOf(after));
    }

    /** CRC-32 of each file whose content counts. */
    public Map<String, String> checksumsOf(Map<String, byte[]> after) {
      Map<String, String> sums = new TreeMap<>();
      after.forEach(
          (file, bytes) -> {
            if (!undefined.contains(file)) {
              CRC32 crc = new CRC32();
              crc.update(bytes);
              sums.put(file, Long.toHexString(crc.getValue()));
            }
          });
      return sums;
    }
  }

  /** Reads one that belongs to a test class. */
  public static Transcript resource(Class<?> owner, String name) {
    try (InputStream in = owner.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("no resource " + name);
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Transcript read(Path file) throws IOException {
    return parse(Files.readString(file));
  }

  private static Transcript parse(String text) {
    StringBuilder header = new StringBuilder();
    List<Case> cases = new ArrayList<>();
    Block block = null;
    for (String line : text.split("\n", -1)) {
      if (line.startsWith("### ")) {
        if (block != null) {
          cases.add(block.end());
        }
        block = new Block(line.substring(4));
      } else if (block == null) {
        header.append(line).append('\n');
      } else if (!line.isEmpty()) {
        block.take(line);
      }
    }
    if (block != null) {
      cases.add(block.end());
    }
    return new Transcript(header.toString(), cases);
  }

  /** One case being read. */
  private static final class Block {
    final String name;
    final Map<String, byte[]> files = new LinkedHashMap<>();
    final Set<String> undefined = new TreeSet<>();
    final List<ToolCall> calls = new ArrayList<>();
    final List<ToolOutput> outputs = new ArrayList<>();
    final Map<String, String> checksums = new TreeMap<>();
    StringBuilder out = new StringBuilder();
    StringBuilder err = new StringBuilder();
    StringBuilder last = out;
    String fileName = "";
    int exit;

    Block(String name) {
      this.name = name;
    }

    void take(String line) {
      int space = line.indexOf(' ');
      String word = space < 0 ? line : line.substring(0, space);
      String rest = space < 0 ? "" : line.substring(space + 1);
      switch (word) {
        case "|" -> (last = out).append(rest.replace("\\r", "\r")).append('\n');
        case "!" -> (last = err).append(rest).append('\n');
        case "\\" -> last.setLength(last.length() - 1);
        case "=" -> exit = Integer.parseInt(rest);
        case "file" -> {
          endStep();
          fileName = rest;
        }
        case "size" -> {
          endStep();
          int at = rest.indexOf(' ');
          files.put(rest.substring(0, at), new byte[Integer.parseInt(rest.substring(at + 1))]);
        }
        case "undefined" -> {
          endStep();
          undefined.add(rest);
        }
        case "$" -> {
          endStep();
          calls.add(ToolCall.parse(rest));
        }
        case "crc" -> {
          int at = rest.indexOf(' ');
          checksums.put(rest.substring(0, at), rest.substring(at + 1));
        }
        default -> throw new IllegalArgumentException("in " + name + ": " + line);
      }
    }

    private void endStep() {
      if (!fileName.isEmpty()) {
        files.put(fileName, out.toString().getBytes(StandardCharsets.UTF_8));
        fileName = "";
      } else if (!calls.isEmpty()) {
        outputs.add(new ToolOutput(out.toString(), err.toString(), exit));
      }
      out = new StringBuilder();
      err = new StringBuilder();
      last = out;
      exit = 0;
    }

    Case end() {
      endStep();
      return new Case(name, files, undefined, calls, outputs, checksums);
    }
  }

  /** The text of the file. */
  String text() {
    StringBuilder text = new StringBuilder(header);
    for (Case one : cases) {
      text.append("### ").append(one.name()).append('\n');
      one.files().forEach((name, content) -> appendFile(text, name, content));
      one.undefined().forEach(name -> text.append("undefined ").append(name).append('\n'));
      for (int i = 0; i < one.calls().size(); i++) {
        ToolOutput output = one.outputs().get(i);
        text.append("$ ").append(one.calls().get(i)).append('\n');
        append(text, '|', output.stdout());
        append(text, '!', output.stderr());
        if (output.exitCode() != 0) {
          text.append("= ").append(output.exitCode()).append('\n');
        }
      }
      one.checksums().forEach((name, sum) -> text.append("crc " + name + " " + sum + "\n"));
      text.append('\n');
    }
    return text.toString();
  }

  private static void appendFile(StringBuilder text, String name, byte[] content) {
    if (content.length > 0 && Arrays.equals(content, new byte[content.length])) {
      text.append("size ").append(name).append(' ').append(content.length).append('\n');
    } else {
      text.append("file ").append(name).append('\n');
      append(text, '|', new String(content, StandardCharsets.UTF_8));
    }
  }

  private static void append(StringBuilder text, char mark, String content) {
    if (content.isEmpty()) {
      return;
    }
    boolean ended = content.endsWith("\n");
    String whole = ended ? content.substring(0, content.length() - 1) : content;
    for (String line : whole.split("\n", -1)) {
      text.append(mark).append(' ').append(line.replace("\r", "\\r")).append('\n');
    }
    if (!ended) {
      text.append("\\\n");
    }
  }
}
