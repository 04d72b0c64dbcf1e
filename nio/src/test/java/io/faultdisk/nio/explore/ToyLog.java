package io.faultdisk.nio.explore;

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
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A log that only grows, and is now and then replaced by a new one: as it should be, or with one of
 * the mistakes that people make.
 */
final class ToyLog implements AutoCloseable {
  private static final int LENGTH_BYTES = 1;
  private static final int SUM_BYTES = 4;

  private final Path directory;
  private final Bug bug;
  private final List<String> records = new ArrayList<>();
  private FileChannel file;

  /** What is wrong with it. */
  enum Bug {
    NONE,
    /** A record is acknowledged before it is durable. */
    NO_FSYNC,
    /** The new log takes the place of the old one before it is durable. */
    RENAME_BEFORE_FSYNC,
    /** Nobody makes sure that the new log stays in the place of the old one. */
    NO_DIRECTORY_FSYNC,
    /** A write is taken to write everything. */
    SHORT_WRITE_IGNORED
  }

  /** Opens a log, or makes one; what is not whole at its end is cut off. */
  ToyLog(Path directory, Bug bug) throws IOException {
    this.directory = directory;
    this.bug = bug;
    Path log = directory.resolve("log");
    boolean isNew = !Files.exists(log);
    file = FileChannel.open(log, CREATE, READ, WRITE);
    try {
      ByteBuffer content = ByteBuffer.allocate((int) file.size());
      while (file.read(content) > 0) {}
      content.flip();
      while (readRecord(content)) {}
      if (content.hasRemaining()) {
        file.truncate(content.position());
      }
      file.position(content.position());
      if (isNew) {
        force(file);
        syncDirectory();
      }
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private boolean readRecord(ByteBuffer content) {
    content.mark();
    if (content.remaining() > LENGTH_BYTES + SUM_BYTES) {
      byte[] text = new byte[content.get() & 0xff];
      if (text.length > 0 && content.remaining() >= text.length + SUM_BYTES) {
        content.get(text);
        if (content.getInt() == sum(text)) {
          records.add(new String(text, US_ASCII));
          return true;
        }
      }
    }
    content.reset();
    return false;
  }

  private static int sum(byte[] text) {
    CRC32 sum = new CRC32();
    sum.update(text);
    return (int) sum.getValue();
  }

  List<String> records() {
    return records;
  }

  /** Returns when the record is durable. After an exception the log is of no use any more. */
  void append(String text) throws IOException {
    write(file, text);
    if (bug != Bug.NO_FSYNC) {
      force(file);
    }
    records.add(text);
  }

  private void write(FileChannel to, String text) throws IOException {
    byte[] bytes = text.getBytes(US_ASCII);
    ByteBuffer record = ByteBuffer.allocate(LENGTH_BYTES + bytes.length + SUM_BYTES);
    record.put((byte) bytes.length).put(bytes).putInt(sum(bytes)).flip();
    to.write(record);
    while (record.hasRemaining() && bug != Bug.SHORT_WRITE_IGNORED) {
      to.write(record);
    }
  }

  /** Replaces the log by one with the same records. */
  void rewrite() throws IOException {
    Path fresh = directory.resolve("log.new");
    Path log = directory.resolve("log");
    try (FileChannel written = FileChannel.open(fresh, CREATE, TRUNCATE_EXISTING, WRITE)) {
      for (String text : records) {
        write(written, text);
      }
      if (bug == Bug.RENAME_BEFORE_FSYNC) {
        Files.move(fresh, log, ATOMIC_MOVE, REPLACE_EXISTING);
        force(written);
      } else {
        force(written);
        Files.move(fresh, log, ATOMIC_MOVE, REPLACE_EXISTING);
      }
    }
    if (bug != Bug.NO_DIRECTORY_FSYNC) {
      syncDirectory();
    }
    file.close();
    file = FileChannel.open(log, READ, WRITE);
    file.position(file.size());
  }

  private void syncDirectory() throws IOException {
    try (FileChannel channel = FileChannel.open(directory, READ)) {
      channel.force(true);
    }
  }

  private static void force(FileChannel channel) throws IOException {
    channel.force(true);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
