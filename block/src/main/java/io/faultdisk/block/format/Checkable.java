package io.faultdisk.block.format;

import io.faultdisk.block.BlockIoException;
import java.util.function.Consumer;

/** A driver whose metadata can be checked and repaired. */
public interface Checkable {
  /**
   * Checks the metadata of the image, and repairs what {@code repair} allows.
   *
   * @param findings takes each finding as one line, as it is made (QEMU prints them on stderr)
   * @throws BlockIoException if the check itself could not be done; the partial result is lost
   */
  CheckResult check(Repair repair, Consumer<String> findings) throws BlockIoException;

  /**
   * What may be repaired.
   *
   * @param leaks clusters counted but not used
   * @param errors everything else
   */
  record Repair(boolean leaks, boolean errors) {
    /** Only look. */
    public static final Repair NOTHING = new Repair(false, false);
  }
}
