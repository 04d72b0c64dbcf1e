package io.faultdisk.daemon;

import java.util.Locale;

/** How far a job has come. */
public enum JobStatus {
  /** It is there. */
  CREATED,
  /** It does its work. */
  RUNNING,
  /** Its work is done; others of its transaction, if there were any, would be waited for. */
  WAITING,
  /** What it has done is about to be made final. */
  PENDING,
  /** It has failed, and is about to end. */
  ABORTING,
  /** It has ended, well or not, and stays to be looked at until it is dismissed. */
  CONCLUDED,
  /** It is gone. */
  NULL;

  /** As QMP writes it: {@code created}, ... */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
