package io.faultdisk.daemon;

/** What becomes of the clients of an export that is removed. */
public enum RemoveMode {
  /** An export with clients stays. */
  SAFE,
  /** Clients are cut off. */
  HARD
}
