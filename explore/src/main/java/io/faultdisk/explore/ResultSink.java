package io.faultdisk.explore;

import io.faultdisk.base.UsageException;
import java.util.List;
import java.util.Map;

/** Takes results as they come, and may have some from before. */
public interface ResultSink {
  /**
   * The recording is made, the cases are known.
   *
   * @throws UsageException if there are results of something else
   */
  Opened open(Heading heading, List<TimelineEntry> timeline) throws UsageException;

  /** A sink at work. Called by one thread at a time. */
  interface Opened {
    /** Results from before, by the case's index. */
    Map<Integer, CaseResult> done();

    /**
     * Now cases are run.
     *
     * @param cases how many there are in this shard
     * @param left how many of them are to be run
     */
    void begins(int cases, int left);

    /**
     * A case has ended.
     *
     * @throws UsageException if that cannot be kept: then the exploration ends
     */
    void found(CaseResult result) throws UsageException;
  }

  /** Keeps nothing and tells nobody. */
  static ResultSink none() {
    return (heading, timeline) ->
        new Opened() {
          @Override
          public Map<Integer, CaseResult> done() {
            return Map.of();
          }

          @Override
          public void begins(int cases, int left) {}

          @Override
          public void found(CaseResult result) {}
        };
  }
}
