package io.faultdisk.bench;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.daemon.disk.Disks;
import io.faultdisk.daemon.disk.FaultSpec;
import io.faultdisk.rules.Dialect;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a read of 4 KiB of an image in memory pays for being counted, and for being watched and
 * controlled by others meanwhile: what {@code bench/console} measures with sockets, clients and a
 * service around it, without them.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class WatchedBenchmark {
  private static final int REQUEST_BYTES = 4096;
  private static final long IMAGE_BYTES = 256L << 20;

  /** As the console and its API do at most. */
  private static final int CHANGES_A_SECOND = 50;

  private static final int TICKS_A_SECOND = 4;

  /**
   * {@code plain}: nobody counts; {@code counted}: a disk of a daemon; {@code controlled}: somebody
   * looks four times a second, and adds or takes out a rule fifty times.
   */
  @Param({"plain", "counted", "controlled"})
  public String disk = "";

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(REQUEST_BYTES);
  private final SplittableRandom random = new SplittableRandom(1);
  private final Disks disks = new Disks();
  private Optional<BlockGraph> graph = Optional.empty();
  private Optional<BlockBackend> opened = Optional.empty();
  private Optional<Thread> control = Optional.empty();

  /** Opens the image. */
  @Setup
  public void open() throws UsageException {
    BlockGraph nodes = new BlockGraph(Drivers.all(Dialect.FAULTDISK), Turns.free(), message -> {});
    graph = Optional.of(nodes);
    opened =
        Optional.of(
            nodes.open(
                Optional.empty(),
                Options.of(
                    Map.of(
                        "driver",
                        "raw",
                        "file.driver",
                        "blkdebug",
                        "file.node-name",
                        "disk",
                        "file.image.driver",
                        "memory",
                        "file.image.size",
                        Long.toString(IMAGE_BYTES))),
                OpenFlags.TOOL));
    if (!disk.equals("plain")) {
      disks.refresh(nodes::nodes);
    }
    if (disk.equals("controlled")) {
      Disk controlled = disks.require("disk");
      control = Optional.of(Thread.ofPlatform().daemon().start(() -> control(controlled)));
    }
  }

  private static void control(Disk disk) {
    disk.activity().timeline().watch();
    int id = 0;
    for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
      try {
        if (i % 2 == 0) {
          id = disk.add(new FaultSpec("inject-error", Map.of("event", "l1_update"))).id();
        } else {
          disk.remove(id);
        }
      } catch (UsageException e) {
        throw new IllegalStateException("rules of our own making", e);
      }
      if (i % (CHANGES_A_SECOND / TICKS_A_SECOND) == 0) {
        var unused = disk.activity().timeline().take();
        var unusedCounters = disk.activity().counters();
        var unusedHeat = disk.activity().heat().view();
      }
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1) / CHANGES_A_SECOND);
    }
  }

  /** Closes the image. */
  @TearDown
  public void close() throws InterruptedException {
    if (control.isPresent()) {
      control.get().interrupt();
      control.get().join();
    }
    disks.close();
    opened.ifPresent(BlockBackend::close);
    graph.ifPresent(BlockGraph::close);
  }

  /** One thread reads. */
  @Benchmark
  public ByteBuffer read() throws IOException {
    long place = random.nextLong(IMAGE_BYTES / REQUEST_BYTES) * REQUEST_BYTES;
    opened.orElseThrow().read(place, buffer.clear());
    return buffer;
  }
}
