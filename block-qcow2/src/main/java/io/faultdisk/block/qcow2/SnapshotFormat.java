package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.format.SnapshotInfo;
import io.faultdisk.block.qcow2.SnapshotTable.Entry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The snapshot table as it is in the file: for each snapshot 40 bytes, extra data, id and name;
 * each begins at a multiple of 8.
 *
 * <p>Every field is a request of its own, in the order of the file. For one thread.
 */
final class SnapshotFormat {
  /** Where the header has the number of snapshots (4 bytes) and their table's offset (8). */
  static final int POINTER_OFFSET = 60;

  /** Length of the fixed part of an entry. */
  static final int FIXED_BYTES = 40;

  /** Length of the extra data that we know: VM state size, disk size, instruction count. */
  static final int EXTRA_BYTES = 24;

  /** Length of the extra data that version 3 demands: VM state size and disk size. */
  static final int EXTRA_BYTES_V3 = 16;

  private static final long EXTRA_BYTES_MAX = 1024;
  private static final long TABLE_BYTES_MAX = EXTRA_BYTES_MAX * SnapshotTable.COUNT_MAX;

  private final Node file;
  private final long diskBytes;
  private final @Nullable Consumer<String> repairs;
  private final ByteBuffer fixed = ByteBuffer.allocate(FIXED_BYTES);
  private long offset;
  private int removed;
  private int shortened;

  /**
   * What was read.
   *
   * @param bytes length of the table in the file
   * @param removed how many snapshots at the end were left out
   * @param shortened how many snapshots lost part of their extra data
   */
  record Table(List<Entry> entries, long bytes, int removed, int shortened) {}

  /** A table that cannot be used: why, and what the user can do. */
  static final class BadTable extends Exception {
    private static final long serialVersionUID = 1L;
    private final int errno;
    private final String text;
    private final String[] hints;

    private BadTable(Errno errno, String text, String... hints) {
      super(text);
      this.errno = errno.number();
      this.text = text;
      this.hints = hints;
    }

    Errno errno() {
      return Errno.of(errno);
    }

    String text() {
      return text;
    }

    String[] hints() {
      return hints.clone();
    }
  }

  /**
   * For reading; damage is an error.
   *
   * @param diskBytes size of the disk, for snapshots that do not say theirs
   */
  SnapshotFormat(Node file, long diskBytes) {
    this(file, diskBytes, null);
  }

  private SnapshotFormat(Node file, long diskBytes, @Nullable Consumer<String> repairs) {
    this.file = file;
    this.diskBytes = diskBytes;
    this.repairs = repairs;
  }

  /** The same, but leaves out what is too long, and says so to {@code repairs}. */
  SnapshotFormat repairing(Consumer<String> into) {
    return new SnapshotFormat(file, diskBytes, into);
  }

  /** Reads a table of at most {@link SnapshotTable#COUNT_MAX} snapshots. */
  Table read(long start, int count) throws BadTable {
    List<Entry> entries = new ArrayList<>();
    long length = 0;
    offset = start;
    if (count == 0) {
      return new Table(List.of(), 0, 0, 0);
    }
    for (int i = 0; i < count; i++) {
      long before = offset;
      Entry entry = readEntry(i);
      length = roundUp(length) + storedBytes(entry);
      if (length > TABLE_BYTES_MAX || offset - start > Integer.MAX_VALUE) {
        tooBig(count - i);
        offset = before;
        break;
      }
      entries.add(entry);
    }
    return new Table(List.copyOf(entries), offset - start, removed, shortened);
  }

  private void tooBig(int remaining) throws BadTable {
    if (repairs == null) {
      throw new BadTable(
          Errno.EFBIG,
          "Snapshot table is too big",
          "You can force-remove all "
              + remaining
              + " overhanging snapshots with qemu-img check -r all");
    }
    repairs.accept(
        "Discarding " + remaining + " overhanging snapshots (snapshot table is too big)");
    removed += remaining;
  }

  private Entry readEntry(int index) throws BadTable {
    offset = roundUp(offset);
    ByteBuffer head = readInto(fixed.clear());
    long l1Offset = head.getLong();
    long l1Entries = Integer.toUnsignedLong(head.getInt());
    int idBytes = Short.toUnsignedInt(head.getShort());
    int nameBytes = Short.toUnsignedInt(head.getShort());
    int seconds = head.getInt();
    int nanos = head.getInt();
    long clock = head.getLong();
    long vmState = Integer.toUnsignedLong(head.getInt());
    long stored = Integer.toUnsignedLong(head.getInt());
    long extraBytes = acceptedExtra(index, stored);

    ByteBuffer extra = readInto(ByteBuffer.allocate((int) Math.min(EXTRA_BYTES, stored)));
    long vmStateLarge = stored >= 8 ? extra.getLong(0) : vmState;
    long diskSize = stored >= 16 ? extra.getLong(8) : diskBytes;
    long icount = stored >= 24 ? extra.getLong(16) : -1;
    byte[] unknown = {};
    if (stored > EXTRA_BYTES) {
      long end = offset + stored - EXTRA_BYTES;
      unknown = readInto(ByteBuffer.allocate((int) extraBytes - EXTRA_BYTES)).array();
      offset = end;
    }
    byte[] id = readInto(ByteBuffer.allocate(idBytes)).array();
    byte[] name = readInto(ByteBuffer.allocate(nameBytes)).array();
    SnapshotInfo info =
        new SnapshotInfo(text(id), text(name), vmStateLarge, seconds, nanos, clock, icount);
    return new Entry(info, id, name, l1Offset, l1Entries, diskSize, (int) extraBytes, unknown);
  }

