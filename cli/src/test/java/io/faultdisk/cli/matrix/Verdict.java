package io.faultdisk.cli.matrix;

/** What a comparison came to. */
enum Verdict {
  /** Texts, exit codes and all bytes. */
  SAME_BYTES,
  /** Texts, exit codes, what check says and what the guest reads; bytes differ. */
  SAME_MEANING,
  DIFFERS
}
