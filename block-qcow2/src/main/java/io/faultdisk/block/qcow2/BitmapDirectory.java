package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.qcow2.Header.BitmapExtension;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The list of bitmaps in the image file, and the header extension that says where it is.
 *
 * <p>It is read anew whenever it is needed. A changed list is written elsewhere and then put in
 * force with the header; only the flags are changed in place, with the autoclear bit off in the
 * meantime, so that a crash there loses the bitmaps rather than misreads them.
 *
 * <p>The caller holds the metadata lock, or is the only user of the image (open, close, reopen).
 *
 * <p>Source: section "Bitmaps" of the qcow2 specification; the behaviour of QEMU 7.2,
 * block/qcow2-bitmap.c.
 */
final class BitmapDirectory {
  /** Most bitmaps of an image. */
  static final int BITMAPS_MAX = 65535;

  /** Longest directory, in bytes. */
  static final int BYTES_MAX = 1024 * BITMAPS_MAX;

  private final Metadata metadata;

  BitmapDirectory(Metadata metadata) {
    this.metadata = metadata;
  }

  /** What the header says of the directory. */
  Optional<BitmapExtension> extension() {
    return metadata.header.bitmaps();
  }

  /**
   * Reads and checks all entries; none if there is no directory.
   *
   * @throws UsageException with the text for the user
   */
  List<BitmapEntry> read() throws UsageException {
    Optional<BitmapExtension> extension = extension();
    return extension.isPresent() ? read(extension.get()) : new ArrayList<>();
  }

  private List<BitmapEntry> read(BitmapExtension extension) throws UsageException {
    if (extension.directoryBytes() == 0) {
      throw new UsageException("Requested bitmap directory size is zero");
    }
    if (Long.compareUnsigned(extension.directoryBytes(), BYTES_MAX) > 0) {
      throw new UsageException("Requested bitmap directory size is too big");
    }
    ByteBuffer directory = ByteBuffer.allocate((int) extension.directoryBytes());
    try {
      metadata.file.read(extension.directoryOffset(), directory);
    } catch (BlockIoException e) {
      throw new UsageException("Failed to read bitmap directory: " + e.errno().text());
    }
    List<BitmapEntry> entries = new ArrayList<>();
    int at = 0;
    while (at < directory.limit()) {
      at = readEntry(directory, at, entries, extension.count());
    }
    if (entries.size() != extension.count()) {
      throw new UsageException("Less bitmaps found than specified in header extension");
    }
    return entries;
  }

  /** Reads one entry; returns where the next one begins. */
  private int readEntry(ByteBuffer directory, int at, List<BitmapEntry> entries, int expected)
      throws UsageException {
    if (!BitmapEntry.Fixed.fits(directory, at)) {
      throw new UsageException("Broken bitmap directory");
    }
    if (entries.size() == expected) {
      throw new UsageException("More bitmaps found than specified in header extension");
    }
    BitmapEntry.Fixed fixed = new BitmapEntry.Fixed(directory, at);
    if (fixed.next() > directory.limit()) {
      throw new UsageException("Broken bitmap directory");
    }
    if (fixed.extraBytes() != 0) {
      throw new UsageException("Bitmap extra data is not supported");
    }
    BitmapEntry entry = fixed.entry();
    if (!entry.satisfiesConstraints(metadata.geometry, diskBytes())) {
      throw new UsageException("Bitmap '" + entry.name() + "' doesn't satisfy the constraints");
    }
    entries.add(entry);
    return fixed.next();
  }

  /** Length of the disk in bytes, in whole sectors. */
  long diskBytes() {
    return metadata.header.fileSize() & -512;
  }

