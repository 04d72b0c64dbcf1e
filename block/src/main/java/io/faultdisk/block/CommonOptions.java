package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import io.faultdisk.block.options.Options;
import java.util.Optional;

/**
 * The options that every node has, whatever its driver.
 *
 * @param flags the flags of the node: what the options say, for the rest what it was given
 * @param nodeName the name that it is to have
 * @param detectZeroes whether a data write of zeroes becomes a write-zeroes
 * @param forceShare other programs may do what they like to the image
 */
record CommonOptions(
    OpenFlags flags,
    Optional<String> nodeName,
    NodeOptions.DetectZeroes detectZeroes,
    boolean forceShare) {

  /** Takes them out of {@code options}; their values are checked by type only. */
  static OptionValues absorb(Options options) throws UsageException {
    return options.absorb(
        OptionSpec.string("node-name"),
        OptionSpec.string("driver"),
        OptionSpec.bool("cache.direct"),
        OptionSpec.bool("cache.no-flush"),
        OptionSpec.bool("read-only"),
        OptionSpec.bool("auto-read-only"),
        OptionSpec.string("detect-zeroes"),
        OptionSpec.string("discard"),
        OptionSpec.bool("force-share"));
  }

  /**
   * Takes them out of {@code options} and checks them.
   *
   * @param filename the name of the file below, or the driver's own; empty if there is none
   */
  static CommonOptions take(
      Options options, OpenFlags inherited, DriverType type, Optional<String> filename)
      throws UsageException {
    OptionValues common = absorb(options);
    OpenFlags flags =
        inherited
            .withCache(
                common.bool("cache.direct", false),
                common.bool("cache.no-flush", false),
                inherited.writeThrough())
            .withReadOnly(common.bool("read-only", false));
    boolean forceShare = common.bool("force-share", false);
    if (forceShare && !flags.readOnly()) {
      throw new UsageException("force-share=on can only be used with read-only images");
    }
    if (type.needsFilename() && filename.orElse("").isEmpty()) {
      throw new UsageException("The '" + type.name() + "' block driver requires a file name");
    }
    if (flags.copyOnRead() && flags.readOnly()) {
      throw new UsageException("Can't use copy-on-read on read-only device");
    }
    Optional<String> discard = common.string("discard");
    if (discard.isPresent()) {
      flags =
          flags
              .withDiscardMode(discard.get())
              .orElseThrow(() -> new UsageException("Invalid discard option"));
    }
    NodeOptions.DetectZeroes detectZeroes =
        NodeOptions.DetectZeroes.parse(common.string("detect-zeroes").orElse("off"), flags.unmap());
    return new CommonOptions(flags, common.string("node-name"), detectZeroes, forceShare);
  }
}
