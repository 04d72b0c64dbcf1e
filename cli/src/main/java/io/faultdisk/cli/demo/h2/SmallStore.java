package io.faultdisk.cli.demo.h2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A store with a mistake, to be found: after a failed flush it flushes again, and believes it. */
final class SmallStore implements AutoCloseable {
  private final FileChannel file;

  SmallStore(Path directory) throws IOException {
    file = FileChannel.open(directory.resolve("store"), CREATE, READ, WRITE);
    file.force(true);
    try (FileChannel names = FileChannel.open(directory, READ)) {
      names.force(true);
    }
  }

  void put(String line) throws IOException {
    ByteBuffer bytes = UTF_8.encode(line + "\n");
    for (long at = file.size(); bytes.hasRemaining(); ) {
      at += file.write(bytes, at);
    }
    try {
      file.force(true);
    } catch (IOException e) {
      file.force(true); // the mistake: the kernel may have dropped what the first was to flush
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
