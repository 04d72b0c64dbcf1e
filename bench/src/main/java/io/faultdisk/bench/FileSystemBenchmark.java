package io.faultdisk.bench;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.faultdisk.base.Errno;
import io.faultdisk.faults.Faults;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.rules.RuleBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * What 4 KiB reads and writes of a file cost plainly and through a {@link FaultFileSystem}: without
 * rules, and with rules for other operations and other files.
 *
 * <p>The file is 1 MiB, so that it is in the page cache, and what the wrapping costs shows.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FileSystemBenchmark {
  private static final int BLOCK_BYTES = 4096;
  private static final int FILE_BYTES = 1 << 20;

  /** What holds the file. */
  @Param({"default", "jimfs"})
  public String store;

  /** How it is reached. */
  @Param({"plain", "wrapped", "other-operation", "other-file"})
  public String through;

  private FileSystem memory = FileSystems.getDefault();
  private Path directory = Path.of("");
  private FileChannel channel;
  private long offset;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BLOCK_BYTES);

  /** Makes the file and opens it. */
  @Setup
  public void open() throws IOException {
    if (store.equals("jimfs")) {
      memory = Jimfs.newFileSystem(Configuration.unix());
      directory = Files.createDirectory(memory.getPath("/bench"));
    } else {
      directory = Files.createTempDirectory("faultdisk-bench");
    }
    Path file = Files.write(directory.resolve("data"), new byte[FILE_BYTES]);
    if (!through.equals("plain")) {
      Faults faults = Faults.create();
      if (through.equals("other-operation")) {
        faults.add(RuleBuilder.on("fsync").fail(Errno.EIO));
      } else if (through.equals("other-file")) {
        faults.add(
            RuleBuilder.on("read").path("*.wal").fail(Errno.EIO),
            RuleBuilder.on("write").path("*.wal").fail(Errno.EIO));
      }
      file = FaultFileSystem.over(file.getFileSystem()).faults(faults).open().wrap(file);
    }
    channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** Removes it. */
  @TearDown
  public void close() throws IOException {
    channel.close();
    Files.delete(directory.resolve("data"));
    Files.delete(directory);
    if (store.equals("jimfs")) {
      memory.close();
    }
  }

  private long next() {
    offset = (offset + BLOCK_BYTES) & (FILE_BYTES - 1);
    return offset;
  }

  /** A read at an offset. */
  @Benchmark
  public int readAt() throws IOException {
    return channel.read(buffer.clear(), next());
  }

  /** A write at an offset. */
  @Benchmark
  public int writeAt() throws IOException {
    return channel.write(buffer.clear(), next());
  }

  /** A read at the position. */
  @Benchmark
  public int read() throws IOException {
    if (channel.read(buffer.clear()) < 0) {
      channel.position(0);
    }
    return buffer.position();
  }
}
