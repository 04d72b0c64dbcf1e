package io.faultdisk.explore;

import io.faultdisk.base.UsageException;
import java.util.Map;

/**
 * A part of the cases: every {@code of}-th, from the {@code index}-th on. Neighbours are alike and
 * take about the same time, so this shares the work evenly.
 *
 * @param index from 1
 * @param of how many parts there are
 */
public record Shard(int index, int of) {
  /** All cases. */
  public static final Shard ALL = new Shard(1, 1);

  /** The index of a Kubernetes indexed Job's pod, from 0. */
  public static final String KUBERNETES_INDEX = "JOB_COMPLETION_INDEX";

  private static final String REMEDY =
      "Say --shard 1/4, or --shard /4 in a Kubernetes indexed Job.";

  /** Checks the numbers. */
  public Shard {
    if (index < 1 || of < index) {
      throw new IllegalArgumentException("shard " + index + "/" + of);
    }
  }

  /**
   * Reads {@code 2/4}; in {@code /4} the index is that of a Kubernetes indexed Job.
   *
   * @param environment the process's variables
   * @throws UsageException if the text is something else
   */
  public static Shard parse(String text, Map<String, String> environment) throws UsageException {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new UsageException("'" + text + "' is not a shard", REMEDY);
    }
    int of = number(text, text.substring(slash + 1));
    int index;
    if (slash > 0) {
      index = number(text, text.substring(0, slash));
    } else {
      String fromZero = environment.get(KUBERNETES_INDEX);
      if (fromZero == null) {
        throw new UsageException(
            "'" + text + "' has no index, and there is no " + KUBERNETES_INDEX, REMEDY);
      }
      index = number(KUBERNETES_INDEX + "=" + fromZero, fromZero) + 1;
    }
    if (index < 1 || index > of) {
      throw new UsageException(
          "there is no shard " + index + " of " + of, "Shards are counted from 1.");
    }
    return new Shard(index, of);
  }

  private static int number(String text, String digits) throws UsageException {
    try {
      int number = Integer.parseInt(digits);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new UsageException("'" + text + "' is not a shard", REMEDY);
  }

  /** Whether a case, by its index in the list, is in this part. */
  public boolean has(int caseIndex) {
    return caseIndex % of == index - 1;
  }

  /** {@code 2/4}. */
  @Override
  public String toString() {
    return index + "/" + of;
  }
}
