package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BackingReference;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.format.Amendable.Progress;
import io.faultdisk.block.format.CreateOption;
import io.faultdisk.block.format.CreateOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Changes of an existing image: its version, the width of refcounts, and what else was chosen when
 * it was created.
 *
 * <p>The order is: upgrade, refcounts, header with the data file's name and kind, lazy refcounts,
 * size, downgrade. What was done before a step fails stays done.
 *
 * <p>For one amendment, while nothing else uses the image; takes the metadata lock itself.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2.c.
 */
final class Amendment {
  /** What can be given, in the order in which mistakes are looked for. */
  static final List<CreateOption> OPTIONS =
      List.of(
          CreateOption.of(
              "encrypt.state",
              CreateOption.Type.STRING,
              "Select new state of affected keyslots (active/inactive)"),
          CreateOption.of(
              "encrypt.keyslot",
              CreateOption.Type.NUMBER,
              "Select a single keyslot to modify explicitly"),
          CreateOption.of(
              "encrypt.old-secret",
              CreateOption.Type.STRING,
              "Select all keyslots that match this password"),
          CreateOption.of(
              "encrypt.new-secret",
              CreateOption.Type.STRING,
              "New secret to set in the matching keyslots. Empty string to erase"),
          CreateOption.of(
              "encrypt.iter-time",
              CreateOption.Type.NUMBER,
              "Time to spend in PBKDF in milliseconds"),
          CreateOption.of("size", CreateOption.Type.SIZE, "Virtual disk size"),
          CreateOption.of(
              "compat", CreateOption.Type.STRING, "Compatibility level (v2 [0.10] or v3 [1.1])"),
          CreateOption.of("backing_file", CreateOption.Type.STRING, "File name of a base image"),
          CreateOption.of(
              "backing_fmt", CreateOption.Type.STRING, "Image format of the base image"),
          CreateOption.of(
              "data_file", CreateOption.Type.STRING, "File name of an external data file"),
          CreateOption.of(
              "data_file_raw",
              CreateOption.Type.BOOL,
              "The external data file must stay valid as a raw image"),
          CreateOption.of(
              "lazy_refcounts", CreateOption.Type.BOOL, "Postpone refcount updates", "off"),
          CreateOption.of(
              "refcount_bits",
              CreateOption.Type.NUMBER,
              "Width of a reference count entry in bits",
              "16"));

  private final Metadata metadata;
  private final CreateOptions options;
  private final int oldVersion;
  private final int newVersion;
  private final int refcountBits;
  private final AmendProgress progress;

  private Amendment(Metadata metadata, CreateOptions options, Progress progress)
      throws UsageException {
    this.metadata = metadata;
    this.options = options;
    this.oldVersion = metadata.geometry.version();
    requireNoEncryption();
    this.newVersion = wantedVersion();
    requireDataFile();
    this.refcountBits = wantedRefcountBits();
    boolean changesVersion = newVersion != oldVersion;
    boolean changesWidth = refcountBits != metadata.geometry.refcountBits();
    this.progress = new AmendProgress(progress, (changesVersion ? 1 : 0) + (changesWidth ? 1 : 0));
  }

  /**
   * Does what the options say; those not given change nothing.
   *
   * @throws UsageException with the text for the user
   */
  static void amend(Metadata metadata, CreateOptions options, Progress progress)
      throws UsageException {
    new Amendment(metadata, options, progress).run();
  }

  /** The text of an option, if it was given: a default changes nothing. */
  private Optional<String> given(String name) {
    return options.isGiven(name) ? options.text(name) : Optional.empty();
  }

  private boolean givenBool(String name, boolean otherwise) {
    return options.isGiven(name) ? options.bool(name, otherwise) : otherwise;
  }

  private long givenNumber(String name, long otherwise) {
    return options.isGiven(name) ? options.number(name, otherwise) : otherwise;
  }

  private void requireNoEncryption() throws UsageException {
    for (CreateOption option : OPTIONS) {
      if (option.name().startsWith("encrypt.") && options.isGiven(option.name())) {
        throw new UsageException("Can't amend encryption options - encryption not present");
      }
    }
  }

  private int wantedVersion() throws UsageException {
    Optional<String> compat = given("compat");
    if (compat.isEmpty()) {
      return oldVersion;
    }
    return switch (compat.get()) {
      case "0.10", "v2" -> 2;
      case "1.1", "v3" -> 3;
      default -> throw new UsageException("Unknown compatibility level " + compat.get());
    };
  }

