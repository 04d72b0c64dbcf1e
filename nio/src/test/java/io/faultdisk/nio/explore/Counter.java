package io.faultdisk.nio.explore;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.faultdisk.events.FaultEvents;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The smallest program that has something to lose: a number in a file, replaced by another one. How
 * carefully is a matter of taste.
 */
final class Counter {
  private static final FaultEvents FAULTS = FaultEvents.current();

  /** What is done, and what is not. */
  enum Care {
    /** As it should be. */
    ALL,
    /** Overwrites the number where it is. */
    IN_PLACE,
    /** Does not fsync the new file before it replaces the old one. */
    NO_FSYNC,
    /** Does not fsync the directory. */
    NO_DIRECTORY_FSYNC,
    /** Takes a failing fsync lightly. */
    IGNORES_FSYNC_ERRORS,
    /** Believes that a write writes everything. */
    BELIEVES_WRITES
  }

  private Counter() {}

  static int read(Path directory) throws IOException {
    Path file = directory.resolve("number");
    return Files.exists(file) ? Integer.parseInt(Files.readString(file).strip()) : 0;
  }

  static void write(Path directory, int number, Care care) throws IOException {
    FAULTS.check("counter_write");
    Path file = directory.resolve("number");
    Path written = care == Care.IN_PLACE ? file : directory.resolve("number.new");
    ByteBuffer bytes = ByteBuffer.wrap((number + "\n").getBytes(US_ASCII));
    try (FileChannel channel = FileChannel.open(written, CREATE, TRUNCATE_EXISTING, WRITE)) {
      channel.write(bytes);
      while (bytes.hasRemaining() && care != Care.BELIEVES_WRITES) {
        channel.write(bytes);
      }
      if (care != Care.NO_FSYNC) {
        force(channel, care);
      }
    }
    if (care != Care.IN_PLACE) {
      Files.move(written, file, ATOMIC_MOVE);
    }
    if (care != Care.NO_DIRECTORY_FSYNC) {
      try (FileChannel channel = FileChannel.open(directory, READ)) {
        force(channel, care);
      }
    }
  }

  private static void force(FileChannel channel, Care care) throws IOException {
    try {
      channel.force(true);
    } catch (IOException e) {
      if (care != Care.IGNORES_FSYNC_ERRORS) {
        throw e;
      }
    }
  }
}
