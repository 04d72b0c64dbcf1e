package io.faultdisk.console;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.daemon.disk.Disks;
import io.faultdisk.rules.Dialect;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Disks in memory, and somebody who uses each. */
final class MemoryStorage implements Storage, AutoCloseable {
  private final BlockGraph graph =
      new BlockGraph(
          List.of(
              new RawType(),
              new MemoryType(),
              new BlkdebugType(Dialect.FAULTDISK, Optional.empty())),
          Turns.free(),
          message -> {});

  private final Disks disks = new Disks();
  private final Map<String, BlockBackend> users = new ConcurrentHashMap<>();

  /** Another port on which the disks are served. */
  volatile int port = 10809;

  /** With the disk {@code disk} of 1 MiB. */
  MemoryStorage() throws UsageException {
    create(new NewDisk("disk", "memory:1M", Optional.empty(), Optional.empty(), false, false));
  }

  @Override
  public Disks disks() {
    return disks;
  }

  /** Sends requests to a disk. */
  BlockBackend user(String name) {
    return users.get(name);
  }

  Disk disk() {
    return disks.find("disk").orElseThrow();
  }

  @Override
  public List<Node> nodes() {
    return graph.nodes();
  }

  @Override
  public List<Served> exports() {
    return disks.all().stream()
        .map(
            disk ->
                new Served(
                    "id-" + disk.name(),
                    disk.name(),
                    disk.node(),
                    1,
                    true,
                    "nbd://localhost:" + port + "/" + disk.name()))
        .toList();
  }

  @Override
  public Disk create(NewDisk disk) throws UsageException {
    Options options = new Options();
    options.put("driver", "blkdebug");
    options.put("node-name", disk.name());
    options.put("image.driver", "memory");
    options.put("image.size", disk.image().replace("memory:", ""));
    OpenFlags flags = OpenFlags.TOOL.withCache(false, false, false);
    graph.keep(options, flags);
    // By way of a format, which announces what it does.
    Options above = new Options();
    above.put("driver", "raw");
    above.put("file", disk.name());
    users.put(disk.name(), graph.open(Optional.empty(), above, flags));
    disks.refresh(graph::nodes);
    Disk made = disks.require(disk.name());
    if (disk.rules().isPresent()) {
      made.replaceAll("rules", disk.rules().get());
    }
    return made;
  }

  @Override
  public void delete(Disk disk) {
    BlockBackend user = users.remove(disk.name());
    user.close();
    graph.drop(disk.node());
    disks.refresh(graph::nodes);
  }

  @Override
  public void close() {
    disks.close();
    users.values().forEach(BlockBackend::close);
    graph.close();
  }
}
