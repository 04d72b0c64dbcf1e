package io.faultdisk.block.qcow2;

import com.google.errorprone.annotations.FormatMethod;
import io.faultdisk.block.format.Checkable.Repair;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * What the parts of one check share. The caller holds the metadata lock.
 *
 * @param repair what this part may change
 * @param tally takes the numbers
 * @param findings takes one line per finding
 */
record CheckRun(Metadata metadata, Repair repair, CheckTally tally, Consumer<String> findings) {
  /** Reports a finding. */
  @FormatMethod
  void say(String format, Object... values) {
    findings.accept(String.format(Locale.ROOT, format, values));
  }

  /** How a finding begins that is repaired on the spot if errors may be repaired. */
  String verb() {
    return repair.errors() ? "Repairing" : "ERROR";
  }

  /** The same check, changing nothing. */
  CheckRun looking() {
    return new CheckRun(metadata, Repair.NOTHING, tally, findings);
  }
}
