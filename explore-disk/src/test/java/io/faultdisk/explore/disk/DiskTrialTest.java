package io.faultdisk.explore.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Turns;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RuleBuilder;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DiskTrialTest {
  private static final RuleBuilder FLUSH = RuleBuilder.on(QemuEvents.FLUSH_TO_DISK);

  /** The disk's user is the test itself. */
  private static BlockGraph graph(DiskTrial trial) {
    BlockGraph graph =
        new BlockGraph(trial.disk().drivers(Disks.drivers()), Turns.free(), text -> {});
    trial.disk().watch(graph);
    return graph;
  }

  private static BlockBackend open(BlockGraph graph, DiskTrial trial) throws Exception {
    BlockBackend image = graph.open(Optional.empty(), trial.disk().options(), OpenFlags.TOOL);
    image.writeThrough(false);
    return image;
  }

  private static void write(BlockBackend image, int value) throws BlockIoException {
    image.write(512L * value, Disks.filled(512, value), RequestFlags.NONE);
    image.flush();
  }

  private static byte[] firstOfSectors(DiskTrial trial, int sectors) {
    byte[] firsts = new byte[sectors];
    for (int i = 0; i < sectors; i++) {
      trial.left().content().read(512L * i, firsts, i, 1);
    }
    return firsts;
  }

  @Test
  void whatWasAcknowledgedWhileFlushesLieIsGone() throws Exception {
    DiskTrial trial =
        new DiskTrial(
            DiskContent.empty(4096),
            "raw",
            (itself, row) -> {
              if (row.equals("1")) {
                itself.add(FLUSH.failFlush(FailFlush.Mode.LIE));
              } else if (row.equals("3")) {
                itself.cutPower();
              }
            });
    try (BlockGraph graph = graph(trial)) {
      BlockBackend image = open(graph, trial);
      for (int row = 1; row <= 3; row++) {
        write(image, row);
        trial.disk().acknowledge(String.valueOf(row));
      }
      assertThatThrownBy(() -> write(image, 4)).isInstanceOf(BlockIoException.class);
    }
    assertThat(trial.left().acknowledged()).containsExactly("1", "2", "3");
    assertThat(firstOfSectors(trial, 5)).containsExactly(0, 1, 0, 0, 0);
    assertThat(trial.receipts()).hasSize(2);
    assertThat(trial.receipts().get(0).epoch()).isEqualTo(1);
  }

  @Test
  void aFlushThatFailsOnceTakesNothing() throws Exception {
    DiskTrial trial =
        new DiskTrial(
            DiskContent.empty(4096),
            "raw",
            (itself, row) -> itself.add(FLUSH.once().failFlush(FailFlush.Mode.KEEP)));
    try (BlockGraph graph = graph(trial)) {
      BlockBackend image = open(graph, trial);
      write(image, 1);
      trial.disk().acknowledge("1");
      assertThatThrownBy(() -> write(image, 2)).isInstanceOf(BlockIoException.class);
      write(image, 3);
    }
    assertThat(firstOfSectors(trial, 4)).containsExactly(0, 1, 2, 3);
    assertThat(trial.receipts()).hasSize(1);
  }

  @Test
  void aDiskThatIsNotOpenCannotGoWrong() {
    DiskTrial trial = new DiskTrial(DiskContent.empty(4096), "raw", (itself, row) -> {});
    assertThatThrownBy(trial::cutPower).isInstanceOf(IllegalStateException.class);
  }
}
