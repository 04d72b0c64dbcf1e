package io.faultdisk.block.format;

import java.util.List;

/** A {@link io.faultdisk.block.DriverType} whose drivers are {@link Amendable}. */
public interface AmendableType {
  /** What {@code amend -o} takes, in the order of declaration. */
  List<CreateOption> amendOptions();
}
