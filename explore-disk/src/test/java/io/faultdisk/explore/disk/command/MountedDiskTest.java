package io.faultdisk.explore.disk.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.explore.disk.DiskContent;
import io.faultdisk.explore.disk.DiskUnderTest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountedDiskTest {
  /** nbdfuse is then about to mount, but has not. */
  @Test
  void whoeverIsToldToGiveUpAtOnceLeavesNothingMounted() throws Exception {
    try {
      KernelFileSystem.EXT4.require();
    } catch (UsageException lacking) {
      System.out.println("skipped: " + lacking.getMessage());
      abort(lacking.getMessage());
    }
    Path where;
    try (PrivateDirectory directory = new PrivateDirectory();
        ServedDisk served =
            new ServedDisk(
                DiskUnderTest.of(DiskContent.empty(1 << 20), "raw"),
                List.of(new RawType()),
                directory.file("disk.sock"))) {
      where = directory.path();
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> new MountedDisk(directory, served.uri(), KernelFileSystem.EXT4))
          .isInstanceOf(InterruptedException.class);
    }
    assertThat(Mounts.points()).noneMatch(point -> point.startsWith(where.toString()));
    assertThat(where).doesNotExist();
  }
}
