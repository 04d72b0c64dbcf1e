package io.faultdisk.block.logwrites;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.ExclusiveTurn;
import io.faultdisk.block.Node;
import io.faultdisk.block.RequestFlags;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A log that is being written. Any thread: entries are written one after the other, in the order in
 * which they came.
 *
 * <p>The superblock says how many entries there are; it is written with each flush and mark, and
 * every so many entries. An entry that cannot be written leaves nothing behind: the next takes its
 * place, where QEMU leaves a hole.
 */
final class WriteLog {
  private static final byte[] NO_MARK = {};

  private final Node log;
  private final ExclusiveTurn turn;
  private final int sectorSize;
  private final long superInterval;

  /** By who has the turn. */
  private long entries;

  private long position;

  private WriteLog(
      Node log, Turns turns, int sectorSize, long superInterval, long entries, long position) {
    this.log = log;
    this.turn = new ExclusiveTurn(turns);
    this.sectorSize = sectorSize;
    this.superInterval = superInterval;
    this.entries = entries;
    this.position = position;
  }

  /**
   * A log without entries; what the node holds is written over.
   *
   * @param superInterval after how many entries the superblock is written
   */
  static WriteLog start(Node log, Turns turns, int sectorSize, long superInterval) {
    return new WriteLog(log, turns, sectorSize, superInterval, 0, sectorSize);
  }

  /**
   * The log that the node holds, to be continued.
   *
   * @throws UsageException if it holds none, or one that is broken
   */
  static WriteLog append(Node log, Turns turns, long superInterval) throws UsageException {
    LogReader reader = new LogReader(log.filename(), new NodeBytes(log));
    Optional<LogEntry> entry = reader.next();
    while (entry.isPresent()) {
      entry = reader.next();
    }
    return new WriteLog(
        log, turns, reader.sectorSize(), superInterval, reader.entries(), reader.position());
  }

  /** A node as a log is read. */
  private record NodeBytes(Node node) implements LogReader.Bytes {
    @Override
    public void read(long offset, ByteBuffer target) throws BlockIoException {
      node.read(offset, target);
    }

    @Override
    public long length() throws BlockIoException {
      return node.length();
    }
  }

  int sectorSize() {
    return sectorSize;
  }

  /** A write with its data, of whole sectors. */
  void write(long offset, ByteBuffer data, int flags) throws BlockIoException {
    ByteBuffer entry = header(offset, data.remaining(), flags, NO_MARK, data.remaining());
    entry.position(sectorSize).put(data.duplicate());
    append(entry.clear(), 0, flags);
  }

  /** A write of zeroes, of whole sectors. */
  void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    append(header(offset, bytes, flags, NO_MARK, 0).clear(), bytes, flags);
  }

  /** A discard of whole sectors. */
  void discard(long offset, long bytes) throws BlockIoException {
    append(header(offset, bytes, LogEntry.DISCARD, NO_MARK, 0).clear(), 0, LogEntry.DISCARD);
  }

  void flush() throws BlockIoException {
    append(header(0, 0, LogEntry.FLUSH, NO_MARK, 0).clear(), 0, LogEntry.FLUSH);
  }

  /** A mark; EINVAL if the name is too long. */
  void mark(String name) throws BlockIoException {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    if (text.length > markBytesMax()) {
      throw new BlockIoException(Errno.EINVAL);
    }
    append(header(0, 0, LogEntry.MARK, text, 0).clear(), 0, LogEntry.MARK);
  }

  /** How long a mark may be, in bytes: a NUL behind it fits, too. */
  int markBytesMax() {
    return sectorSize - LogFormat.ENTRY_BYTES - 1;
  }

  private ByteBuffer header(long offset, long bytes, int flags, byte[] mark, int dataBytes) {
    return LogFormat.entry(
        sectorSize, offset / sectorSize, bytes / sectorSize, flags, mark, dataBytes);
  }

  private void append(ByteBuffer entry, long zeroes, int flags) throws BlockIoException {
    turn.enter();
    try {
      long end = position + entry.remaining();
      log.write(position, entry, RequestFlags.NONE);
      if (zeroes > 0) {
        log.writeZeroes(end, zeroes, RequestFlags.NONE);
      }
      position = end + zeroes;
      entries++;
      boolean stop = (flags & (LogEntry.FLUSH | LogEntry.MARK)) != 0;
      if (stop || entries % superInterval == 0) {
        log.write(0, LogFormat.superblock(entries, sectorSize), RequestFlags.NONE);
        log.flush();
      }
    } finally {
      turn.leave();
    }
  }
}
