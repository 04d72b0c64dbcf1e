package io.faultdisk.explore;

import io.faultdisk.base.UsageException;
import java.util.Optional;

/**
 * What is explored: a workload, what it works on, and a check.
 *
 * <p>Thread rule: {@link #record} is called once, before all else; then {@link #run} by several
 * threads at once.
 */
public interface Subject {
  /** What it is, in one line, for reports; the same text for the same subject. */
  String description();

  /**
   * Runs the workload without any fault, and checks the result.
   *
   * @throws UsageException if that fails already: then there is nothing to explore
   */
  Recording record(ExplorationPlan plan) throws UsageException, InterruptedException;

  /**
   * Runs the workload once with a fault, from the same start as ever, and checks what is left. What
   * it throws is taken for a crash of the program.
   *
   * @throws InterruptedException if it was given up, since it takes too long
   */
  Outcome run(Case what) throws InterruptedException;

  /** The {@link Case#id} of the only case to try, if somebody has asked for one. */
  default Optional<String> only() {
    return Optional.empty();
  }
}
