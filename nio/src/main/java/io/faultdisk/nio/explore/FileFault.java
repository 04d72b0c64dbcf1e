package io.faultdisk.nio.explore;

import io.faultdisk.base.Errno;
import io.faultdisk.rules.Rule;
import java.util.List;

/**
 * All that goes wrong in one attempt of an exploration.
 *
 * @param trial the first fault and the power cut
 * @param rules the rules of the workload
 * @param after which point after the first fault fails as well, from 1; 0 is none
 * @param recovery the rules of the recovery
 * @param recoveryPoint which point of the recovery fails, from 1; 0 is none
 * @param errno with what those two
 */
record FileFault(
    Trial trial, List<Rule> rules, int after, List<Rule> recovery, int recoveryPoint, Errno errno) {
  FileFault {
    rules = List.copyOf(rules);
    recovery = List.copyOf(recovery);
  }

  /** Nothing but a trial. */
  static FileFault of(Trial trial) {
    return of(trial, trial.rules());
  }

  /** With other rules than the trial's. */
  static FileFault of(Trial trial, List<Rule> rules) {
    return new FileFault(trial, rules, 0, List.of(), 0, Errno.EIO);
  }

  FileFault withSecond(int pointsAfter, Errno with) {
    return new FileFault(trial, rules, pointsAfter, recovery, recoveryPoint, with);
  }

  FileFault withRecoveryPoint(int point, Errno with) {
    return new FileFault(trial, rules, after, recovery, point, with);
  }

  /** The same faults, named one by one. */
  FileFault exactly(List<Rule> inRun, List<Rule> inRecovery) {
    return new FileFault(trial, inRun, 0, inRecovery, 0, errno);
  }
}
