package io.faultdisk.explore;

import java.util.Locale;

/** How a case ended. */
public enum Verdict {
  /** The check found nothing wrong. */
  OK,
  /** The check found something wrong. */
  FAILED,
  /** The program did not end within its time. */
  HUNG,
  /** The program died: of a signal, of an error of its own that nobody expects. */
  CRASHED,
  /** The fault never happened: the run went another way than the recorded one. */
  MISSED;

  /** Whether it tells of something to be mended in the program. */
  public boolean isFailure() {
    return this == FAILED || this == HUNG || this == CRASHED;
  }

  /** As in reports: {@code failed}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
