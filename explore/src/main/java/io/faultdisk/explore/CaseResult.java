package io.faultdisk.explore;

/**
 * A case and what became of it.
 *
 * @param index its place in the list of all cases, from 0, whatever the shard
 * @param family which kind of case
 * @param id its name
 * @param outcome what became of it
 */
public record CaseResult(int index, Case.Family family, String id, Outcome outcome) {
  /** How it ended. */
  public Verdict verdict() {
    return outcome.verdict();
  }
}
