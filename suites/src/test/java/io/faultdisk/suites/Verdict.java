package io.faultdisk.suites;

/** What became of the last commit. */
public enum Verdict {
  /** All of a commit is there that is not older than the last acknowledged one, and no more. */
  HOLDS,
  /** All of a commit is there and no more, but a later one had been acknowledged. */
  LOST,
  /** What is there was never committed so. */
  GARBAGE,
  /** As {@link #HOLDS}, but the system complains of something beside the content. */
  DAMAGED,
  /** The system cannot open what is there, or finds it damaged. */
  UNUSABLE,
  /** As {@link #UNUSABLE}, but nothing had ever been acknowledged yet. */
  STILLBORN
}
