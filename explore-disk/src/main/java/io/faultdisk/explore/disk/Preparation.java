package io.faultdisk.explore.disk;

import io.faultdisk.base.UsageException;
import java.util.List;
import java.util.Map;

/** What is done to a disk before it is explored. */
public final class Preparation {
  private Preparation() {}

  /**
   * Runs a workload on a disk once, without any fault; returns what it leaves.
   *
   * @throws UsageException if it fails
   * @throws InterruptedException if it was told to give up
   */
  public static DiskContent after(DiskWorkload workload, DiskContent start, String format)
      throws UsageException, InterruptedException {
    DiskRun run = DiskRun.on(start);
    DiskUnderTest disk =
        new DiskUnderTest(
            List.of(new MediumType(run)),
            new GuestLog(run.ticks()),
            Map.of("driver", format, "file.driver", MediumType.NAME));
    DiskWorkload.Ending ending = workload.run(disk);
    if (ending.died() || ending.exitCode() != 0) {
      throw new UsageException(
          "The preparation fails, with exit code "
              + ending.exitCode()
              + (ending.output().isBlank() ? "" : ": " + ending.output().strip()));
    }
    return run.disk().snapshot();
  }
}
