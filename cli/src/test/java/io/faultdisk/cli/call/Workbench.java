package io.faultdisk.cli.call;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The directory in which both sides work in turn: it can be set back to what it held before, and
 * what it holds can be compared.
 *
 * <p>For one thread.
 */
public final class Workbench {
  private static final int BLOCK = 4096;

  private final Path dir;

  public Workbench(Path dir) {
    this.dir = dir;
  }

  public Path dir() {
    return dir;
  }

  /** The content of all files, by name; sockets have none. */
  public Map<String, byte[]> files() {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> left = Files.list(dir)) {
      for (Path file : left.filter(Files::isRegularFile).toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  /** Makes the directory hold exactly these files; zeroes become holes. */
  public void setTo(Map<String, byte[]> files) {
    try {
      Files.createDirectories(dir);
      try (Stream<Path> old = Files.list(dir)) {
        for (Path file : old.toList()) {
          Files.delete(file);
        }
      }
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        writeSparse(dir.resolve(file.getKey()), file.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeSparse(Path path, byte[] content) throws IOException {
    byte[] zeroes = new byte[BLOCK];
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(content.length);
      for (int at = 0; at < content.length; at += BLOCK) {
        int end = Math.min(content.length, at + BLOCK);
        if (!Arrays.equals(content, at, end, zeroes, 0, end - at)) {
          file.seek(at);
          file.write(content, at, end - at);
        }
      }
    }
  }

  /** Runs calls with the real tools. */
  public List<ToolOutput> real(List<ToolCall> calls, String disk) {
    List<ToolOutput> outputs = new ArrayList<>();
    for (ToolCall call : calls) {
      outputs.add(
          Tools.real(call.in(dir.toString(), disk.replace(ToolCall.DIR, dir.toString())), dir));
    }
    return outputs;
  }

  /** Runs calls with ours. */
  public List<ToolOutput> ours(List<ToolCall> calls, String disk) {
    List<ToolOutput> outputs = new ArrayList<>();
    for (ToolCall call : calls) {
      outputs.add(
          Tools.ours(call.in(dir.toString(), disk.replace(ToolCall.DIR, dir.toString())), dir));
    }
    return outputs;
  }

  /** Names of files that are not the same, or missing in one. */
  public static List<String> differing(Map<String, byte[]> one, Map<String, byte[]> other) {
    List<String> names = new ArrayList<>();
    for (Map.Entry<String, byte[]> file : one.entrySet()) {
      if (!Arrays.equals(file.getValue(), other.get(file.getKey()))) {
        names.add(file.getKey());
      }
    }
    for (String name : other.keySet()) {
      if (!one.containsKey(name)) {
        names.add(name);
      }
    }
    return names;
  }
}
