package io.faultdisk.explore;

import java.util.Optional;

/**
 * A case and what became of it.
 *
 * @param index its place in the list of all cases, from 0, whatever the shard
 * @param family which kind of case
 * @param id its name
 * @param point where in the recorded run it begins, unless it may begin anywhere
 * @param outcome what became of it
 */
public record CaseResult(
    int index, Case.Family family, String id, Optional<FaultPoint> point, Outcome outcome) {

  /** What became of a case. */
  static CaseResult of(int index, Case what, Outcome outcome) {
    return new CaseResult(index, what.family(), what.id(), what.point(), outcome);
  }

  /** How it ended. */
  public Verdict verdict() {
    return outcome.verdict();
  }
}
