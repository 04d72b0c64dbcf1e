package io.faultdisk.explore.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Seed;
import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.block.create.CreateRequest;
import io.faultdisk.block.create.ImageCreation;
import io.faultdisk.block.file.FileType;
import io.faultdisk.block.qcow2.Qcow2Type;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.explore.Case;
import io.faultdisk.explore.ExplorationPlan;
import io.faultdisk.explore.Explorer;
import io.faultdisk.explore.ResultSink;
import io.faultdisk.explore.Results;
import io.faultdisk.explore.Verdict;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskSubjectTest {
  @TempDir Path directory;

  private static List<DriverType> drivers() {
    return List.of(new RawType(), new Qcow2Type(), new FileType());
  }

  private interface Use {
    void of(BlockBackend image) throws BlockIoException;
  }

  private static DiskWorkload workload(String name, Use use) {
    return new DiskWorkload() {
      @Override
      public String description() {
        return name;
      }

      @Override
      public Ending run(DiskUnderTest disk) {
        BlockGraph graph = new BlockGraph(disk.drivers(drivers()), Turns.free(), text -> {});
        disk.watch(graph);
        try (graph;
            BlockBackend image = graph.open(Optional.empty(), disk.options(), OpenFlags.TOOL)) {
          image.writeThrough(false);
          use.of(image);
          return Ending.GOOD;
        } catch (UsageException | BlockIoException e) {
          return new Ending(1, false, String.valueOf(e.getMessage()));
        }
      }

      @Override
      public boolean isRepeatable() {
        return true;
      }

      @Override
      public Optional<String> commandLine(Tool tool, String image) {
        return Optional.empty();
      }
    };
  }

  private static ByteBuffer filled(int bytes, int with) {
    byte[] data = new byte[bytes];
    Arrays.fill(data, (byte) with);
    return ByteBuffer.wrap(data);
  }

  private DiskContent qcow2(String size) throws Exception {
    Path file = directory.resolve("start.qcow2");
    try (BlockGraph graph = new BlockGraph(drivers(), Turns.free(), text -> {})) {
      new ImageCreation(graph)
          .create(
              new CreateRequest(
                  file.toString(),
                  "qcow2",
                  Optional.of("size=" + size),
                  OptionalLong.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  true),
              line -> {});
    }
    return DiskContent.of(file);
  }

  @Test
  void qcow2KeepsWhatItPromised() throws Exception {
    DiskSubject subject =
        new DiskSubject(
            workload(
                "overwrite",
                image -> {
                  image.write(0, filled(65536, 1), RequestFlags.NONE);
                  image.flush();
                  image.write(4096, filled(8192, 2), RequestFlags.NONE);
                  image.write(1 << 20, filled(70000, 3), RequestFlags.NONE);
                  image.writeZeroes(0, 4096, RequestFlags.NONE);
                  image.flush();
                  image.write(2 << 20, filled(512, 4), RequestFlags.FUA);
                  image.discard(0, 65536);
                }),
            qcow2("64M"),
            "qcow2",
            DiskSubjectTest::drivers,
            tool -> tool.img() + " create -q -f qcow2 disk.img 64M");
    ExplorationPlan plan =
        ExplorationPlan.standard(new Seed(1)).withFamilies(EnumSet.allOf(Case.Family.class));
    for (int i = 0; i < 5; i++) {
      long begin = System.nanoTime();
      Results results =
          new Explorer(subject, plan, Explorer.Settings.standard()).run(ResultSink.none());
      System.out.println(
          results.heading()
              + "\n"
              + results.counts()
              + " "
              + results.cases().size() / ((System.nanoTime() - begin) / 1e9)
              + "/s");
      if (i == 0) {
        results.failures().stream().limit(20).forEach(System.out::println);
        results.cases().stream()
            .filter(c -> c.verdict() == Verdict.MISSED)
            .limit(5)
            .forEach(System.out::println);
      }
    }
    assertThat(subject.description()).isEqualTo("overwrite on qcow2");
  }
}
