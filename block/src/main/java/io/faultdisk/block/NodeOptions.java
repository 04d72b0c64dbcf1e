package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;

/**
 * How a node was opened.
 *
 * @param flags the flags in force when it was opened
 * @param effective all options after defaults and inheritance, its children's taken out
 * @param explicit the options that the user gave, its children's taken out
 * @param detectZeroes whether a data write of zeroes becomes a write-zeroes
 * @param forceShare other programs may do what they like to the image
 */
record NodeOptions(
    OpenFlags flags,
    Options effective,
    Options explicit,
    DetectZeroes detectZeroes,
    boolean forceShare) {

  /** What happens to a data write that is all zeroes. */
  enum DetectZeroes {
    /** Nothing special. */
    OFF,
    /** It becomes a write-zeroes. */
    ON,
    /** It becomes a write-zeroes that may deallocate. */
    UNMAP;

    static DetectZeroes parse(String text, boolean unmap) throws UsageException {
      return switch (text) {
        case "off" -> OFF;
        case "on" -> ON;
        case "unmap" -> {
          if (!unmap) {
            throw new UsageException(
                "setting detect-zeroes to unmap is not allowed without setting discard operation to"
                    + " unmap");
          }
          yield UNMAP;
        }
        default -> throw new UsageException("invalid parameter value: " + text);
      };
    }
  }
}
