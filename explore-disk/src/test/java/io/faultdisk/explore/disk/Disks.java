package io.faultdisk.explore.disk;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.create.CreateRequest;
import io.faultdisk.block.create.ImageCreation;
import io.faultdisk.block.file.FileType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.qcow2.Qcow2Type;
import io.faultdisk.block.raw.RawType;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Workloads in Java, and images for them. */
final class Disks {
  private Disks() {}

  static List<DriverType> drivers() {
    return List.of(new RawType(), new Qcow2Type(), new FileType());
  }

  /** What a workload does with its open image. */
  interface Use {
    void of(BlockBackend image) throws BlockIoException;
  }

  /** A workload that gives up at the first error. */
  static DiskWorkload workload(String name, Use use) {
    return workload(name, false, false, use);
  }

  /** The same without flushes. */
  static DiskWorkload unsafe(String name, Use use) {
    return workload(name, false, true, use);
  }

  /** The same with the planted bug of {@link LateRefcountsType} in the way. */
  static DiskWorkload lateRefcounts(String name, Use use) {
    return workload(name, true, false, use);
  }

  private static DiskWorkload workload(
      String name, boolean lateRefcounts, boolean unsafe, Use use) {
    return new DiskWorkload() {
      @Override
      public String description() {
        return name;
      }

      @Override
      public Ending run(DiskUnderTest disk) {
        List<DriverType> types = new ArrayList<>(disk.drivers(drivers()));
        Options options = disk.options();
        if (lateRefcounts) {
          types.add(new LateRefcountsType());
          options = new Options();
          options.put("driver", "qcow2");
          options.put("file.driver", LateRefcountsType.NAME);
          options.put("file.file.driver", "blkdebug");
          options.put("file.file.image.driver", MediumType.NAME);
        }
        if (unsafe) {
          options.put("cache.no-flush", "on");
        }
        BlockGraph graph = new BlockGraph(types, Turns.free(), text -> {});
        disk.watch(graph);
        try (graph;
            BlockBackend image = graph.open(Optional.empty(), options, OpenFlags.TOOL)) {
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
        return Optional.of(tool.io() + " " + image);
      }
    };
  }

  static DiskSubject subject(String name, DiskContent start, String format, Use use) {
    return subject(workload(name, use), start, format);
  }

  static DiskSubject subject(DiskWorkload workload, DiskContent start, String format) {
    return new DiskSubject(
        workload, start, format, Disks::drivers, tool -> tool.img() + " create ...");
  }

  static ByteBuffer filled(int bytes, int with) {
    byte[] data = new byte[bytes];
    Arrays.fill(data, (byte) with);
    return ByteBuffer.wrap(data);
  }

  /** A new qcow2 image. */
  static DiskContent qcow2(String options) throws Exception {
    Path file = Files.createTempFile("start", ".qcow2");
    try (BlockGraph graph = new BlockGraph(drivers(), Turns.free(), text -> {})) {
      new ImageCreation(graph)
          .create(
              new CreateRequest(
                  file.toString(),
                  "qcow2",
                  Optional.of(options),
                  OptionalLong.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  true),
              line -> {});
      return DiskContent.of(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
