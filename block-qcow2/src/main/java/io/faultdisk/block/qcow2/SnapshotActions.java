package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.format.SnapshotInfo;
import io.faultdisk.block.qcow2.SnapshotTable.Entry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Takes, applies and deletes internal snapshots.
 *
 * <p>A snapshot is a copy of the L1 table; all it refers to is counted once more. Every step is
 * durable before the next one relies on it: a failure in between leaks clusters, but loses none.
 * Nothing else uses the image meanwhile, and the caller does not hold the metadata lock, which
 * flushes take.
 */
final class SnapshotActions {
  /** Bytes of an id and a name, as other programs can take them. */
  private static final int ID_BYTES_MAX = 127;

  private static final int NAME_BYTES_MAX = 255;

  private final Metadata metadata;
  private final SnapshotTable table;

  SnapshotActions(Metadata metadata) {
    this.metadata = metadata;
    this.table = metadata.snapshots;
  }

  /** All snapshots, oldest first. An image with external data has none that can be used. */
  List<SnapshotInfo> list() {
    if (metadata.externalData()) {
      return List.of();
    }
    return table.entries().stream().map(SnapshotActions::shown).toList();
  }

  private static SnapshotInfo shown(Entry entry) {
    SnapshotInfo info = entry.info();
    return new SnapshotInfo(
        cut(info.id(), ID_BYTES_MAX),
        cut(info.name(), NAME_BYTES_MAX),
        info.vmStateSize(),
        info.dateSeconds(),
        info.dateNanos(),
        info.vmClockNanos(),
        info.icount());
  }

