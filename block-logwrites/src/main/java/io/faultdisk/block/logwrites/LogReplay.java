package io.faultdisk.block.logwrites;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import java.nio.ByteBuffer;

/**
 * Does to a disk what entries of a log say. For one thread.
 *
 * <p>A discarded range reads as zeroes afterwards, so that a replay always gives the same content.
 */
public final class LogReplay {
  /** How much is copied at a time, in bytes. */
  private static final int PIECE = 1 << 20;

  private final LogReader log;
  private final BlockBackend target;
  private final boolean discards;

  /**
   * A replay onto a disk.
   *
   * @param discards whether to do discards, too
   */
  public LogReplay(LogReader log, BlockBackend target, boolean discards) {
    this.log = log;
    this.target = target;
    this.discards = discards;
  }

  /**
   * Does one.
   *
   * @throws UsageException if the log cannot be read or the disk not be written, with the number of
   *     the entry
   */
  public void apply(LogEntry entry) throws UsageException {
    try {
      if (entry.has(LogEntry.FLUSH)) {
        target.flush();
      }
      if (entry.has(LogEntry.MARK) || entry.bytes() == 0) {
        return;
      }
      long length = target.length();
      if (entry.offset() > length || entry.bytes() > length - entry.offset()) {
        throw new UsageException(
            "Entry "
                + entry.number()
                + " does not fit: "
                + entry
                + ", and the disk has "
                + length
                + " bytes");
      }
      if (!entry.has(LogEntry.DISCARD)) {
        write(entry);
      } else if (discards) {
        target.writeZeroes(entry.offset(), entry.bytes(), RequestFlags.MAY_UNMAP);
      }
    } catch (BlockIoException e) {
      throw new UsageException(
          "Could not replay entry " + entry.number() + ", a " + entry + ": " + e.reason());
    }
  }

  private void write(LogEntry entry) throws UsageException, BlockIoException {
    for (long done = 0; done < entry.bytes(); ) {
      ByteBuffer data = ByteBuffer.allocate((int) Math.min(PIECE, entry.bytes() - done));
      log.data(entry, done, data);
      boolean last = done + data.capacity() == entry.bytes();
      int flags = last && entry.has(LogEntry.FUA) ? RequestFlags.FUA : RequestFlags.NONE;
      target.write(entry.offset() + done, data.flip(), flags);
      done += data.capacity();
    }
  }
}