  private void requireDataFile() throws UsageException {
    if (options.isGiven("data_file") && !metadata.externalData()) {
      throw new UsageException(
          "data-file can only be set for images that use an external data file");
    }
    if (givenBool("data_file_raw", false) && !metadata.header.dataFileRaw()) {
      throw new UsageException("data-file-raw cannot be set on existing images");
    }
  }

  private int wantedRefcountBits() throws UsageException {
    int bits = (int) givenNumber("refcount_bits", metadata.geometry.refcountBits());
    if (bits <= 0 || bits > 64 || Integer.bitCount(bits) != 1) {
      throw new UsageException("Refcount width must be a power of two and may not exceed 64 bits");
    }
    return bits;
  }

  private void run() throws UsageException {
    if (newVersion > oldVersion) {
      VersionChange.upgrade(metadata, progress.nextOperation());
    }
    metadata.lock.lock();
    try {
      changeMetadata();
    } finally {
      metadata.lock.unlock();
    }
    resize();
    if (newVersion < oldVersion) {
      metadata.lock.lock();
      try {
        VersionChange.downgrade(metadata, progress.nextOperation());
      } finally {
        metadata.lock.unlock();
      }
    }
  }

  private void changeMetadata() throws UsageException {
    if (refcountBits != metadata.geometry.refcountBits()) {
      if (newVersion < 3 && refcountBits != 16) {
        throw new UsageException(
            "Refcount widths other than 16 bits require compatibility level 1.1 or above (use"
                + " compat=1.1 or greater)");
      }
      RefcountWidth.change(
          metadata, Integer.numberOfTrailingZeros(refcountBits), progress.nextOperation());
    }
    changeDataFile();
    requireSameBacking();
    changeLazyRefcounts();
  }

  /** Writes the header in any case. */
  private void changeDataFile() throws UsageException {
    Header header = metadata.header;
    long autoclear = header.autoclear() & ~Features.AUTOCLEAR_DATA_FILE_RAW;
    if (givenBool("data_file_raw", header.dataFileRaw())) {
      autoclear |= Features.AUTOCLEAR_DATA_FILE_RAW;
    }
    HeaderChange next = header.change().autoclear(autoclear);
    Optional<String> name = given("data_file");
    if (name.isPresent()) {
      next.dataFileName(name.filter(text -> !text.isEmpty()));
    }
    // In force even if it cannot be written, as in QEMU.
    metadata.header = next.build();
    VersionChange.writeHeader(metadata, metadata.header);
  }

  private void requireSameBacking() throws UsageException {
    Optional<String> file = given("backing_file");
    Optional<String> format = given("backing_fmt");
    if (file.isEmpty() && format.isEmpty()) {
      return;
    }
    Optional<BackingReference> present = metadata.header.backing();
    if (!file.equals(present.map(BackingReference::filename))
        || !format.equals(present.flatMap(BackingReference::format))) {
      throw new UsageException(
          "Cannot amend the backing file", "You can use 'qemu-img rebase' instead.");
    }
  }

  private void changeLazyRefcounts() throws UsageException {
    boolean lazy = givenBool("lazy_refcounts", metadata.lazyRefcounts);
    if (lazy == metadata.lazyRefcounts) {
      return;
    }
    long others = metadata.header.compatible() & ~Features.COMPATIBLE_LAZY_REFCOUNTS;
    if (lazy) {
      if (newVersion < 3) {
        throw new UsageException(
            "Lazy refcounts only supported with compatibility level 1.1 and above (use compat=1.1"
                + " or greater)");
      }
      others |= Features.COMPATIBLE_LAZY_REFCOUNTS;
    } else {
      VersionChange.makeClean(metadata);
    }
    VersionChange.writeHeader(metadata, metadata.header.change().compatible(others).build());
    metadata.lazyRefcounts = lazy;
  }

  private void resize() throws UsageException {
    long size = givenNumber("size", 0);
    if (size == 0) {
      return;
    }
    try {
      metadata.self().truncate(size, true, Preallocation.OFF);
    } catch (BlockIoException e) {
      List<String> lines = new ArrayList<>(e.reason().lines().toList());
      throw new UsageException(lines.removeFirst(), lines.toArray(String[]::new));
    }
  }
}
