package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BackingReference;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.format.CreateOptions;
import java.util.Optional;

/**
 * A new image as its options describe it; checked, so that it can be made.
 *
 * @param size of the virtual disk, in bytes
 * @param encrypted in the oldest way (AES, crypt_method 1), which needs no more than to say so
 * @param dataFile name of an external data file
 * @param dataFileRaw that file is to be a raw image by itself
 * @param compression as in the header
 */
record CreationPlan(
    long size,
    int version,
    int clusterSize,
    boolean extendedL2,
    Preallocation preallocation,
    boolean encrypted,
    boolean lazyRefcounts,
    int refcountBits,
    int compression,
    Optional<BackingReference> backing,
    Optional<String> dataFile,
    boolean dataFileRaw) {

  private static final int SECTOR = 512;
  private static final int MIN_CLUSTER = 512;
  private static final int MAX_CLUSTER = 2 << 20;

  /** Refuses what contradicts itself by name: the first check, before any file is made. */
  static void checkNames(CreateOptions given) throws UsageException {
    boolean old = given.isGiven("encryption") && given.bool("encryption", false);
    if (old && given.isGiven("encrypt.format")) {
      throw new UsageException(
          "'encrypt.format' and its alias 'encryption' can't be used at the same time");
    }
  }

  /**
   * Reads the values.
   *
   * @throws UsageException naming the first bad value in the order in which QEMU looks at them, or
   *     else the first combination that does not work
   */
  static CreationPlan of(CreateOptions given) throws UsageException {
    boolean dataFileRaw = given.bool("data_file_raw", false);
    boolean extendedL2 = given.bool("extended_l2", false);
    long size = (given.number("size", 0) + SECTOR - 1) & -SECTOR;
    int version = version(given);
    Optional<String> backingFormat = backingFormat(given);
    boolean encrypted = encrypted(given);
    Preallocation preallocation = preallocation(given);
    boolean lazyRefcounts = given.bool("lazy_refcounts", false);
    if (given.number("refcount_bits", 16) < 0
        && !given.text("refcount_bits").orElse("").contains("-")) {
      throw new UsageException("Parameter 'refcount-bits' expects integer");
    }
    int compression = compression(given);
    Optional<String> dataFile = given.text("data_file");

    boolean hasBacking = given.isGiven("backing_file");
    if (extendedL2 && version < 3) {
      throw needsVersion3("Extended L2 entries are");
    }
    int clusterSize = clusterSize(given, extendedL2);
    if (hasBacking && preallocation != Preallocation.OFF && !extendedL2) {
      throw new UsageException(
          "Backing file and preallocation can only be used at the same time if extended_l2 is on");
    }
    if (backingFormat.isPresent() && !hasBacking) {
      throw new UsageException("Backing format cannot be used without backing file");
    }
    if (lazyRefcounts && version < 3) {
      throw new UsageException(
          "Lazy refcounts only supported with compatibility level 1.1 and above (use version=v3 or"
              + " greater)");
    }
    int refcountBits = refcountBits(given, version, "version=v3");
    if (dataFileRaw && dataFile.isEmpty()) {
      throw new UsageException("data-file-raw requires data-file");
    }
    if (dataFileRaw && hasBacking) {
      throw new UsageException("Backing file and data-file-raw cannot be used at the same time");
    }
    if (dataFileRaw && preallocation == Preallocation.OFF) {
      // The tables have to say what the data file says by itself.
      preallocation = Preallocation.METADATA;
    }
    if (dataFile.isPresent() && version < 3) {
      throw needsVersion3("External data files are");
    }
    if (compression != Header.COMPRESSION_ZLIB && version < 3) {
      throw needsVersion3("Non-zlib compression type is");
    }
    if (encrypted) {
      requireEncryption(given, preallocation);
    }
    Optional<BackingReference> backing =
        hasBacking
            ? given.text("backing_file").map(name -> new BackingReference(name, backingFormat))
            : Optional.empty();
    return new CreationPlan(
        size,
        version,
        clusterSize,
        extendedL2,
        preallocation,
        encrypted,
        lazyRefcounts,
        refcountBits,
        compression,
        backing,
        dataFile,
        dataFileRaw);
  }

  int clusterBits() {
    return Integer.numberOfTrailingZeros(clusterSize);
  }

  int refcountOrder() {
    return Integer.numberOfTrailingZeros(refcountBits);
  }

  private static UsageException needsVersion3(String what) {
    return new UsageException(
        what
            + " only supported with compatibility level 1.1 and above (use version=v3 or greater)");
  }

  private static UsageException notAccepted(String parameter, String value) {
    return new UsageException(
        "Parameter '" + parameter + "' does not accept value '" + value + "'");
  }

  private static int version(CreateOptions given) throws UsageException {
    String level = given.text("compat").orElse("v3");
    return switch (level) {
      case "0.10", "v2" -> 2;
      case "1.1", "v3" -> 3;
      default -> throw notAccepted("version", level);
    };
  }

  private static Optional<String> backingFormat(CreateOptions given) throws UsageException {
    Optional<String> format = given.text("backing_fmt");
    if (format.isPresent() && !CreationOptions.DRIVERS.contains(format.get())) {
      throw notAccepted("backing-fmt", format.get());
    }
    return format;
  }

  private static Preallocation preallocation(CreateOptions given) throws UsageException {
    String mode = given.text("preallocation").orElse("off");
    return Preallocation.named(mode).orElseThrow(() -> notAccepted("preallocation", mode));
  }

  private static int compression(CreateOptions given) throws UsageException {
    String type = given.text("compression_type").orElse("zlib");
    return switch (type) {
      case "zlib" -> Header.COMPRESSION_ZLIB;
      case "zstd" -> Header.COMPRESSION_ZSTD;
      default -> throw notAccepted("compression-type", type);
    };
  }

  private static boolean encrypted(CreateOptions given) throws UsageException {
    Optional<String> format = given.text("encrypt.format");
    boolean old = given.isGiven("encryption") && given.bool("encryption", false);
    if (format.isEmpty() && !old) {
      boolean details = given.known().stream().anyMatch(option -> isDetail(given, option.name()));
      if (details) {
        throw new UsageException("Parameter 'encrypt.format' is missing");
      }
      return false;
    }
    if (format.isPresent() && !format.get().equals("aes") && !format.get().equals("luks")) {
      throw notAccepted("format", format.get());
    }
    return true;
  }

  /** Nothing is ever encrypted here: only an image that stores nothing yet can be made. */
  private static void requireEncryption(CreateOptions given, Preallocation preallocation)
      throws UsageException {
    if (given.text("encrypt.format").orElse("aes").equals("luks")
        || preallocation != Preallocation.OFF) {
      throw new UsageException("Encrypted images are not supported");
    }
    if (given.text("encrypt.key-secret").isEmpty()) {
      throw new UsageException("Parameter 'encrypt.key-secret' is required for cipher");
    }
  }

  private static boolean isDetail(CreateOptions given, String name) {
    return name.startsWith("encrypt.") && given.isGiven(name);
  }

  /**
   * The cluster size, if it is one.
   *
   * @throws UsageException also if extended L2 entries need larger ones
   */
  static int clusterSize(CreateOptions given, boolean extendedL2) throws UsageException {
    long bytes = given.number("cluster_size", 1 << 16);
    if (bytes < MIN_CLUSTER || bytes > MAX_CLUSTER || Long.bitCount(bytes) != 1) {
      throw new UsageException(
          "Cluster size must be a power of two between 512 and " + (MAX_CLUSTER >> 10) + "k");
    }
    int least = MIN_CLUSTER * Geometry.SUBCLUSTERS;
    if (extendedL2 && bytes < least) {
      throw new UsageException(
          "Extended L2 entries are only supported with cluster sizes of at least "
              + least
              + " bytes");
    }
    return (int) bytes;
  }

  /**
   * The refcount width, if it is one.
   *
   * @param remedy how the user would say version 3
   */
  static int refcountBits(CreateOptions given, int version, String remedy) throws UsageException {
    long bits = given.number("refcount_bits", 16);
    if (bits < 1 || bits > 64 || Long.bitCount(bits) != 1) {
      throw new UsageException("Refcount width must be a power of two and may not exceed 64 bits");
    }
    if (version < 3 && bits != 16) {
      throw new UsageException(
          "Different refcount widths than 16 bits require compatibility level 1.1 or above (use "
              + remedy
              + " or greater)");
    }
    return (int) bits;
  }
}
