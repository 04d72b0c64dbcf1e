package io.faultdisk.testkit;

import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import java.util.random.RandomGenerator;

/**
 * Runs a test body with many random cases, and can repeat the one that failed.
 *
 * <pre>{@code
 * RandomCases.run("engine agrees with model", 10_000, random -> { ... });
 * }</pre>
 *
 * <p>Every case has a seed of its own. A failure names it; with {@code -Dfaultdisk.seed=0x...} only
 * that case runs. The number of cases can be multiplied with {@code -Dfaultdisk.cases=10}, for a
 * long night.
 */
public final class RandomCases {
  private static final String SEED_PROPERTY = "faultdisk.seed";
  private static final String FACTOR_PROPERTY = "faultdisk.cases";

  /** The body. */
  @FunctionalInterface
  public interface Body {
    /** Runs one case; everything random in it must come from the generator. */
    void run(RandomGenerator random) throws Exception;
  }

  private RandomCases() {}

  /**
   * Runs the cases.
   *
   * @param name what is tested, for the failure message
   * @param cases how many
   * @throws AssertionError if one fails, with its seed
   */
  public static void run(String name, int cases, Body body) {
    String given = System.getProperty(SEED_PROPERTY, "");
    if (!given.isEmpty()) {
      one(name, parse(given), body);
      return;
    }
    Seed start = Seed.fresh();
    long total = (long) cases * Integer.getInteger(FACTOR_PROPERTY, 1);
    for (long i = 0; i < total; i++) {
      one(name, start.fork(Long.toString(i)), body);
    }
  }

  private static Seed parse(String given) {
    try {
      return Seed.parse(given);
    } catch (UsageException e) {
      throw new IllegalArgumentException("-D" + SEED_PROPERTY + ": " + e.getMessage(), e);
    }
  }

  private static void one(String name, Seed seed, Body body) {
    try {
      body.run(seed.random());
    } catch (Throwable e) {
      throw new AssertionError(
          name + " failed; repeat with -D" + SEED_PROPERTY + "=" + seed + "\n" + e.getMessage(), e);
    }
  }
}
