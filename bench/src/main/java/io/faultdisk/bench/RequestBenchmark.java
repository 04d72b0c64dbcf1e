package io.faultdisk.bench;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.create.CreateRequest;
import io.faultdisk.block.create.ImageCreation;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.rules.Dialect;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A request of 4 KiB at a random place of an image that is all there, in the page cache: from the
 * backend down to the system call and back. With {@code -prof gc} it shows what a request
 * allocates.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RequestBenchmark {
  private static final int REQUEST_BYTES = 4096;
  private static final int CHUNK_BYTES = 1 << 20;
  private static final long IMAGE_BYTES = 256L << 20;
  private static final String RULES = ",file.driver=blkdebug,file.image.filename=";
  private static final String RULE =
      ",file.inject-error.0.event=pwritev,file.inject-error.0.sector=1,file.inject-error.0.state=9";

  /** The drivers, and whether there is a rule (which does not match) above the file. */
  @Param({"raw", "raw+rule", "qcow2", "qcow2+rule"})
  public String stack = "";

  private Path file = Path.of("");
  private Optional<BlockGraph> graph = Optional.empty();
  private Optional<BlockBackend> opened = Optional.empty();

  /** What each thread needs for itself. */
  @State(Scope.Thread)
  public static class Request {
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(REQUEST_BYTES);
    private final SplittableRandom random = new SplittableRandom(1);

    private long place() {
      return random.nextLong(IMAGE_BYTES / REQUEST_BYTES) * REQUEST_BYTES;
    }
  }

  /** Makes the image and fills it. */
  @Setup
  public void open() throws IOException, UsageException {
    file = Files.createTempFile("request", ".img");
    List<DriverType> types = Drivers.all(Dialect.FAULTDISK);
    BlockGraph nodes = new BlockGraph(types, Turns.free(), message -> {});
    graph = Optional.of(nodes);
    boolean ruled = stack.endsWith("+rule");
    String format = ruled ? stack.substring(0, stack.indexOf('+')) : stack;
    new ImageCreation(nodes)
        .create(
            new CreateRequest(
                file.toString(),
                format,
                Optional.empty(),
                OptionalLong.of(IMAGE_BYTES),
                Optional.empty(),
                Optional.empty(),
                true),
            line -> {});
    String options = "driver=" + format + (ruled ? RULE + RULES + file : ",file.filename=" + file);
    OpenFlags writeback = OpenFlags.TOOL.withCache(false, false, false);
    BlockBackend disk =
        nodes.open(Optional.empty(), Options.parse(options, warning -> {}), writeback);
    opened = Optional.of(disk);
    ByteBuffer content = ByteBuffer.allocateDirect(CHUNK_BYTES);
    for (long at = 0; at < IMAGE_BYTES; at += CHUNK_BYTES) {
      disk.write(at, content.clear(), 0);
    }
  }

  /** Closes and deletes the image. */
  @TearDown
  public void close() throws IOException {
    opened.ifPresent(BlockBackend::close);
    graph.ifPresent(BlockGraph::close);
    Files.deleteIfExists(file);
  }

  /** One thread reads. */
  @Benchmark
  public ByteBuffer read(Request request) throws IOException {
    opened.orElseThrow().read(request.place(), request.buffer.clear());
    return request.buffer;
  }

  /** Two threads read. */
  @Benchmark
  @Threads(2)
  public ByteBuffer readByTwo(Request request) throws IOException {
    return read(request);
  }

  /** One thread writes. */
  @Benchmark
  public ByteBuffer write(Request request) throws IOException {
    opened.orElseThrow().write(request.place(), request.buffer.clear(), 0);
    return request.buffer;
  }
}
