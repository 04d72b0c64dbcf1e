package io.faultdisk.rules;

import java.util.OptionalLong;

/**
 * One {@code [short-transfer]} section: a matching read or write moves some of its bytes and says
 * how many, as POSIX allows at any time and hardly any test ever sees. For files only.
 *
 * @param match when it applies
 * @param bytes how many bytes are moved at most; empty is half of what was asked for, at least 1
 */
public record ShortTransfer(RuleMatch match, OptionalLong bytes) implements RequestRule {
  /** Checks the number. */
  public ShortTransfer {
    match = match.of(Kind.SHORT_TRANSFER);
    if (bytes.isPresent() && bytes.getAsLong() < 1) {
      throw new IllegalArgumentException(
          "bytes " + bytes.getAsLong() + " is not positive: a read of none is an end of file");
    }
  }

  @Override
  public Kind kind() {
    return Kind.SHORT_TRANSFER;
  }
}
