package io.faultdisk.cli.tool;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.Node;
import io.faultdisk.block.format.SnapshotInfo;
import io.faultdisk.block.format.SnapshotStore;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.Console;
import java.util.List;
import java.util.Optional;

/**
 * Which internal snapshot is to be read instead of the image ({@code -l}).
 *
 * @param id its id, if that was given
 * @param name its name, if that was given
 * @param either its id or, if there is no such, its name; if it was not said which
 */
public record SnapshotChoice(Optional<String> id, Optional<String> name, Optional<String> either) {
  private static final String PREFIX = "snapshot.";
  private static final String ID = "snapshot.id";
  private static final String NAME = "snapshot.name";

  /**
   * {@code snapshot.id=ID,snapshot.name=NAME}, or just a word; empty if it is neither, which has
   * been reported.
   */
  public static Optional<SnapshotChoice> read(Console console, String text) {
    if (!text.startsWith(PREFIX)) {
      return Optional.of(new SnapshotChoice(Optional.empty(), Optional.empty(), Optional.of(text)));
    }
    try {
      Options options = OptionStrings.read(console, text);
      for (String key : options.keys()) {
        if (!List.of(ID, NAME, "id").contains(key)) {
          console.report("Invalid parameter '" + key + "'");
          return Optional.empty();
        }
      }
      return Optional.of(
          new SnapshotChoice(options.string(ID), options.string(NAME), Optional.empty()));
    } catch (Refusal said) {
      return Optional.empty();
    }
  }

  /**
   * Makes an image that was opened read-only show the snapshot.
   *
   * @throws UsageException with the text that follows {@code Failed to load snapshot: }
   */
  public void load(Node image) throws UsageException {
    if (either.isEmpty() && id.isEmpty() && name.isEmpty()) {
      throw new UsageException("snapshot_id and name are both NULL");
    }
    if (!image.readOnly()) {
      throw new UsageException("Device is not readonly");
    }
    if (!(image.driver() instanceof SnapshotStore store)) {
      throw new UsageException(
          "Block format '"
              + image.type().name()
              + "' used by device '' does not support temporarily loading internal snapshots");
    }
    if (either.isEmpty()) {
      store.loadSnapshot(id, name);
    } else if (hasId(store, either.get())) {
      store.loadSnapshot(either, Optional.empty());
    } else {
      store.loadSnapshot(Optional.empty(), either);
    }
  }

  private static boolean hasId(SnapshotStore store, String id) {
    for (SnapshotInfo snapshot : store.snapshots()) {
      if (snapshot.id().equals(id)) {
        return true;
      }
    }
    return false;
  }
}
