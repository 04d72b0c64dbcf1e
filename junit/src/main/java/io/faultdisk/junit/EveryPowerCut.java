package io.faultdisk.junit;

import io.faultdisk.nio.Durability;
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
 * A test that is run once as it is, and then several times for each place where the power can go:
 * before each change of a file, and when all is done. Written as with {@link EveryFaultPoint}; what
 * {@code attempt.directory()} gives after {@code attempt.run} is what is found after the cut.
 *
 * <pre>{@code
 * @EveryPowerCut(subsets = 8)
 * void keepsWhatItHasAcknowledged(Attempt attempt) { ... }
 * }</pre>
 *
 * <p>At each place once nothing that was not durable is left, once everything, and then choices in
 * between, see {@link io.faultdisk.nio.PowerCut}.
 */
@Documented
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith({FaultsExtension.class, EveryPointExtension.class})
public @interface EveryPowerCut {
  /** What is durable without being asked for. */
  Durability durability() default Durability.POSIX;

  /** How many choices at each place, by whole pages of 4096 bytes. */
  int subsets() default 1;

  /** How many choices at each place that tear pages. */
  int torn() default 1;

  /** What is not torn: a power of two from 1 to 4096. */
  int blockBytes() default 512;

  /** As in {@link EveryFaultPoint}. */
  String[] events() default {};

  /** As in {@link EveryFaultPoint}. */
  String[] paths() default {};

  /** As in {@link EveryFaultPoint}. */
  String[] excludePaths() default {};

  /** As in {@link EveryFaultPoint}. */
  int max() default Integer.MAX_VALUE;

  /** As in {@link EveryFaultPoint}. */
  boolean mayMiss() default false;

  /** As in {@link EveryFaultPoint}. */
  String only() default "";
}
