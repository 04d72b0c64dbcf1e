package io.faultdisk.nio.differential;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One call of a method of the JDK's, with arguments that depend on nothing but the random numbers
 * and the world, so that two worlds in the same state are asked the same.
 */
@FunctionalInterface
interface Call {
  /**
   * What it returned, in a form that {@link Outcome} can write; what it throws is compared, too.
   */
  @Nullable Object run(World world, RandomGenerator random) throws Exception;
}
