package io.faultdisk.cli.matrix;

/** What a comparison came to. */
enum Verdict {
  /** Texts, exit codes and all bytes. */
  SAME_BYTES,
  /** Texts, exit codes, what check says and what the guest reads; bytes differ. */
  SAME_MEANING,
  /**
   * The real tool died of a signal, such as a failed assertion: there is nothing to compare with.
   */
  REAL_CRASHED,
  DIFFERS
}
