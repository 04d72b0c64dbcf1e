package io.faultdisk.nio.explore;

import io.faultdisk.base.Seed;
import io.faultdisk.explore.ExplorationPlan;
import io.faultdisk.explore.FaultPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes down a clean run, and works out at each of its points what a power cut may leave. Called by
 * the threads of the workload; one at a time, as a {@link FileRun} does.
 */
final class FileRecorder implements FileRun.Recorder {
  private final FileStates states;
  private final boolean canLosePower;
  private @Nullable TestDisk disk;
  private Optional<Promises> promises = Optional.empty();
  private @Nullable FaultPoint last;
  private @Nullable IOException failure;

  FileRecorder(ExplorationPlan plan, boolean canLosePower) {
    this.canLosePower = canLosePower;
    this.states = new FileStates(plan.statesPerEpoch(), plan.seed());
  }

  /** The run is about to begin on this disk. */
  void begins(TestDisk newDisk, Optional<Promises> newPromises) {
    disk = newDisk;
    promises = newPromises;
  }

  /** As the explorer names a point. */
  static FaultPoint named(PointWatch.Seen seen) {
    return new FaultPoint(seen.number(), seen.point().epoch(), seen.place());
  }

  @Override
  public void at(PointWatch.Seen seen) {
    FaultPoint point = named(seen);
    last = point;
    if (PointFault.cutPower().fits(seen.point())) {
      add(point, false);
    }
  }

  @Override
  public void atEnd() {
    FaultPoint point = last;
    if (point != null) {
      add(point, true);
    }
  }

  private void add(FaultPoint point, boolean atEnd) {
    TestDisk from = disk;
    if (!canLosePower || from == null || failure != null) {
      return;
    }
    // Without promises the check may know anything: then no two moments are the same.
    long promised = promises.isPresent() ? promises.get().count() : atEnd ? -1 : point.number();
    try {
      states.add(from.files(), from.real(), point, atEnd, promised);
    } catch (IOException e) {
      failure = e;
    }
  }

  /** What there is now that the run has ended. */
  FileRecording recording(FileRun run, TrialPlan faults, Seed seed) {
    if (failure != null) {
      throw new UncheckedIOException(failure);
    }
    return FileRecording.of(run, states, faults, seed);
  }
}
