package io.faultdisk.cli.demo.guest;

import io.faultdisk.base.UsageException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory for what a guest needs as long as it runs; in the end it is removed. */
public record GuestDirectory(Path path) implements AutoCloseable {

  /** Makes one that is nobody else's. */
  public static GuestDirectory make() throws UsageException {
    try {
      return new GuestDirectory(Files.createTempDirectory("faultdisk-guest-"));
    } catch (IOException e) {
      throw new UsageException("Cannot make a temporary directory: " + e.getMessage());
    }
  }

  /** Where the disk can be served. */
  public Path socket() {
    return path.resolve("disk.sock");
  }

  @Override
  public void close() {
    try {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
        for (Path file : files) {
          Files.delete(file);
        }
      }
      Files.delete(path);
    } catch (IOException e) {
      // Somebody else has put something there, or taken it away: not worth a complaint.
    }
  }
}
