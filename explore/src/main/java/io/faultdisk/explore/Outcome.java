package io.faultdisk.explore;

import java.util.List;
import java.util.Optional;

/**
 * What became of a case.
 *
 * @param verdict how it ended
 * @param reason in words, one line or a few: what the check has found, and things to know even if
 *     all is well (leaked clusters); may be empty
 * @param receipts what was injected, one line each
 * @param reproducer how to see it again, if it failed
 */
public record Outcome(
    Verdict verdict, String reason, List<String> receipts, Optional<Reproducer> reproducer) {
  /** Copies the list. */
  public Outcome {
    receipts = List.copyOf(receipts);
  }

  /** Without reproducer. */
  public Outcome(Verdict verdict, String reason, List<String> receipts) {
    this(verdict, reason, receipts, Optional.empty());
  }

  /** The same, and how to see it again. */
  public Outcome with(Reproducer again) {
    return new Outcome(verdict, reason, receipts, Optional.of(again));
  }
}
