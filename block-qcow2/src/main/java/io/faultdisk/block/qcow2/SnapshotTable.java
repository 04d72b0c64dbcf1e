package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.format.SnapshotInfo;
import java.util.List;
import java.util.Optional;

/** The internal snapshots of an image, and what can be done with them. */
final class SnapshotTable {
  SnapshotTable(Metadata metadata) {}

  /**
   * One snapshot as stored.
   *
   * @param extraBytes length of the extra data in the file
   * @param unknownExtra what of it we do not know
   */
  record Entry(
      SnapshotInfo info,
      long l1Offset,
      int l1Entries,
      long diskSize,
      int extraBytes,
      byte[] unknownExtra) {}

  /** Reads the table while the image is opened. */
  void load() throws UsageException, BlockIoException {
    throw new UnsupportedOperationException("H3");
  }

  List<Entry> entries() {
    throw new UnsupportedOperationException("H3");
  }

  /** Bytes of the table in the file, for overlap checks and reference counting. */
  long tableBytes() {
    throw new UnsupportedOperationException("H3");
  }

  void create(SnapshotInfo wanted) throws BlockIoException {
    throw new UnsupportedOperationException("H3");
  }

  void apply(String idOrName) throws BlockIoException {
    throw new UnsupportedOperationException("H3");
  }

  void delete(Optional<String> id, Optional<String> name) throws UsageException {
    throw new UnsupportedOperationException("H3");
  }

  void loadTemporarily(Optional<String> id, Optional<String> name) throws UsageException {
    throw new UnsupportedOperationException("H3");
  }

  /** Writes the table anew, as an upgrade to version 3 needs it. */
  void rewrite() throws BlockIoException {
    throw new UnsupportedOperationException("H3");
  }
}
