package io.faultdisk.explore.disk;

import io.faultdisk.explore.FaultPoint;
import java.util.List;

/**
 * A moment at which the power may go: just before a flush, or at the end.
 *
 * @param before the flush; at the end, the last request
 * @param atEnd whether it is the end
 * @param durable how many log entries are durable whatever survives
 * @param pending the writes since the last flush that may survive, in order of arrival; without
 *     those that were durable by themselves
 * @param forced those that were, in order of arrival
 * @param tick when
 */
record CutPoint(
    FaultPoint before,
    boolean atEnd,
    int durable,
    List<LogEntry.Write> pending,
    List<LogEntry.Write> forced,
    long tick) {

  CutPoint {
    pending = List.copyOf(pending);
    forced = List.copyOf(forced);
  }

  /** Whether write i may reach the medium after write j, though it arrived before. */
  boolean mayBeReordered(int i, int j) {
    for (LogEntry.Write between : forced) {
      if (between.tick() > pending.get(i).tick() && between.tick() < pending.get(j).tick()) {
        return false;
      }
    }
    return true;
  }
}
