package io.faultdisk.explore.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Seed;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.explore.CrashState;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Rule;
import io.faultdisk.testkit.RandomCases;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * A {@code [cut-power]} rule leaves on the disk just what the crash state says that was worked out
 * without it: so a reproducer is exact.
 */
class CutExactlyTest {
  private record Run(DiskRun run, DiskTrace trace) {}

  private static Run run(DiskRun run, String format, List<Rule> rules, DiskWorkload workload)
      throws InterruptedException {
    DiskTrace trace = new DiskTrace(run, false, true);
    DiskUnderTest disk =
        new DiskUnderTest(
            List.of(
                new MediumType(run),
                new BlkdebugType(Dialect.FAULTDISK, Optional.of(trace), rules)),
            new GuestLog(run.ticks()),
            Map.of(
                "driver", format, "file.driver", "blkdebug", "file.image.driver", MediumType.NAME));
    workload.run(disk);
    return new Run(run, trace);
  }

  private static int compare(DiskContent start, String format, Disks.Use use, int perCut)
      throws Exception {
    DiskWorkload workload = Disks.workload("any", use);
    Run clean = run(DiskRun.recorded(start), format, List.of(), workload);
    DiskLog log = clean.run().log();
    assertThat(log).isNotNull();
    CrashStates states =
        CrashStates.of(
            start, log.entries(), clean.trace().points(), tick -> 0L, perCut, new Seed(3));
    int compared = 0;
    for (CrashState state : states.states()) {
      if (state.atEnd()) {
        continue;
      }
      DiskContent left =
          run(DiskRun.on(start), format, List.of(DiskRules.cut(state)), workload)
              .run()
              .disk()
              .snapshot();
      DiskContent expected = states.content(state);
      long size = Math.max(left.size(), expected.size());
      byte[] one = new byte[(int) size];
      byte[] other = new byte[(int) size];
      left.read(0, one, 0, (int) size);
      expected.read(0, other, 0, (int) size);
      assertThat(one).as(state.id()).isEqualTo(other);
      compared++;
    }
    return compared;
  }

  @Test
  void onRaw() {
    int[] compared = new int[1];
    RandomCases.run(
        "cuts on raw",
        40,
        random -> compared[0] += compare(DiskContent.empty(1 << 16), "raw", randomUse(random), 30));
    assertThat(compared[0]).isPositive();
  }

  private static Disks.Use randomUse(RandomGenerator random) {
    long seed = random.nextLong();
    return image -> requests(image, new Seed(seed).random());
  }

  private static void requests(BlockBackend image, RandomGenerator random) throws BlockIoException {
    for (int i = 0; i < 14; i++) {
      int sector = random.nextInt(100);
      int bytes = 512 * (1 + random.nextInt(20));
      switch (random.nextInt(9)) {
        case 0, 1 -> image.flush();
        case 2 -> image.writeZeroes(512L * sector, bytes, RequestFlags.NONE);
        case 3 -> image.write(512L * sector, Disks.filled(bytes, i + 1), RequestFlags.FUA);
        case 4 -> image.discard(512L * sector, bytes);
        case 5 -> image.write(333L * sector, Disks.filled(bytes - 99, i + 1), RequestFlags.NONE);
        default -> image.write(512L * sector, Disks.filled(bytes, i + 1), RequestFlags.NONE);
      }
    }
    image.flush();
  }

  @Test
  void onQcow2() throws Exception {
    int compared =
        compare(
            Disks.qcow2("size=64M"),
            "qcow2",
            image -> {
              image.write(0, Disks.filled(65536, 1), RequestFlags.NONE);
              image.flush();
              image.write(4096, Disks.filled(8192, 2), RequestFlags.NONE);
              image.write(1 << 20, Disks.filled(70000, 3), RequestFlags.NONE);
              image.flush();
              image.write(2 << 20, Disks.filled(512, 4), RequestFlags.FUA);
              image.discard(0, 65536);
              image.flush();
            },
            40);
    assertThat(compared).isGreaterThan(50);
  }
}
