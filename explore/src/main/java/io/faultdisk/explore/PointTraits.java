package io.faultdisk.explore;

import io.faultdisk.base.Errno;
import java.util.List;

/**
 * What can go wrong at a fault point.
 *
 * @param needsSpace whether it can fail for want of space: {@code ENOSPC}, {@code EDQUOT}
 * @param faults what can go wrong beside errors, as the subject calls it: {@code short}
 */
public record PointTraits(boolean needsSpace, List<String> faults) {
  /** Every error, and nothing else. */
  public static final PointTraits ERRORS = new PointTraits(true, List.of());

  /** Copies the list. */
  public PointTraits {
    faults = List.copyOf(faults);
  }

  /** Whether it can fail so. */
  public boolean fits(Errno errno) {
    return needsSpace || !(errno.equals(Errno.ENOSPC) || errno.equals(Errno.EDQUOT));
  }
}
