package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.block.bitmap.DirtyBitmaps;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The dirty bitmaps that an image keeps: loaded when it is opened, stored when it is closed.
 *
 * <p>While the image is open for writing, its bitmaps in the file are marked in use, so that after
 * a crash nobody takes them for what they are not. Those found so when opening are inconsistent:
 * they stay in the file, and can only be removed.
 *
 * <p>{@link #load}, {@link #store} and the reopen methods are called by whoever is the only user of
 * the image; the others say whether they need the metadata lock.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2-bitmap.c.
 */
final class PersistentBitmaps {
  private final Metadata metadata;
  private final BitmapDirectory directory;
  private final BitmapTable table;
  private final BitmapLimits limits;

  /** The node's bitmaps; until there is a node, those that were loaded. */
  private DirtyBitmaps bitmaps = new DirtyBitmaps();

  PersistentBitmaps(Metadata metadata) {
    this.metadata = metadata;
    this.directory = new BitmapDirectory(metadata);
    this.table = new BitmapTable(metadata);
    this.limits = new BitmapLimits(metadata);
  }

  /** The node exists now: it takes over what was loaded. */
  void attached(DirtyBitmaps ofNode) {
    List<DirtyBitmap> loaded = bitmaps.all();
    for (int i = loaded.size() - 1; i >= 0; i--) {
      ofNode.add(loaded.get(i));
    }
    bitmaps = ofNode;
  }

  /** Whether the image has stored bitmaps. */
  boolean any() {
    return directory.extension().isPresent();
  }

  /**
   * Loads the bitmaps while the image is opened; if it is writable, those in the file are marked in
   * use.
   *
   * @return whether the header was written
   * @throws UsageException with the text for the user; nothing is loaded
   */
  boolean load() throws UsageException {
    List<BitmapEntry> entries = directory.read();
    List<DirtyBitmap> loaded = new ArrayList<>();
    try {
      boolean marked = false;
      for (BitmapEntry entry : entries) {
        if (entry.inUse() && bitmaps.find(entry.name()).isPresent()) {
          continue;
        }
        DirtyBitmap bitmap = loadOne(entry);
        loaded.add(bitmap);
        marked |= !entry.inUse();
        entry.flags |= BitmapEntry.IN_USE;
      }
      boolean writes = marked && writable();
      if (writes) {
        markInUse(entries);
      }
      loaded.forEach(bitmap -> bitmap.readOnly(!writable()));
      return writes;
    } catch (UsageException e) {
      loaded.forEach(bitmaps::remove);
      throw e;
    }
  }

  private DirtyBitmap loadOne(BitmapEntry entry) throws UsageException {
    if (bitmaps.find(entry.name()).isPresent()) {
      throw new UsageException("Bitmap already exists: " + entry.name());
    }
    DirtyBitmap bitmap =
        new DirtyBitmap(entry.name(), directory.diskBytes(), 1L << entry.granularityBits);
    if (!entry.inUse()) {
      table.load(entry, bitmap);
    }
    bitmap.persistent(true);
    if (entry.inUse()) {
      bitmap.markInconsistent();
    } else {
      bitmap.enabled(entry.auto());
    }
    bitmaps.add(bitmap);
    return bitmap;
  }

  private void markInUse(List<BitmapEntry> entries) throws UsageException {
    try {
      directory.writeInPlace(entries);
    } catch (BlockIoException e) {
      throw new UsageException("Can't update bitmap directory: " + e.errno().text());
    }
  }

  private boolean writable() {
    return !metadata.flags.readOnly();
  }

  /** Writes all persistent bitmaps back and forgets them, as the image is closed. */
  void store() throws UsageException {
    for (DirtyBitmap bitmap : storeAll()) {
      bitmaps.remove(bitmap);
    }
  }

  /** Writes all persistent bitmaps back; they stay, read-only, as the image is reopened so. */
  void reopenReadOnly() throws UsageException {
    storeAll();
    for (DirtyBitmap bitmap : bitmaps.all()) {
      if (bitmap.persistent()) {
        bitmap.readOnly(true);
      }
    }
  }

  /** Stores what can be stored; returns all bitmaps that are in the file now. */
  private List<DirtyBitmap> storeAll() throws UsageException {
    List<BitmapEntry> entries = directory.read();
    Map<BitmapEntry, DirtyBitmap> bitmapOf = new HashMap<>();
    List<Replaced> replaced = new ArrayList<>();
    List<BitmapEntry> stored = new ArrayList<>();
    boolean anyToStore = choose(entries, bitmapOf, replaced);
    if (anyToStore) {
      if (!writable()) {
        throw new UsageException("No write access");
      }
      try {
        for (BitmapEntry entry : entries) {
          DirtyBitmap bitmap = bitmapOf.get(entry);
          if (bitmap != null && !bitmap.readOnly()) {
            table.store(entry, bitmap);
            stored.add(entry);
          }
        }
        updateDirectory(entries);
      } catch (UsageException e) {
        stored.forEach(entry -> table.free(entry.tableOffset, entry.tableEntries));
        throw e;
      }
      replaced.forEach(old -> table.free(old.tableOffset(), old.tableEntries()));
    }
    return List.copyOf(bitmapOf.values());
  }

  /** A table whose place a new one takes. */
  private record Replaced(long tableOffset, int tableEntries) {}

  /**
   * Pairs bitmaps with entries, newest first; new entries go to the end.
   *
   * @return whether there is anything to write
   */
  private boolean choose(
      List<BitmapEntry> entries, Map<BitmapEntry, DirtyBitmap> bitmapOf, List<Replaced> replaced)
      throws UsageException {
    boolean any = false;
    long bytes = directory.extension().map(e -> e.directoryBytes()).orElse(0L);
    for (DirtyBitmap bitmap : bitmaps.all()) {
      if (!bitmap.persistent() || bitmap.inconsistent()) {
        continue;
      }
      Optional<BitmapEntry> known = find(entries, bitmap.name());
      if (bitmap.readOnly()) {
        known.ifPresent(entry -> bitmapOf.put(entry, bitmap));
        continue;
      }
      any = true;
      limits.requireStorable(bitmap);
      BitmapEntry entry = known.orElseGet(() -> new BitmapEntry(bitmap.name()));
      if (known.isEmpty()) {
        bytes += entry.bytes();
        if (entries.size() == BitmapDirectory.BITMAPS_MAX) {
          throw new UsageException("Too many persistent bitmaps");
        }
        if (bytes > BitmapDirectory.BYTES_MAX) {
          throw new UsageException("Bitmap directory is too large");
        }
        entries.add(entry);
      } else {
        if (!entry.inUse()) {
          throw new UsageException("Bitmap '" + bitmap.name() + "' already exists in the image");
        }
        replaced.add(new Replaced(entry.tableOffset, entry.tableEntries));
      }
      entry.flags = bitmap.enabled() ? BitmapEntry.AUTO : 0;
      entry.granularityBits = Long.numberOfTrailingZeros(bitmap.granularity());
      bitmapOf.put(entry, bitmap);
    }
    return any;
  }

  private static Optional<BitmapEntry> find(List<BitmapEntry> entries, String name) {
    return entries.stream().filter(entry -> entry.name().equals(name)).findFirst();
  }

  private void updateDirectory(List<BitmapEntry> entries) throws UsageException {
    try {
      directory.replace(entries);
    } catch (BlockIoException e) {
      throw new UsageException("Failed to update bitmap extension: " + e.errno().text());
    }
  }

  /** Refuses a new bitmap that could not be stored. Takes no lock. */
  void requireRoom(String name, long granularity) throws UsageException {
    limits.requireRoom(bitmaps, name, granularity);
  }

  /** Removes a bitmap from the file, if it is there. Takes the metadata lock. */
  void remove(String name) throws UsageException {
    if (!any()) {
      return;
    }
    metadata.lock.lock();
    try {
      List<BitmapEntry> entries = directory.read();
      Optional<BitmapEntry> entry = find(entries, name);
      if (entry.isPresent()) {
        entries.remove(entry.get());
        updateDirectory(entries);
        table.free(entry.get().tableOffset, entry.get().tableEntries);
      }
    } finally {
      metadata.lock.unlock();
    }
  }

  /**
   * The image was reopened for writing: marks the bitmaps in the file as in use and lets those in
   * memory be changed.
   *
   * @throws UsageException with the text for the user; the bitmaps then stay read-only, and with
   *     them the disk
   */
  void reopenWritable() throws UsageException {
    List<BitmapEntry> entries = directory.read();
    List<DirtyBitmap> readOnly = new ArrayList<>();
    boolean marked = false;
    for (BitmapEntry entry : entries) {
      DirtyBitmap bitmap =
          bitmaps
              .find(entry.name())
              .orElseThrow(
                  () ->
                      new UsageException(
                          "Unexpected bitmap '" + entry.name() + "' in image '" + image() + "'"));
      requireAgreement(entry, bitmap);
      marked |= !entry.inUse();
      entry.flags |= BitmapEntry.IN_USE;
      if (bitmap.readOnly()) {
        readOnly.add(bitmap);
      }
    }
    if (marked) {
      if (metadata.file.readOnly()) {
        throw new UsageException("Failed to reopen bitmaps rw: no write access the protocol file");
      }
      try {
        directory.writeInPlace(entries);
      } catch (BlockIoException e) {
        throw new UsageException("Cannot update bitmap directory: " + e.errno().text());
      }
    }
    readOnly.forEach(bitmap -> bitmap.readOnly(false));
  }

  private String image() {
    return metadata.self().filename();
  }

  /** What is in the file and what is in memory must be of one mind about who uses the bitmap. */
  private void requireAgreement(BitmapEntry entry, DirtyBitmap bitmap) throws UsageException {
    String bitmapName = "Corruption: bitmap '" + entry.name() + "' is ";
    if (entry.inUse()) {
      if (bitmap.readOnly() && !bitmap.inconsistent()) {
        throw new UsageException(
            bitmapName
                + "marked IN_USE in the image '"
                + image()
                + "' but it is readonly and consistent in RAM");
      }
      return;
    }
    if (!bitmap.readOnly()) {
      throw new UsageException(
          bitmapName
              + "not marked IN_USE in the image '"
              + image()
              + "' and not marked readonly in RAM");
    }
    if (bitmap.inconsistent()) {
      throw new UsageException(
          bitmapName + "inconsistent but is not marked IN_USE in the image '" + image() + "'");
    }
  }

  /**
   * Refuses a new length if a stored bitmap could not follow. Under the metadata lock.
   *
   * @throws BlockIoException ENOTSUP with the text for the user
   */
  void requireResizable() throws BlockIoException {
    try {
      for (BitmapEntry entry : directory.read()) {
        DirtyBitmap bitmap =
            bitmaps
                .find(entry.name())
                .orElseThrow(
                    () ->
                        new UsageException(
                            "Cannot resize qcow2 with persistent bitmaps that were not loaded into"
                                + " memory"));
        bitmap.requireWritable();
      }
    } catch (UsageException e) {
      List<String> lines = new ArrayList<>(List.of(e.getMessage()));
      lines.addAll(e.hints());
      throw new BlockIoException(Errno.ENOTSUP, String.join("\n", lines));
    }
  }

  /**
   * Reports everything in the image file that belongs to bitmaps. Under the metadata lock.
   *
   * @throws BlockIoException EINVAL if the directory or a table is corrupt
   */
  void references(BitmapTable.References references) throws BlockIoException {
    Optional<Header.BitmapExtension> extension = directory.extension();
    if (extension.isEmpty()) {
      return;
    }
    references.range(extension.get().directoryOffset(), extension.get().directoryBytes());
    List<BitmapEntry> entries;
    try {
      entries = directory.read();
    } catch (UsageException e) {
      references.corrupt();
      throw new BlockIoException(Errno.EINVAL, e.getMessage());
    }
    for (BitmapEntry entry : entries) {
      table.references(entry, references);
    }
  }

  /**
   * The bitmaps in the file as {@code info} shows them; an empty array if there are none. Takes no
   * lock.
   *
   * @throws BlockIoException EINVAL with the text for the user
   */
  JsonArray describe() throws BlockIoException {
    List<JsonValue> described = new ArrayList<>();
    try {
      for (BitmapEntry entry : directory.read()) {
        List<JsonValue> flags = new ArrayList<>();
        if (entry.inUse()) {
          flags.add(new JsonString("in-use"));
        }
        if (entry.auto()) {
          flags.add(new JsonString("auto"));
        }
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("flags", new JsonArray(flags));
        members.put("name", new JsonString(entry.name()));
        members.put("granularity", JsonNumber.of(1L << entry.granularityBits));
        described.add(new JsonObject(members));
      }
    } catch (UsageException e) {
      throw new BlockIoException(Errno.EINVAL, e.getMessage());
    }
    return new JsonArray(described);
  }
}
