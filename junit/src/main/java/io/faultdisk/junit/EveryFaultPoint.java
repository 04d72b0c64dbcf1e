package io.faultdisk.junit;

import io.faultdisk.nio.Durability;
import io.faultdisk.rules.FailFlush;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A test that is run once as it is, to list its fault points, and then once for each of them, which
 * fails.
 *
 * <pre>{@code
 * @EveryFaultPoint(errno = {"EIO", "ENOSPC"})
 * void keepsWhatItHasAcknowledged(Attempt attempt) throws Exception {
 *   List<String> acknowledged = new ArrayList<>();
 *   attempt.run(directory -> {
 *     try (Log log = Log.open(directory)) {
 *       log.append("a");
 *       acknowledged.add("a");
 *     }
 *   });
 *   try (Log log = Log.open(attempt.directory())) {
 *     assertThat(log.read()).containsAll(acknowledged);
 *   }
 * }
 * }</pre>
 *
 * <p>The method takes an {@link io.faultdisk.nio.explore.Attempt} and calls its {@code run} once:
 * things go wrong in there and nowhere else. The workload may throw because of the fault. The
 * invocations run one after the other, each with a directory and faults of its own.
 */
@Documented
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith({FaultsExtension.class, EveryPointExtension.class})
public @interface EveryFaultPoint {
  /**
   * The errors to fail with, one invocation each. Without space ({@code ENOSPC}, {@code EDQUOT})
   * only what can need space fails, unless {@link #events} are given.
   */
  String[] errno() default {"EIO"};

  /** Flushes go wrong in these ways, too; with {@link #thenPowerCut} one sees what that costs. */
  FailFlush.Mode[] failFlush() default {};

  /** Reads and writes move half of their bytes, too. */
  boolean shortTransfers() default false;

  /**
   * The operations that are points, {@code "write"}, {@code "fsync"}, and what the program checks
   * itself; by default all but {@code stat}, {@code list}, {@code setattr} and {@code close}.
   */
  String[] events() default {};

  /** Files that are points, as globs; by default all. */
  String[] paths() default {};

  /** Files that are none, as globs: {@code "*.lock"}. */
  String[] excludePaths() default {};

  /** Whether all later operations of the same event fail, too, until the workload ends. */
  boolean sticky() default false;

  /** Whether the power is cut when the workload has met its fault and ended. */
  boolean thenPowerCut() default false;

  /** With {@link #thenPowerCut}: what is durable without being asked for. */
  Durability durability() default Durability.POSIX;

  /** How many invocations at most, spread evenly over all; one more says how many it left out. */
  int max() default Integer.MAX_VALUE;

  /**
   * Whether an invocation may end without having reached its point, because the workload does not
   * do the same each time. It is skipped then, instead of failed.
   */
  boolean mayMiss() default false;

  /** Only this one, by its name in a failure's report; {@code -Dfaultdisk.only} counts more. */
  String only() default "";
}
