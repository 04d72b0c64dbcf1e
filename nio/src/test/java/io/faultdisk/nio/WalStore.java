package io.faultdisk.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * A small store for tests: a list of numbers in a log, and now and then in a snapshot that replaces
 * the log. It is right, or makes one of the mistakes that people make.
 */
final class WalStore implements AutoCloseable {
  private static final int RECORD_BYTES = 1024;

  private final Path directory;
  private final Set<Mistake> mistakes;
  private final List<Integer> numbers = new ArrayList<>();
  private final FileChannel log;

  enum Mistake {
    LOG_NOT_SYNCED,
    SNAPSHOT_NOT_SYNCED,
    RENAMED_BEFORE_SYNC,
    DIRECTORY_NOT_SYNCED,
    NO_CHECKSUM
  }

  WalStore(Path directory, Mistake... mistakes) throws IOException {
    this.directory = directory;
    this.mistakes = Set.of(mistakes);
    Path snapshot = directory.resolve("snapshot");
    if (Files.exists(snapshot)) {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(snapshot));
      while (read(bytes)) {}
      if (bytes.hasRemaining() || numbers.isEmpty()) {
        throw new IOException("the snapshot is damaged");
      }
    }
    log =
        FileChannel.open(
            directory.resolve("log"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    ByteBuffer bytes = ByteBuffer.allocate((int) log.size());
    while (log.read(bytes) > 0) {}
    bytes.flip();
    while (read(bytes)) {}
    log.position(bytes.position());
    log.truncate(bytes.position());
    sync(log, Mistake.LOG_NOT_SYNCED);
    syncDirectory();
  }

  List<Integer> numbers() {
    return numbers;
  }

  /** Returns when it is durable. */
  void add() throws IOException {
    int number = numbers.size();
    write(log, number);
    sync(log, Mistake.LOG_NOT_SYNCED);
    numbers.add(number);
  }

  void compact() throws IOException {
    Path temporary = directory.resolve("snapshot.tmp");
    Path snapshot = directory.resolve("snapshot");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      for (int number : numbers) {
        write(channel, number);
      }
      boolean early = mistakes.contains(Mistake.RENAMED_BEFORE_SYNC);
      if (early) {
        replace(temporary, snapshot);
      }
      sync(channel, Mistake.SNAPSHOT_NOT_SYNCED);
      if (!early) {
        replace(temporary, snapshot);
      }
    }
    syncDirectory();
    log.truncate(0);
    log.position(0);
    sync(log, Mistake.LOG_NOT_SYNCED);
  }

  private static void replace(Path source, Path target) throws IOException {
    // Jimfs replaces only if told to.
    Files.move(source, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Takes over one record if it is whole; what is known already is passed over. */
  private boolean read(ByteBuffer bytes) {
    if (bytes.remaining() < RECORD_BYTES) {
      return false;
    }
    byte[] record = new byte[RECORD_BYTES];
    bytes.get(bytes.position(), record);
    ByteBuffer head = ByteBuffer.wrap(record);
    int sum = head.getInt();
    int number = head.getInt();
    if ((sum != sum(record) && !mistakes.contains(Mistake.NO_CHECKSUM))
        || number > numbers.size()) {
      return false;
    }
    if (number == numbers.size()) {
      String text = new String(record, 8, RECORD_BYTES - 8, StandardCharsets.ISO_8859_1);
      numbers.add(text.equals(text(number)) ? number : -1);
    }
    bytes.position(bytes.position() + RECORD_BYTES);
    return true;
  }

  private static void write(FileChannel channel, int number) throws IOException {
    byte[] record = new byte[RECORD_BYTES];
    ByteBuffer.wrap(record)
        .putInt(0)
        .putInt(number)
        .put(text(number).getBytes(StandardCharsets.ISO_8859_1));
    ByteBuffer.wrap(record).putInt(sum(record));
    ByteBuffer bytes = ByteBuffer.wrap(record);
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static String text(int number) {
    String word = number + " ";
    return word.repeat(RECORD_BYTES).substring(0, RECORD_BYTES - 8);
  }

  private static int sum(byte[] record) {
    CRC32 sum = new CRC32();
    sum.update(record, 4, RECORD_BYTES - 4);
    return (int) sum.getValue() | 1;
  }

  private void sync(FileChannel channel, Mistake forgotten) throws IOException {
    if (!mistakes.contains(forgotten)) {
      channel.force(false);
    }
  }

  private void syncDirectory() throws IOException {
    if (!mistakes.contains(Mistake.DIRECTORY_NOT_SYNCED)) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
