package io.faultdisk.daemon.disk;

import io.faultdisk.base.Turns;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.rules.Dialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A disk of 1 MiB in memory, watched, and somebody who uses it. */
final class TestDisk implements AutoCloseable {
  final BlockGraph graph;
  final BlockBackend backend;
  final Disks disks = new Disks();
  final Disk disk;
  final List<DiskEvent> events = new CopyOnWriteArrayList<>();

  TestDisk() throws Exception {
    graph =
        new BlockGraph(
            List.of(
                new RawType(),
                new MemoryType(),
                new BlkdebugType(Dialect.FAULTDISK, Optional.empty())),
            Turns.free(),
            message -> {
              throw new AssertionError(message);
            });
    Options options = new Options();
    options.put("driver", "raw");
    options.put("file.driver", "blkdebug");
    options.put("file.node-name", "disk");
    options.put("file.image.driver", "memory");
    options.put("file.image.size", "1M");
    backend = graph.open(Optional.empty(), options, OpenFlags.TOOL.withCache(false, false, false));
    disks.listen(events::add);
    disks.refresh(graph::nodes);
    disk = disks.require("disk");
  }

  /** The events since the last call. */
  List<DiskEvent> takeEvents() {
    List<DiskEvent> taken = new ArrayList<>(events);
    events.clear();
    return taken;
  }

  @Override
  public void close() {
    disks.close();
    backend.close();
    graph.close();
  }
}
