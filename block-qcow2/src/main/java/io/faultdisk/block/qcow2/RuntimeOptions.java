package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import io.faultdisk.block.options.Options;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the user can choose for an image each time it is opened, and change while it is open.
 *
 * @param l2Slots tables that the L2 cache holds
 * @param l2SliceBytes size of each of these
 * @param refcountSlots refcount blocks that their cache holds
 * @param cacheCleanSeconds after which time unused tables are dropped from the caches; 0 for never
 * @param lazyRefcounts write refcounts only when the image is closed
 * @param overlapKinds metadata that writes are checked against, bits of {@link OverlapCheck}
 * @param passDiscards discards of freed clusters that the file below is told of
 * @param values what all of this was made of, for when the disk gets another size
 */
record RuntimeOptions(
    int l2Slots,
    int l2SliceBytes,
    int refcountSlots,
    long cacheCleanSeconds,
    boolean lazyRefcounts,
    int overlapKinds,
    Set<DiscardType> passDiscards,
    OptionValues values) {

  private static final String LAZY = "lazy-refcounts";
  private static final String DISCARD_REQUEST = "pass-discard-request";
  private static final String DISCARD_SNAPSHOT = "pass-discard-snapshot";
  private static final String DISCARD_OTHER = "pass-discard-other";
  static final String OVERLAP = "overlap-check";
  static final String OVERLAP_TEMPLATE = "overlap-check.template";
  private static final String CLEAN_INTERVAL = "cache-clean-interval";
  private static final long CLEAN_SECONDS = 600;
  private static final long UNSIGNED_MAX = 0xffffffffL;

  /** Those that a reopen can take back to their defaults. */
  static final List<String> MUTABLE =
      List.of(
          LAZY,
          DISCARD_REQUEST,
          DISCARD_SNAPSHOT,
          DISCARD_OTHER,
          OVERLAP,
          OVERLAP + ".",
          CLEAN_INTERVAL,
          CacheSizes.TOTAL,
          CacheSizes.L2,
          CacheSizes.L2_ENTRY,
          CacheSizes.REFCOUNT);

  private static final String[] OVERLAP_FLAGS = {
    "overlap-check.main-header",
    "overlap-check.active-l1",
    "overlap-check.active-l2",
    "overlap-check.refcount-block",
    "overlap-check.refcount-table",
    "overlap-check.snapshot-table",
    "overlap-check.inactive-l1",
    "overlap-check.inactive-l2",
    "overlap-check.bitmap-directory"
  };

  /** What a new template overrides: all but the flag that came last. */
  static final List<String> OVERLAP_REPLACED =
      Stream.concat(
              Stream.of(OVERLAP, OVERLAP_TEMPLATE),
              Stream.of(OVERLAP_FLAGS).limit(OVERLAP_FLAGS.length - 1))
          .toList();

  /** All option names, for who wants to change one of them on a reopen. */
  static final List<String> NAMES =
      List.of(
          LAZY,
          DISCARD_REQUEST,
          DISCARD_SNAPSHOT,
          DISCARD_OTHER,
          OVERLAP,
          OVERLAP_TEMPLATE,
          OVERLAP_FLAGS[0],
          OVERLAP_FLAGS[1],
          OVERLAP_FLAGS[2],
          OVERLAP_FLAGS[3],
          OVERLAP_FLAGS[4],
          OVERLAP_FLAGS[5],
          OVERLAP_FLAGS[6],
          OVERLAP_FLAGS[7],
          OVERLAP_FLAGS[8],
          CacheSizes.TOTAL,
          CacheSizes.L2,
          CacheSizes.L2_ENTRY,
          CacheSizes.REFCOUNT,
          CLEAN_INTERVAL);

  RuntimeOptions {
    passDiscards = Set.copyOf(passDiscards);
  }

  /**
   * Takes the options.
   *
   * @param unmap whether discards are passed on unless an option says otherwise
   */
  static RuntimeOptions take(Options options, Header header, Geometry geometry, boolean unmap)
      throws UsageException {
    Map<String, String> encryption = options.takePrefixed("encrypt.");
    RuntimeOptions taken = of(options.absorb(specs()), header, geometry, unmap);
    if (encryption.containsKey("encrypt.format") && header.cryptMethod() == 0) {
      throw new UsageException(
          "No encryption in image header, but options specified format '"
              + encryption.get("encrypt.format")
              + "'");
    }
    requireNoEncryption(header.cryptMethod());
    return taken;
  }

  /** The same options for an image whose size or features have changed. */
  RuntimeOptions adaptedTo(Header header, Geometry geometry) throws UsageException {
    return of(values, header, geometry, passDiscards.contains(DiscardType.REQUEST));
  }

  private static RuntimeOptions of(
      OptionValues values, Header header, Geometry geometry, boolean unmap) throws UsageException {
    CacheSizes sizes = CacheSizes.of(values, header, geometry);
    if (Long.compareUnsigned(values.number(CLEAN_INTERVAL, CLEAN_SECONDS), UNSIGNED_MAX) > 0) {
      throw new UsageException("Cache clean interval too big");
    }
    boolean lazy = values.bool(LAZY, header.lazyRefcounts());
    if (lazy && header.version() < 3) {
      throw new UsageException(
          "Lazy refcounts require a qcow2 image with at least qemu 1.1 compatibility level");
    }
    int overlapKinds = overlapKinds(values);
    return new RuntimeOptions(
        sizes.l2Slots(),
        sizes.l2SliceBytes(),
        sizes.refcountSlots(),
        values.number(CLEAN_INTERVAL, CLEAN_SECONDS),
        lazy,
        overlapKinds,
        passDiscards(values, unmap),
        values);
  }

  private static Set<DiscardType> passDiscards(OptionValues values, boolean unmap) {
    EnumSet<DiscardType> pass = EnumSet.of(DiscardType.ALWAYS);
    if (values.bool(DISCARD_REQUEST, unmap)) {
      pass.add(DiscardType.REQUEST);
    }
    if (values.bool(DISCARD_SNAPSHOT, true)) {
      pass.add(DiscardType.SNAPSHOT);
    }
    if (values.bool(DISCARD_OTHER, false)) {
      pass.add(DiscardType.OTHER);
    }
    return pass;
  }

  private static OptionSpec[] specs() {
    OptionSpec[] specs = new OptionSpec[NAMES.size()];
    for (int i = 0; i < specs.length; i++) {
      String name = NAMES.get(i);
      specs[i] =
          switch (name) {
            case OVERLAP, OVERLAP_TEMPLATE -> OptionSpec.string(name);
            case CacheSizes.TOTAL, CacheSizes.L2, CacheSizes.L2_ENTRY, CacheSizes.REFCOUNT ->
                OptionSpec.size(name);
            case CLEAN_INTERVAL -> OptionSpec.number(name);
            default -> OptionSpec.bool(name);
          };
    }
    return specs;
  }

  /** A template says which kinds are checked; each kind has an option of its own besides. */
  private static int overlapKinds(OptionValues values) throws UsageException {
    String template = values.string(OVERLAP_TEMPLATE).orElse("cached");
    String wanted = values.string(OVERLAP).orElse(template);
    if (values.has(OVERLAP_TEMPLATE) && !wanted.equals(template)) {
      throw new UsageException(
          "Conflicting values for qcow2 options 'overlap-check' ('%s') and 'overlap-check.template' ('%s')"
              .formatted(wanted, template));
    }
    int kinds =
        switch (wanted) {
          case "none" -> OverlapCheck.NONE;
          case "constant" -> OverlapCheck.CONSTANT;
          case "cached" -> OverlapCheck.CACHED;
          case "all" -> OverlapCheck.ALL;
          default ->
              throw new UsageException(
                  "Unsupported value '%s' for qcow2 option 'overlap-check'. Allowed are any of the following: none, constant, cached, all"
                      .formatted(wanted));
        };
    int chosen = 0;
    for (int i = 0; i < OVERLAP_FLAGS.length; i++) {
      int kind = 1 << i;
      if (values.bool(OVERLAP_FLAGS[i], (kinds & kind) != 0)) {
        chosen |= kind;
      }
    }
    return chosen;
  }

  private static void requireNoEncryption(int method) throws UsageException {
    switch (method) {
      case 0 -> {}
      case 1, 2 -> throw new UsageException("Encrypted qcow2 images are not supported");
      default -> throw new UsageException("Unsupported encryption method " + method);
    }
  }
}
