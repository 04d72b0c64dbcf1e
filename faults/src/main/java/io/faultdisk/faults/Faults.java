package io.faultdisk.faults;

import io.faultdisk.rules.Decision;
import io.faultdisk.rules.Operation;
import io.faultdisk.rules.Target;

/** Under construction. */
public final class Faults {
  /** Under construction. */
  public Decision perform(Operation operation, Target target, long offset, long bytes) {
    return Decision.pass();
  }
}
