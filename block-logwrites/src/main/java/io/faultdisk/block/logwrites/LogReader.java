package io.faultdisk.block.logwrites;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads a log from its beginning. For one thread.
 *
 * <p>A log is made by others, so nothing in it is taken for granted: whatever is wrong is a {@link
 * UsageException} that names the entry and its place.
 */
public final class LogReader {
  private final String name;
  private final Bytes log;
  private final long length;
  private final int sectorSize;
  private final long entries;
  private long number;
  private long position;

  /** Where a log is: a node, an image. */
  public interface Bytes {
    /** Reads {@code target.remaining()} bytes that are there. */
    void read(long offset, ByteBuffer target) throws BlockIoException;

    /** How many there are. */
    long length() throws BlockIoException;
  }

  /**
   * Reads the superblock.
   *
   * @param name of the log, for messages
   */
  public LogReader(String name, Bytes log) throws UsageException {
    this.name = name;
    this.log = log;
    this.length = length(name, log);
    if (length < LogFormat.SUPER_BYTES) {
      throw wrong("has no superblock: it is only " + length + " bytes long");
    }
    ByteBuffer head = read(0, LogFormat.SUPER_BYTES, "superblock");
    if (head.getLong() != LogFormat.MAGIC) {
      throw wrong("is no log of writes: its superblock has another magic number");
    }
    long version = head.getLong();
    if (version != LogFormat.VERSION) {
      throw wrong("has version " + Long.toUnsignedString(version) + "; only 1 is known");
    }
    this.entries = head.getLong();
    long size = Integer.toUnsignedLong(head.getInt());
    if (!LogFormat.isSectorSize(size)) {
      throw wrong("has sectors of " + size + " bytes; a power of two up to 8 MiB was expected");
    }
    if (entries < 0) {
      throw wrong("claims to have " + Long.toUnsignedString(entries) + " entries");
    }
    this.sectorSize = (int) size;
    this.position = size;
  }

  private static long length(String name, Bytes log) throws UsageException {
    try {
      return log.length();
    } catch (BlockIoException e) {
      throw new UsageException("Could not read log '" + name + "': " + e.reason());
    }
  }

  /** The log's sector size in bytes. */
  public int sectorSize() {
    return sectorSize;
  }

  /** How many entries the log has. */
  public long entries() {
    return entries;
  }

  /** Where the next entry begins, in bytes. */
  public long position() {
    return position;
  }

  /** The next entry; empty after the last. */
  public Optional<LogEntry> next() throws UsageException {
    if (number == entries) {
      return Optional.empty();
    }
    if (position > length - sectorSize) {
      throw broken("the log ends at byte " + length + ", before this entry");
    }
    ByteBuffer head = read(position, sectorSize, "entry " + number);
    long sector = head.getLong();
    long sectors = head.getLong();
    long flags = head.getLong();
    long markBytes = head.getLong();
    long max = Long.MAX_VALUE / sectorSize;
    if (sector < 0 || sectors < 0 || sector > max || sectors > max - sector) {
      throw broken(
          "it is about "
              + Long.toUnsignedString(sectors)
              + " sectors from "
              + Long.toUnsignedString(sector)
              + " on, which no disk has");
    }
    if ((flags & ~LogEntry.ALL_FLAGS) != 0) {
      throw broken("it has the unknown flags 0x" + Long.toHexString(flags));
    }
    boolean mark = (flags & LogEntry.MARK) != 0;
    if (mark && (markBytes < 0 || markBytes > sectorSize - LogFormat.ENTRY_BYTES)) {
      throw broken(
          "its mark has " + Long.toUnsignedString(markBytes) + " bytes, more than a sector holds");
    }
    String text = mark ? text(head, (int) markBytes) : "";
    long data = position + sectorSize;
    LogEntry entry =
        new LogEntry(
            number, position, sector * sectorSize, sectors * sectorSize, flags, text, data);
    if (entry.hasData() && entry.bytes() > length - data) {
      throw broken(
          "its "
              + entry.bytes()
              + " bytes of data would end behind the end of the log, at byte "
              + length);
    }
    number++;
    position = data + (entry.hasData() ? entry.bytes() : 0);
    return Optional.of(entry);
  }

  /** Reads data of an entry, from a place inside them on. */
  public void data(LogEntry entry, long from, ByteBuffer target) throws UsageException {
    try {
      log.read(entry.dataPosition() + from, target);
    } catch (BlockIoException e) {
      throw new UsageException(
          "Could not read the data of entry "
              + entry.number()
              + " of log '"
              + name
              + "': "
              + e.reason());
    }
  }

  private static String text(ByteBuffer head, int bytes) {
    byte[] text = new byte[bytes];
    head.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private ByteBuffer read(long offset, int bytes, String what) throws UsageException {
    ByteBuffer target = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    try {
      log.read(offset, target);
    } catch (BlockIoException e) {
      throw new UsageException("Could not read " + what + " of log '" + name + "': " + e.reason());
    }
    return target.flip();
  }

  private UsageException wrong(String what) {
    return new UsageException("Log '" + name + "' " + what);
  }

  private UsageException broken(String why) {
    return new UsageException(
        "Entry " + number + " of log '" + name + "', at byte " + position + ", is broken: " + why);
  }
}
