package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import java.nio.ByteBuffer;

/**
 * The part of a check that is about the snapshot table: reads it, since an image that is to be
 * checked is opened without, and writes a damaged one anew once the refcounts are in order.
 */
final class SnapshotTableCheck {
  private final CheckRun run;
  private final Metadata metadata;

  SnapshotTableCheck(CheckRun run) {
    this.run = run;
    this.metadata = run.metadata();
  }

  /** Reads pointer and table. Snapshots that are too many are dropped if errors are repaired. */
  void read() throws BlockIoException {
    ByteBuffer pointer = readPointer();
    long stored = Integer.toUnsignedLong(pointer.getInt());
    long offset = pointer.getLong();
    long count = stored;
    int removed = 0;
    if (stored > SnapshotTable.COUNT_MAX && run.repair().errors()) {
      count = SnapshotTable.COUNT_MAX;
      run.say("Discarding %d overhanging snapshots", stored - count);
      removed = (int) (stored - count);
    }
    validate(offset, count);
    SnapshotFormat.Table table = readTable(offset, (int) count);
    metadata.snapshots.set(table);
    metadata.header = metadata.header.change().snapshots(offset, table.entries().size()).build();
    removed += table.removed();
    run.tally().corruptions += removed + table.shortened();
    if (removed > 0) {
      writeCount(table.entries().size());
      run.tally().corruptions -= removed;
      run.tally().corruptionsFixed += removed;
    }
    findIncomplete();
  }

  private ByteBuffer readPointer() throws BlockIoException {
    ByteBuffer pointer = ByteBuffer.allocate(Integer.BYTES + Long.BYTES);
    try {
      metadata.file.read(SnapshotFormat.POINTER_OFFSET, pointer);
    } catch (BlockIoException e) {
      run.say(
          "ERROR failed to read the snapshot table pointer from the image header: %s",
          e.errno().text());
      throw e;
    }
    return pointer.flip();
  }

  private void validate(long offset, long count) throws BlockIoException {
    long longest = (long) SnapshotFormat.FIXED_BYTES * SnapshotTable.COUNT_MAX;
    try {
      metadata.validateTable(offset, count, SnapshotFormat.FIXED_BYTES, longest, "snapshot table");
    } catch (BlockIoException e) {
      metadata.errors.accept("ERROR " + e.reason());
      if (count > SnapshotTable.COUNT_MAX) {
        run.say(
            "You can force-remove all %d overhanging snapshots with qemu-img check -r all",
            count - SnapshotTable.COUNT_MAX);
      }
      throw e;
    }
  }

  private SnapshotFormat.Table readTable(long offset, int count) throws BlockIoException {
    SnapshotFormat strict = new SnapshotFormat(metadata.file, metadata.snapshots.diskBytes());
    SnapshotFormat format = run.repair().errors() ? strict.repairing(run.findings()) : strict;
    metadata.lock.unlock();
    try {
      return format.read(offset, count);
    } catch (SnapshotFormat.BadTable e) {
      metadata.errors.accept("ERROR failed to read the snapshot table: " + e.text());
      for (String hint : e.hints()) {
        metadata.messages.accept(hint);
      }
      throw new BlockIoException(e.errno());
    } finally {
      metadata.lock.lock();
    }
  }

  /** At once: references are counted by what the header says. */
  private void writeCount(int count) throws BlockIoException {
    try {
      metadata.writeSync(
          SnapshotFormat.POINTER_OFFSET, ByteBuffer.allocate(Integer.BYTES).putInt(0, count));
    } catch (BlockIoException e) {
      run.say(
          "ERROR failed to update the snapshot count in the image header: %s", e.errno().text());
      throw e;
    }
  }

  private void findIncomplete() {
    if (metadata.geometry.version() < 3) {
      return;
    }
    int index = 0;
    for (SnapshotTable.Entry entry : metadata.snapshots.entries()) {
      if (entry.extraBytes() < SnapshotFormat.EXTRA_BYTES_V3) {
        run.tally().corruptions++;
        run.say("%s snapshot table entry %d is incomplete", run.verb(), index);
      }
      index++;
    }
  }

  /** Writes the table anew if something in it was wrong, which leaves nothing wrong in it. */
  void repair() throws BlockIoException {
    if (run.tally().corruptions == 0 || !run.repair().errors()) {
      return;
    }
    metadata.lock.unlock();
    try {
      metadata.snapshots.rewrite();
    } catch (BlockIoException e) {
      run.say("ERROR failed to update snapshot table: %s", e.errno().text());
      throw e;
    } finally {
      metadata.lock.lock();
    }
    run.tally().corruptionsFixed += run.tally().corruptions;
    run.tally().corruptions = 0;
  }
}
