package io.faultdisk.suites;

import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;

/** What can be set on Maven's command line. */
public final class Settings {
  /** The seed of all that is random unless -Dfaultdisk.seed says otherwise. */
  private static final String SEED = "20260101";

  /** What is tested on JDK 17 is the same, so a part of it is enough there. */
  private static final int SHARE_ON_OLD_JDK = 7;

  private Settings() {}

  /** {@code -Dfaultdisk.seed=N}. */
  public static Seed seed() {
    try {
      return Seed.parse(System.getProperty("faultdisk.seed", SEED));
    } catch (UsageException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /**
   * How many power cuts a test makes.
   *
   * @param usual on JDK 25, if {@code -Dfaultdisk.cuts=PERCENT} does not say otherwise
   */
  public static int cuts(int usual) {
    long percent = Long.getLong("faultdisk.cuts", 100);
    long wanted = usual * percent / 100;
    return share((int) wanted);
  }

  /** Whether so much is done that what does not hold has to show. */
  public static boolean isWhole() {
    return share(100) == 100 && cuts(100) >= 100;
  }

  /** The part of something that is done on this JDK: all on 25. */
  static int share(int all) {
    boolean old = Runtime.version().feature() < 25;
    return Math.max(1, old ? all / SHARE_ON_OLD_JDK : all);
  }
}
