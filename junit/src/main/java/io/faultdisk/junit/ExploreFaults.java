package io.faultdisk.junit;

import io.faultdisk.explore.Case;
import io.faultdisk.nio.Durability;
import io.faultdisk.rules.FailFlush;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that is run thousands of times, once for each thing that can go wrong: every error at
 * every operation, once and from then on; what every power cut may leave; a second fault while the
 * program deals with the first, or recovers; errors by chance. All of it is one test, which fails
 * with a summary, the first failures and how to repeat them, and leaves a report to open in a
 * browser.
 *
 * <pre>{@code
 * @ExploreFaults
 * void keepsWhatItHasAcknowledged(Attempt attempt) throws Exception { ... }
 * }</pre>
 *
 * <p>Written as with {@link EveryFaultPoint}. {@code @BeforeEach} methods are called once, not for
 * each case, and all cases have the same test instance: what a case does has to be in its method.
 */
@Documented
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Test
@ExtendWith({FaultsExtension.class, ExploreExtension.class})
public @interface ExploreFaults {
  /** The kinds of cases. */
  Case.Family[] families() default {
    Case.Family.ERRORS, Case.Family.CRASHES, Case.Family.PAIRS, Case.Family.RANDOM
  };

  /** The errors to fail with; {@code ENOSPC} and {@code EDQUOT} where something needs space. */
  String[] errno() default {"EIO", "ENOSPC"};

  /**
   * How flushes go wrong, too; the power is cut when the workload has ended. No program keeps what
   * it has promised if they {@link FailFlush.Mode#LIE}.
   */
  FailFlush.Mode[] failFlush() default {FailFlush.Mode.DROP, FailFlush.Mode.KEEP};

  /** Whether reads and writes move half of their bytes, too. */
  boolean shortTransfers() default true;

  /** As in {@link EveryFaultPoint}. */
  String[] events() default {};

  /** As in {@link EveryFaultPoint}. */
  String[] paths() default {};

  /** As in {@link EveryFaultPoint}. */
  String[] excludePaths() default {};

  /** What is durable without being asked for. */
  Durability durability() default Durability.POSIX;

  /** How many crash states of one moment at most, before those of equal content are left out. */
  int statesPerPoint() default 40;

  /** How many pairs of faults at most. */
  int pairs() default 200;

  /** How many cases of errors by chance. */
  int random() default 50;

  /** How many cases at most; what is more is left out evenly. */
  int cases() default 20_000;

  /** Of all that is chosen; {@code -Dfaultdisk.seed} counts more. */
  long seed() default 1;

  /** How many cases are run at once; more than one if the test's code is safe from threads. */
  int workers() default 1;

  /** How long a case may take: what takes longer hangs. */
  long timeLimitMillis() default 10_000;

  /** The directory of the report; by default {@code target/faultdisk/CLASS.METHOD}. */
  String report() default "";
}
