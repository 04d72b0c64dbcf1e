package io.faultdisk.nbd.tls;

import io.faultdisk.base.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A file of keys, {@code USER:HEX} on each line, as {@code psktool} writes it. Read anew whenever
 * it is asked, so that users can be added while a server runs. Immutable; any thread.
 *
 * @param name how the user spells the path, for messages
 */
record PskFile(Path path, String name) {

  /** A line that says nothing about a user is none of ours. */
  Optional<byte[]> keyOf(String user) throws UsageException {
    try {
      String start = user + ":";
      for (String line : Files.readAllLines(path, StandardCharsets.UTF_8)) {
        if (line.startsWith(start)) {
          return Optional.of(key(line.substring(start.length()).strip()));
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UsageException("Unable to access credentials " + name + ": " + FileProblem.text(e));
    }
  }

  private static byte[] key(String hex) throws UsageException {
    if (hex.isEmpty()) {
      throw new UsageException("Cannot set PSK client credentials: The request is invalid.");
    }
    try {
      return HexFormat.of().parseHex(hex);
    } catch (IllegalArgumentException e) {
      throw new UsageException("Cannot set PSK client credentials: Error in parsing.");
    }
  }

  /** Whether it is there. */
  void require() throws UsageException {
    if (!Files.exists(path)) {
      throw new UsageException(
          "Unable to access credentials " + name + ": No such file or directory");
    }
  }
}