  private static String cut(String text, int bytesMax) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= bytesMax ? text : new String(bytes, 0, bytesMax, StandardCharsets.UTF_8);
  }

  /**
   * Takes a snapshot of the current content.
   *
   * @param wanted its id is not looked at
   * @throws BlockIoException EFBIG if there are too many, ENOTSUP with external data
   */
  void create(SnapshotInfo wanted) throws BlockIoException {
    if (table.entries().size() >= SnapshotTable.COUNT_MAX) {
      throw new BlockIoException(Errno.EFBIG);
    }
    refuseExternalData();
    String id = SnapshotIds.next(table.entries());
    String name = cut(wanted.name(), NAME_BYTES_MAX);
    L1Table l1 = metadata.l1;
    long bytes = (long) l1.size() * Long.BYTES;
    long offset = metadata.refcounts.allocate(bytes);
    metadata.overlap.beforeWrite(OverlapCheck.NONE, offset, bytes, false);
    metadata.file.write(offset, encoded(l1.copy()), 0);
    metadata.refcounts.updateSnapshot(l1.offset(), l1.size(), 1);
    SnapshotInfo info =
        new SnapshotInfo(
            id,
            name,
            wanted.vmStateSize(),
            wanted.dateSeconds(),
            wanted.dateNanos(),
            wanted.vmClockNanos(),
            wanted.icount());
    table.add(
        new Entry(
            info,
            id.getBytes(StandardCharsets.UTF_8),
            name.getBytes(StandardCharsets.UTF_8),
            offset,
            l1.size(),
            table.diskBytes(),
            SnapshotFormat.EXTRA_BYTES,
            new byte[0]));
    dropVmState(wanted.vmStateSize());
  }

  /** The current content does not need the VM state; it would only be copied by later writes. */
  private void dropVmState(long stateBytes) throws BlockIoException {
    Geometry geometry = metadata.geometry;
    long bytes = geometry.roundUp(stateBytes);
    if (bytes > 0) {
      long start = geometry.l1EntriesFor(metadata.header.fileSize()) * geometry.l2Reach();
      new ClusterDrop(metadata).discard(start, bytes, DiscardType.NEVER, false);
    }
  }

  /** Goes back to a snapshot; ENOENT if there is no such. */
  void apply(String idOrName) throws BlockIoException {
    refuseExternalData();
    Entry entry = table.find(idOrName).orElseThrow(() -> new BlockIoException(Errno.ENOENT));
    try {
      validate(entry);
      resizeFor(entry);
    } catch (BlockIoException e) {
      metadata.errors.accept(e.reason());
      throw e;
    }
    int entries = (int) entry.l1Entries();
    L1Table l1 = metadata.l1;
    l1.grow(entries, true);
    ByteBuffer next = readPadded(entry, l1.size());
    // Counted by the new table before it is in force, uncounted by the old one afterwards.
    metadata.refcounts.updateSnapshot(entry.l1Offset(), entries, 1);
    metadata.overlap.beforeWrite(OverlapCheck.ACTIVE_L1, l1.offset(), next.remaining(), false);
    metadata.writeSync(l1.offset(), next.duplicate());
    try {
      metadata.refcounts.updateSnapshot(l1.offset(), l1.size(), -1);
    } finally {
      for (int i = 0; i < l1.size(); i++) {
        l1.set(i, next.getLong(i * Long.BYTES));
      }
    }
    metadata.refcounts.updateSnapshot(l1.offset(), l1.size(), 0);
  }

  private void resizeFor(Entry entry) throws BlockIoException {
    if (entry.diskSize() == table.diskBytes()) {
      return;
    }
    metadata.self().truncate(entry.diskSize(), true, Preallocation.OFF);
  }

  /** The L1 table of a snapshot as in the file, with zeroes up to a number of entries. */
  private ByteBuffer readPadded(Entry entry, int entries) throws BlockIoException {
    ByteBuffer next = ByteBuffer.allocate(entries * Long.BYTES);
    metadata.file.read(entry.l1Offset(), next.slice(0, (int) entry.l1Entries() * Long.BYTES));
    return next;
  }

  /**
   * Deletes a snapshot.
   *
   * @throws UsageException saying what could not be done; after the first step clusters may be
   *     leaked
   */
  void delete(Optional<String> id, Optional<String> name) throws UsageException {
    if (metadata.externalData()) {
      throw new UsageException(Errno.ENOTSUP.text());
    }
    Entry entry =
        table.find(id, name).orElseThrow(() -> new UsageException("Can't find the snapshot"));
    int entries = (int) entry.l1Entries();
    L1Table l1 = metadata.l1;
    step("", () -> validate(entry));
    step("Failed to remove snapshot from snapshot list: ", () -> table.remove(entry));
    step(
        "Failed to free the cluster and L1 table: ",
        () -> metadata.refcounts.updateSnapshot(entry.l1Offset(), entries, -1));
    metadata.refcounts.free(entry.l1Offset(), (long) entries * Long.BYTES, DiscardType.SNAPSHOT);
    step(
        "Failed to update snapshot status in disk: ",
        () -> metadata.refcounts.updateSnapshot(l1.offset(), l1.size(), 0));
  }

  /** Shows the content of a snapshot in place of the current one. */
  void loadTemporarily(Optional<String> id, Optional<String> name) throws UsageException {
    Entry entry = table.find(id, name).orElseThrow(() -> new UsageException("Can't find snapshot"));
    step("", () -> validate(entry));
    try {
      long[] entries = metadata.readTable(entry.l1Offset(), (int) entry.l1Entries());
      metadata.l1.replace(entry.l1Offset(), entries);
    } catch (BlockIoException e) {
      throw new UsageException("Failed to read l1 table for snapshot");
    }
  }

  private interface Step {
    void run() throws BlockIoException;
  }

  /** A step whose failure is told with a text before the reason. */
  private static void step(String failure, Step step) throws UsageException {
    try {
      step.run();
    } catch (BlockIoException e) {
      throw new UsageException(failure + e.reason());
    }
  }

  private void validate(Entry entry) throws BlockIoException {
    metadata.validateTable(
        entry.l1Offset(),
        entry.l1Entries(),
        Long.BYTES,
        Metadata.L1_BYTES_MAX,
        "Snapshot L1 table");
  }

  private void refuseExternalData() throws BlockIoException {
    if (metadata.externalData()) {
      throw new BlockIoException(Errno.ENOTSUP);
    }
  }

  private static ByteBuffer encoded(long[] entries) {
    ByteBuffer bytes = ByteBuffer.allocate(entries.length * Long.BYTES);
    bytes.asLongBuffer().put(entries);
    return bytes;
  }
}
