package io.faultdisk.suites;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where crash states are written, one after the other, and opened. A state with the same files as
 * an earlier one is not opened again: what a system finds depends on nothing else. For one thread.
 */
final class CrashDisk {
  private final Subject subject;
  private final Path parent;
  private final Map<String, Finding> known = new HashMap<>();
  private final Map<Object, Object> contents = new HashMap<>();
  private long number;

  /**
   * A disk for crash states.
   *
   * @param parent a directory without faults, for the directories to open
   */
  CrashDisk(Subject subject, Path parent) {
    this.subject = subject;
    this.parent = parent;
  }

  /** Writes a state into an empty directory. */
  @FunctionalInterface
  interface State {
    void write(Path empty) throws IOException;
  }

  /** How many states were different. */
  long distinct() {
    return known.size();
  }

  /** What the system finds in a state. */
  Finding open(State state) throws IOException {
    Path directory = Files.createDirectory(parent.resolve("state" + number++));
    try {
      state.write(directory);
      String print = fingerprint(directory);
      Finding finding = known.get(print);
      if (finding == null) {
        finding = recover(directory);
        known.put(print, finding);
      }
      return finding;
    } finally {
      delete(directory);
    }
  }

  private Finding recover(Path directory) {
    try {
      Object content = subject.recover(directory);
      return Finding.of(contents.computeIfAbsent(content, c -> c));
    } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
      return Finding.failed(e);
    }
  }

  private static String fingerprint(Path directory) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    List<Path> all;
    try (Stream<Path> walk = Files.walk(directory)) {
      all = walk.sorted().toList();
    }
    for (Path path : all) {
      boolean isDirectory = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
      byte[] bytes = isDirectory ? new byte[0] : Files.readAllBytes(path);
      byte[] name = directory.relativize(path).toString().getBytes(StandardCharsets.UTF_8);
      digest.update(
          ByteBuffer.allocate(12)
              .putInt(name.length)
              .putInt(isDirectory ? -1 : bytes.length)
              .putInt(0)
              .flip());
      digest.update(name);
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static void delete(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      try (Stream<Path> children = Files.list(path)) {
        children.forEach(
            child -> {
              try {
                delete(child);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
      }
    }
    Files.deleteIfExists(path);
  }
}