  /** Encodes the entries; EINVAL if one of them cannot be stored so. */
  private ByteBuffer encode(List<BitmapEntry> entries) throws BlockIoException {
    long bytes = 0;
    for (BitmapEntry entry : entries) {
      bytes += entry.bytes();
    }
    if (bytes == 0 || bytes > BYTES_MAX) {
      throw new BlockIoException(Errno.EINVAL);
    }
    ByteBuffer directory = ByteBuffer.allocate((int) bytes);
    for (BitmapEntry entry : entries) {
      if (!entry.satisfiesConstraints(metadata.geometry, diskBytes())) {
        throw new BlockIoException(Errno.EINVAL);
      }
      entry.put(directory);
    }
    return directory.flip();
  }

  /**
   * Writes the entries to the place where the directory is, with other flags: autoclear bit off,
   * directory, header, autoclear bit on.
   *
   * @throws BlockIoException EINVAL if it is not the same list; after an I/O error the autoclear
   *     bit may be off, in memory too
   */
  void writeInPlace(List<BitmapEntry> entries) throws BlockIoException {
    Header header = metadata.header;
    BitmapExtension extension = extension().orElseThrow(() -> new BlockIoException(Errno.EINVAL));
    if ((header.autoclear() & Features.AUTOCLEAR_BITMAPS) == 0
        || entries.size() != extension.count()) {
      throw new BlockIoException(Errno.EINVAL);
    }
    Header without =
        header.change().autoclear(header.autoclear() & ~Features.AUTOCLEAR_BITMAPS).build();
    metadata.header = without;
    writeHeader(without);
    ByteBuffer directory = encode(entries);
    if (directory.remaining() != extension.directoryBytes() || extension.directoryOffset() == 0) {
      throw new BlockIoException(Errno.EINVAL);
    }
    metadata.overlap.beforeWrite(
        OverlapCheck.BITMAP_DIRECTORY, extension.directoryOffset(), directory.remaining(), false);
    metadata.file.write(extension.directoryOffset(), directory, 0);
    writeHeader(without);
    metadata.header = header;
    writeHeader(header);
  }

  private void writeHeader(Header header) throws BlockIoException {
    metadata.writeHeader(header);
    metadata.file.flush();
  }

  /** Writes the entries to a new place and puts them in force; none removes the directory. */
  void replace(List<BitmapEntry> entries) throws BlockIoException {
    if (entries.size() > BITMAPS_MAX) {
      throw new BlockIoException(Errno.EINVAL);
    }
    Optional<BitmapExtension> next = Optional.empty();
    if (!entries.isEmpty()) {
      next = Optional.of(writeElsewhere(entries));
    }
    Header old = metadata.header;
    try {
      long autoclear = old.autoclear() & ~Features.AUTOCLEAR_BITMAPS;
      if (next.isPresent()) {
        metadata.refcounts.flushCaches();
        autoclear |= Features.AUTOCLEAR_BITMAPS;
      }
      Header header = metadata.header.change().bitmaps(next).autoclear(autoclear).build();
      metadata.header = header;
      writeHeader(header);
    } catch (BlockIoException e) {
      next.ifPresent(this::free);
      // Only what was changed here: the image may have been marked corrupt meanwhile.
      metadata.header =
          metadata.header.change().bitmaps(old.bitmaps()).autoclear(old.autoclear()).build();
      throw e;
    }
    old.bitmaps().ifPresent(this::free);
  }

  private BitmapExtension writeElsewhere(List<BitmapEntry> entries) throws BlockIoException {
    ByteBuffer directory = encode(entries);
    int bytes = directory.remaining();
    long offset = metadata.refcounts.allocate(bytes);
    try {
      metadata.overlap.beforeWrite(OverlapCheck.NONE, offset, bytes, false);
      metadata.file.write(offset, directory, 0);
    } catch (BlockIoException e) {
      metadata.refcounts.free(offset, bytes, DiscardType.OTHER);
      throw e;
    }
    return new BitmapExtension(entries.size(), bytes, offset);
  }

  private void free(BitmapExtension extension) {
    if (extension.directoryBytes() > 0) {
      metadata.refcounts.free(
          extension.directoryOffset(), extension.directoryBytes(), DiscardType.OTHER);
    }
  }
}
