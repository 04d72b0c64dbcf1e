package io.faultdisk.junit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.faultdisk.events.EventScope;
import io.faultdisk.events.FaultEvents;
import io.faultdisk.faults.Faults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * How to write a test about threads that comes out the same each time: stop one where it matters,
 * do something else, let it go.
 */
@WithFaults
class BreakpointsTest {

  /** A log in which one thread flushes for all that wait. */
  private static final class Log implements AutoCloseable {
    private static final FaultEvents FAULTS = FaultEvents.current();

    private final FileChannel channel;
    private long written;
    private volatile long durable;

    Log(Path file) throws IOException {
      channel = FileChannel.open(file, CREATE, WRITE, APPEND);
    }

    long append(String record) throws IOException {
      synchronized (this) {
        written += channel.write(ByteBuffer.wrap(record.getBytes(US_ASCII)));
        return written;
      }
    }

    void flush() throws IOException {
      long until;
      synchronized (this) {
        until = written;
      }
      FAULTS.event("log_flush");
      channel.force(false);
      durable = until;
    }

    long durable() {
      return durable;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  @Test
  void whatIsAppendedDuringAFlushIsNotDurableAfterIt(Faults faults, @FaultDir Path directory)
      throws Exception {
    try (Log log = new Log(directory.resolve("log"))) {
      long first = log.append("first");
      faults.suspendAt("fdatasync");
      Future<?> flush =
          threads.submit(
              EventScope.carry(
                  () -> {
                    log.flush();
                    return null;
                  }));
      faults.await("fdatasync");

      long second = log.append("second");
      assertThat(log.durable()).isZero();

      faults.resume("fdatasync");
      flush.get();
      assertThat(log.durable()).isEqualTo(first).isLessThan(second);
    }
  }

  @Test
  void theProgramsOwnEventsAreBreakpointsToo(Faults faults, @FaultDir Path directory)
      throws Exception {
    try (Log log = new Log(directory.resolve("log"))) {
      faults.suspendAt("log_flush");
      Future<?> flush =
          threads.submit(
              EventScope.carry(
                  () -> {
                    log.flush();
                    return null;
                  }));
      faults.await("log_flush");
      log.append("late");
      faults.resume("log_flush");
      flush.get();
      assertThat(log.durable()).isZero();
    }
  }

  @WithFaults
  static class LeavesAThreadBehind {
    private static final Queue<Thread> THREADS = new ConcurrentLinkedQueue<>();

    @Test
    void stopped(Faults faults, @FaultDir Path directory) throws Exception {
      faults.suspendAt("mkdir");
      Thread thread =
          new Thread(
              () -> {
                try {
                  Files.createDirectory(directory.resolve("d"));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      thread.start();
      faults.await("mkdir");
      THREADS.add(thread);
    }

    @AfterEach
    void join() throws Exception {
      THREADS.remove().join();
    }
  }

  @Test
  void whatIsStoppedIsLetGoWhenTheTestEnds() {
    TestRun run = TestRun.of(Map.of(), selectClass(LeavesAThreadBehind.class));
    assertThat(run.results()).containsExactly("stopped(Faults, Path): passed");
  }
}
