package io.faultdisk.block.format;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import java.util.List;
import java.util.Optional;

/** A driver that keeps internal snapshots. */
public interface SnapshotStore {
  /** All snapshots, oldest first. */
  List<SnapshotInfo> snapshots();

  /**
   * Takes a snapshot of the current content.
   *
   * @param wanted its name, dates and sizes; the id is chosen by the format ("max + 1") if empty
   */
  void createSnapshot(SnapshotInfo wanted) throws BlockIoException;

  /**
   * Goes back to a snapshot.
   *
   * @param idOrName looked for among the ids first, then among the names
   * @throws BlockIoException ENOENT if there is no such snapshot
   */
  void applySnapshot(String idOrName) throws BlockIoException;

  /**
   * Deletes a snapshot.
   *
   * @param id exact id if present
   * @param name exact name if present; at least one of the two is given
   * @throws UsageException with the text that follows {@code Could not delete snapshot 'X': }
   */
  void deleteSnapshot(Optional<String> id, Optional<String> name) throws UsageException;

  /**
   * Shows the content of a snapshot in place of the current one; for an image opened read-only.
   *
   * @throws UsageException with the text for the user
   */
  void loadSnapshot(Optional<String> id, Optional<String> name) throws UsageException;
}
