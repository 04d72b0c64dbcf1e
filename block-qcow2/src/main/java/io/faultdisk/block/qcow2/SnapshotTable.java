package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.format.SnapshotInfo;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The internal snapshots of an image: the list in memory as in the file. What is done with them is
 * in {@link SnapshotActions}, how they are stored in {@link SnapshotFormat}.
 *
 * <p>Changed while nothing else uses the image, without the metadata lock; the list that {@link
 * #entries} returns never changes.
 */
final class SnapshotTable {
  /** Most snapshots of an image. */
  static final int COUNT_MAX = 65536;

  private final Metadata metadata;
  private volatile List<Entry> entries = List.of();
  private volatile long tableBytes;

  SnapshotTable(Metadata metadata) {
    this.metadata = metadata;
  }

  /**
   * One snapshot as stored.
   *
   * @param info what users see of it
   * @param id the id as stored
   * @param name the name as stored, in whatever encoding
   * @param l1Entries unsigned 32 bits; an image may say anything
   * @param diskSize size of the virtual disk then, in bytes
   * @param extraBytes length of the extra data in the file
   * @param unknownExtra what of it we do not know
   */
  @SuppressWarnings("ArrayRecordComponent") // entries are told apart by identity
  record Entry(
      SnapshotInfo info,
      byte[] id,
      byte[] name,
      long l1Offset,
      long l1Entries,
      long diskSize,
      int extraBytes,
      byte[] unknownExtra) {}

  /** Reads the table while the image is opened. */
  void load() throws UsageException {
    Header header = metadata.header;
    try {
      SnapshotFormat format = new SnapshotFormat(metadata.file, diskBytes());
      set(format.read(header.snapshotsOffset(), header.snapshotCount()));
    } catch (SnapshotFormat.BadTable e) {
      throw new UsageException(e.text(), e.hints());
    }
  }

  List<Entry> entries() {
    return entries;
  }

  /** Bytes of the table in the file, for overlap checks and reference counting. */
  long tableBytes() {
    return tableBytes;
  }

  /** Size of the virtual disk in whole sectors, in bytes. */
  long diskBytes() {
    return metadata.header.fileSize() & -512;
  }

  /** The list has been read. */
  void set(SnapshotFormat.Table table) {
    entries = table.entries();
    tableBytes = table.bytes();
  }

  /** Adds a snapshot and writes the table; it is not there if that fails. */
  void add(Entry entry) throws BlockIoException {
    List<Entry> next = new ArrayList<>(entries);
    next.add(entry);
    replace(next);
  }

  /** Takes a snapshot away and writes the table; it is still there if that fails. */
  @SuppressWarnings("ReferenceEquality")
  void remove(Entry entry) throws BlockIoException {
    List<Entry> next = new ArrayList<>(entries);
    next.removeIf(other -> other == entry);
    replace(next);
  }

  private void replace(List<Entry> next) throws BlockIoException {
    List<Entry> old = entries;
    entries = List.copyOf(next);
    try {
      rewrite();
    } catch (BlockIoException e) {
      entries = old;
      throw e;
    }
  }

  /**
   * Writes the table to a new place and lets the header refer to it, as an upgrade to version 3 or
   * a repair needs it. The caller does not hold the metadata lock, which flushes take.
   */
  void rewrite() throws BlockIoException {
    long bytes = SnapshotFormat.bytes(entries);
    long offset = metadata.refcounts.allocate(bytes);
    try {
      metadata.flush();
      metadata.overlap.beforeWrite(OverlapCheck.NONE, offset, bytes, false);
      SnapshotFormat.write(metadata.file, offset, entries);
      metadata.flush();
      ByteBuffer pointer = ByteBuffer.allocate(Integer.BYTES + Long.BYTES);
      pointer.putInt(entries.size()).putLong(offset).flip();
      metadata.writeSync(SnapshotFormat.POINTER_OFFSET, pointer);
    } catch (BlockIoException e) {
      if (offset > 0) {
        metadata.refcounts.free(offset, bytes, DiscardType.ALWAYS);
      }
      throw e;
    }
    metadata.refcounts.free(metadata.header.snapshotsOffset(), tableBytes, DiscardType.SNAPSHOT);
    metadata.header = metadata.header.change().snapshots(offset, entries.size()).build();
    tableBytes = bytes;
  }

  /** The first snapshot with that id and that name, as far as they are given. */
  Optional<Entry> find(Optional<String> id, Optional<String> name) {
    if (id.isEmpty() && name.isEmpty()) {
      return Optional.empty();
    }
    return entries.stream()
        .filter(entry -> id.isEmpty() || id.get().equals(entry.info().id()))
        .filter(entry -> name.isEmpty() || name.get().equals(entry.info().name()))
        .findFirst();
  }

  /** The first snapshot with that id, or else the first with that name. */
  Optional<Entry> find(String idOrName) {
    return find(Optional.of(idOrName), Optional.empty())
        .or(() -> find(Optional.empty(), Optional.of(idOrName)));
  }
}
