package io.faultdisk.cli.damage;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A file that a treatment has left.
 *
 * <p>Repairs make files long, with a hole up to the end: only the beginning is compared byte by
 * byte.
 *
 * @param length in bytes
 * @param start at most the first {@link #START} bytes
 */
record FileState(long length, byte[] start) {
  private static final int START = 4 << 20;

  static FileState of(byte[] content) {
    return new FileState(content.length, Arrays.copyOf(content, Math.min(START, content.length)));
  }

  /** All files of a directory by name. */
  static Map<String, FileState> in(Path dir) {
    Map<String, FileState> files = new TreeMap<>();
    try (Stream<Path> left = Files.list(dir)) {
      for (Path file : left.toList()) {
        try (InputStream in = Files.newInputStream(file)) {
          byte[] start = in.readNBytes(START);
          files.put(file.getFileName().toString(), new FileState(Files.size(file), start));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  /** The number and place of the snapshots as the header of an image says them, in hex. */
  String snapshotPointer() {
    return start.length < 72 ? "" : HexFormat.of().formatHex(start, 60, 72);
  }

  /** The number of snapshots as the header of an image says it; -1 if there is no header. */
  int snapshots() {
    return start.length < 72 ? -1 : ByteBuffer.wrap(start).getInt(60);
  }

  boolean sameAs(FileState other) {
    return length == other.length && Arrays.equals(start, other.start);
  }

  /** Where the difference is, for people. */
  String difference(FileState other) {
    return "differs at "
        + Arrays.mismatch(start, other.start)
        + ", lengths "
        + length
        + " and "
        + other.length;
  }
}
