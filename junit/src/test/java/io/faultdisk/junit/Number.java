package io.faultdisk.junit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** A program to be tested: replaces a number in a file, with care or without. */
final class Number {
  private Number() {}

  static int read(Path directory) throws IOException {
    Path file = directory.resolve("number");
    return Files.exists(file) ? Integer.parseInt(Files.readString(file)) : 0;
  }

  /** As it should be: the new file is durable before it replaces the old one, and then that is. */
  static void replace(Path directory, int number) throws IOException {
    Path written = directory.resolve("number.new");
    write(written, number);
    Files.move(written, directory.resolve("number"), ATOMIC_MOVE, REPLACE_EXISTING);
    try (FileChannel channel = FileChannel.open(directory, READ)) {
      channel.force(true);
    }
  }

  /** Writes over the old number. */
  static void overwrite(Path directory, int number) throws IOException {
    write(directory.resolve("number"), number);
  }

  private static void write(Path file, int number) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Integer.toString(number).getBytes(US_ASCII));
    try (FileChannel channel = FileChannel.open(file, CREATE, TRUNCATE_EXISTING, WRITE)) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }
}
