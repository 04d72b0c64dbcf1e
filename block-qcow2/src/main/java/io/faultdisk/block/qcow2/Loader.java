package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Child;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Opening;
import io.faultdisk.block.format.CheckResult;
import io.faultdisk.block.format.Checkable.Repair;
import java.util.Optional;

/**
 * Opens an image: reads its metadata in the order that an observer of the file sees, makes the
 * parts that work with them, and repairs what has to be repaired first.
 *
 * <pre>
 *   header      L1 table      options      refcount table      extensions      data file
 *   backing file name      snapshots      bitmaps      header, if outdated      repair, if dirty
 * </pre>
 *
 * <p>For one opening, by one thread.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2.c.
 */
final class Loader {
  private final Opening opening;
  private final OpenFlags flags;
  private final boolean checking;

  Loader(Opening opening) {
    this.opening = opening;
    this.flags = opening.flags();
    this.checking = flags.has(OpenFlags.Mode.CHECK);
  }

  Metadata load() throws UsageException {
    Child child = opening.openChild("file", ChildRole.IMAGE, Optional.empty());
    Node file = child.node();
    HeaderReader.Fixed fixed = new HeaderReader(file, flags.readOnly(), checking).read();
    Metadata metadata =
        new Metadata(
            file,
            fixed.header(),
            fixed.geometry(),
            flags,
            opening.turns(),
            opening::warn,
            opening::report);
    metadata.openingName = opening.nodeName();
    metadata.lock.lock();
    try {
      load(metadata, fixed, child);
    } finally {
      metadata.lock.unlock();
    }
    return metadata;
  }

  private void load(Metadata metadata, HeaderReader.Fixed fixed, Child file) throws UsageException {
    metadata.corruption = new Corruption(metadata);
    metadata.refcounts = new Refcounts(metadata);
    metadata.snapshots = new SnapshotTable(metadata);
    metadata.bitmaps = new PersistentBitmaps(metadata);
    readL1(metadata);
    metadata.use(
        RuntimeOptions.take(opening.options(), fixed.header(), fixed.geometry(), flags.unmap()));
    readRefcountTable(metadata);
    ExtensionReader extensions = new ExtensionReader(metadata.file, fixed);
    extensions.read(
        (text, hint) -> {
          opening.report("warning: " + text);
          opening.messages().unended(hint);
        });
    openDataFile(metadata, extensions.dataFileName(), file);
    metadata.header =
        metadata
            .header
            .change()
            .unknownExtensions(extensions.unknown())
            .dataFileName(extensions.dataFileName())
            .backing(HeaderReader.backing(metadata.file, fixed, extensions.backingFormat()))
            .bitmaps(extensions.bitmaps())
            .build();
    if (!checking) {
      metadata.snapshots.load();
    }
    bringUpToDate(metadata, extensions.outdated());
    repair(metadata);
  }

  private static void readL1(Metadata metadata) throws UsageException {
    Header header = metadata.header;
    try {
      metadata.l1 =
          new L1Table(
              metadata,
              header.l1Offset(),
              metadata.readTable(header.l1Offset(), header.l1Entries()));
    } catch (BlockIoException e) {
      throw HeaderReader.failed("Could not read L1 table", e);
    }
  }

  private static void readRefcountTable(Metadata metadata) throws UsageException {
    Header header = metadata.header;
    try {
      metadata.refcountTable =
          RefcountTable.read(
              metadata, header.refcountTableOffset(), header.refcountTableClusters());
    } catch (BlockIoException e) {
      throw HeaderReader.failed("Could not initialize refcount handling", e);
    }
  }

  /**
   * Opens the file with the guest's data, if that is not the image file. Who only looks at metadata
   * must not be led to another file by the image, so then nothing is opened or checked.
   */
  private void openDataFile(Metadata metadata, Optional<String> name, Child file)
      throws UsageException {
    if (flags.has(OpenFlags.Mode.NO_IO)) {
      opening.options().takeChild("data-file");
      opening.options().remove("data-file");
      return;
    }
    Optional<Child> given = opening.openChildIfAny("data-file", ChildRole.DATA, Optional.empty());
    if (metadata.geometry.externalData()) {
      if (given.isEmpty() && name.isPresent()) {
        // A path and nothing else: an image must not name drivers for itself.
        opening.options().put("data-file.filename", name.get());
        given = opening.openChildIfAny("data-file", ChildRole.DATA, Optional.empty());
      }
      metadata.dataFile =
          given
              .orElseThrow(() -> new UsageException("'data-file' is required for this image"))
              .node();
      opening.holdsMetadataOnly(file);
      return;
    }
    if (given.isPresent()) {
      throw new UsageException("'data-file' can only be set for images with an external data file");
    }
    if (metadata.header.dataFileRaw()) {
      throw new UsageException("data-file-raw requires a data file");
    }
  }

  /** Loads the bitmaps, and drops from a writable image's header what no longer holds. */
  private void bringUpToDate(Metadata metadata, boolean outdated) throws UsageException {
    long autoclear = metadata.header.autoclear();
    boolean update =
        (outdated || (autoclear & ~Features.AUTOCLEAR_KNOWN) != 0) && !flags.readOnly();
    if (update) {
      metadata.header =
          metadata.header.change().autoclear(autoclear & Features.AUTOCLEAR_KNOWN).build();
    }
    boolean written = metadata.bitmaps.load();
    if (update && !written) {
      try {
        metadata.writeHeader(metadata.header);
      } catch (BlockIoException e) {
        throw HeaderReader.failed("Could not update qcow2 header", e);
      }
    }
  }

  private void repair(Metadata metadata) throws UsageException {
    if (checking || flags.readOnly() || !metadata.header.isDirty()) {
      return;
    }
    try {
      CheckResult result = Check.run(metadata, new Repair(true, true), metadata.messages);
      if (result.checkErrors() != 0) {
        throw new BlockIoException(Errno.EIO);
      }
    } catch (BlockIoException e) {
      throw HeaderReader.failed("Could not repair dirty image", e);
    }
  }
}
