package com.example.wal;

import io.faultdisk.events.FaultEvents;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Records in a file, each as length, checksum and bytes. What was committed is there after a crash,
 * and of what was not a part may be, from its beginning.
 *
 * <p>After an error that leaves open what is in the file, the log refuses everything: open it
 * again. For one thread.
 */
public final class WriteAheadLog implements Closeable {
  private static final FaultEvents EVENTS = FaultEvents.current();
  private static final int HEADER_BYTES = 8;

  private final FileChannel channel;
  private final List<byte[]> records = new ArrayList<>();
  private boolean failed;

  private WriteAheadLog(FileChannel channel) {
    this.channel = channel;
  }

  /** Opens a log, or makes it, and cuts off what a crash has left unfinished. */
  public static WriteAheadLog open(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    WriteAheadLog log = new WriteAheadLog(channel);
    try {
      log.recover();
      channel.force(true);
      // The name of a new file is durable only when its directory is.
      syncDirectory(file.toAbsolutePath().getParent());
      return log;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private void recover() throws IOException {
    ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(channel.size()));
    while (content.hasRemaining() && channel.read(content) >= 0) {
      // A read may be short.
    }
    content.flip();
    int end = 0;
    while (content.remaining() >= HEADER_BYTES) {
      int length = content.getInt();
      int checksum = content.getInt();
      if (length < 0 || length > content.remaining()) {
        break;
      }
      byte[] record = new byte[length];
      content.get(record);
      if (checksum != checksum(record)) {
        break;
      }
      records.add(record);
      end = content.position();
    }
    channel.truncate(end);
    channel.position(end);
  }

  /** Adds a record. It is durable after the next {@link #commit}. */
  public void append(byte[] record) throws IOException {
    check();
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + record.length);
    bytes.putInt(record.length).putInt(checksum(record)).put(record).flip();
    EVENTS.event("wal_append");
    failed = true;
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    failed = false;
    records.add(record);
  }

  /** Makes all records durable. */
  public void commit() throws IOException {
    check();
    EVENTS.event("wal_commit");
    // An fsync that has failed says nothing about the next one: never try again on the same file.
    failed = true;
    channel.force(false);
    failed = false;
  }

  private void check() throws IOException {
    if (failed) {
      throw new IOException("the log has failed: open it again");
    }
  }

  /** All records, oldest first. */
  public List<byte[]> records() {
    return List.copyOf(records);
  }

  /**
   * Of the length, too: the checksum of no bytes is 0, and a crash that leaves zeros behind the end
   * would look like empty records.
   */
  private static int checksum(byte[] record) {
    CRC32 crc = new CRC32();
    crc.update(ByteBuffer.allocate(4).putInt(0, record.length));
    crc.update(record);
    return (int) crc.getValue();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