  /** How much of the extra data is kept. */
  private long acceptedExtra(int index, long stored) throws BadTable {
    if (stored <= EXTRA_BYTES_MAX) {
      return stored;
    }
    if (repairs == null) {
      throw new BadTable(
          Errno.EFBIG,
          "Too much extra metadata in snapshot table entry " + index,
          "You can force-remove this extra metadata with qemu-img check -r all");
    }
    repairs.accept(
        "Discarding too much extra metadata in snapshot table entry "
            + index
            + " ("
            + stored
            + " > "
            + EXTRA_BYTES_MAX
            + ")");
    shortened++;
    return EXTRA_BYTES_MAX;
  }

  private ByteBuffer readInto(ByteBuffer target) throws BadTable {
    int bytes = target.remaining();
    try {
      file.read(offset, target);
    } catch (BlockIoException e) {
      throw new BadTable(e.errno(), "Failed to read snapshot table: " + e.errno().text());
    }
    offset += bytes;
    return target.flip();
  }

  /** What a C program sees of a stored text: up to the first zero byte. */
  private static String text(byte[] stored) {
    return new String(stored, 0, textBytes(stored), StandardCharsets.UTF_8);
  }

  private static int textBytes(byte[] stored) {
    for (int i = 0; i < stored.length; i++) {
      if (stored[i] == 0) {
        return i;
      }
    }
    return stored.length;
  }

  private static long storedBytes(Entry entry) {
    return FIXED_BYTES + (long) entry.extraBytes() + entry.id().length + entry.name().length;
  }

  private static long roundUp(long bytes) {
    return (bytes + 7) & -8;
  }

  /**
   * How long a table of these snapshots is when written.
   *
   * @throws BlockIoException EFBIG if that is too long
   */
  static long bytes(List<Entry> entries) throws BlockIoException {
    long bytes = 0;
    for (Entry entry : entries) {
      bytes = roundUp(bytes) + FIXED_BYTES + Math.max(EXTRA_BYTES, entry.extraBytes());
      bytes += textBytes(entry.id()) + textBytes(entry.name());
      if (bytes > TABLE_BYTES_MAX) {
        throw new BlockIoException(Errno.EFBIG);
      }
    }
    return bytes;
  }

  /** Writes a table; each snapshot gets all the extra data that we know. */
  static void write(Node file, long start, List<Entry> entries) throws BlockIoException {
    long at = start;
    for (Entry entry : entries) {
      at = roundUp(at);
      at = write(file, at, head(entry));
      at = write(file, at, extra(entry));
      if (entry.extraBytes() > EXTRA_BYTES) {
        at = write(file, at, ByteBuffer.wrap(entry.unknownExtra()));
      }
      at = write(file, at, ByteBuffer.wrap(entry.id(), 0, textBytes(entry.id())));
      at = write(file, at, ByteBuffer.wrap(entry.name(), 0, textBytes(entry.name())));
    }
  }

  private static long write(Node file, long at, ByteBuffer part) throws BlockIoException {
    int bytes = part.remaining();
    file.write(at, part, 0);
    return at + bytes;
  }

  private static ByteBuffer head(Entry entry) {
    SnapshotInfo info = entry.info();
    // A VM state that 32 bits cannot say is none to old programs.
    long vmState = info.vmStateSize() >>> 32 == 0 ? info.vmStateSize() : 0;
    return ByteBuffer.allocate(FIXED_BYTES)
        .putLong(entry.l1Offset())
        .putInt((int) entry.l1Entries())
        .putShort((short) textBytes(entry.id()))
        .putShort((short) textBytes(entry.name()))
        .putInt(info.dateSeconds())
        .putInt(info.dateNanos())
        .putLong(info.vmClockNanos())
        .putInt((int) vmState)
        .putInt(Math.max(EXTRA_BYTES, entry.extraBytes()))
        .flip();
  }

  private static ByteBuffer extra(Entry entry) {
    return ByteBuffer.allocate(EXTRA_BYTES)
        .putLong(entry.info().vmStateSize())
        .putLong(entry.diskSize())
        .putLong(entry.info().icount())
        .flip();
  }
}
