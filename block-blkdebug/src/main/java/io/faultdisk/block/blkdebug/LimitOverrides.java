package io.faultdisk.block.blkdebug;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockLimits;
import io.faultdisk.block.options.OptionValues;

/**
 * The limits that the user gives the node in place of its child's, in bytes; 0 = not set.
 *
 * @param align request alignment, a power of two
 * @param maxTransfer longest read or write
 * @param optWriteZero preferred write-zeroes alignment; need not be a power of two
 * @param maxWriteZero longest write-zeroes
 * @param optDiscard preferred discard alignment; need not be a power of two
 * @param maxDiscard longest discard
 */
record LimitOverrides(
    int align,
    int maxTransfer,
    int optWriteZero,
    int maxWriteZero,
    int optDiscard,
    int maxDiscard) {

  /** The options, in the order in which they are found wrong. */
  static LimitOverrides checked(OptionValues values, int childAlignment) throws UsageException {
    int align = below2G(values, "align");
    if (align != 0 && Integer.bitCount(align) != 1) {
      throw unmet("align", align);
    }
    int unit = Math.max(align, childAlignment);
    int maxTransfer = multiple(values, "max-transfer", unit);
    int optWriteZero = multiple(values, "opt-write-zero", unit);
    int maxWriteZero = multiple(values, "max-write-zero", Math.max(optWriteZero, unit));
    int optDiscard = multiple(values, "opt-discard", unit);
    int maxDiscard = multiple(values, "max-discard", Math.max(optDiscard, unit));
    return new LimitOverrides(
        align, maxTransfer, optWriteZero, maxWriteZero, optDiscard, maxDiscard);
  }

  BlockLimits over(BlockLimits inherited) {
    return new BlockLimits(
        align != 0 ? align : inherited.requestAlignment(),
        maxTransfer != 0 ? maxTransfer : inherited.maxTransfer(),
        optWriteZero != 0 ? optWriteZero : inherited.writeZeroesAlignment(),
        maxWriteZero != 0 ? maxWriteZero : inherited.maxWriteZeroes(),
        optDiscard != 0 ? optDiscard : inherited.discardAlignment(),
        maxDiscard != 0 ? maxDiscard : inherited.maxDiscard());
  }

  private static int multiple(OptionValues values, String key, int unit) throws UsageException {
    int value = below2G(values, key);
    if (value % unit != 0) {
      throw unmet(key, value);
    }
    return value;
  }

  private static int below2G(OptionValues values, String key) throws UsageException {
    long value = values.size(key, 0);
    if (Long.compareUnsigned(value, Integer.MAX_VALUE) >= 0) {
      throw unmet(key, value);
    }
    return (int) value;
  }

  private static UsageException unmet(String key, long value) {
    return new UsageException(
        "Cannot meet constraints with " + key + " " + Long.toUnsignedString(value));
  }
}
