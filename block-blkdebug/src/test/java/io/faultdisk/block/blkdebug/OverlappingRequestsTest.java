package io.faultdisk.block.blkdebug;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.options.Options;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.testkit.RandomCases;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Requests of several threads: who waits for whom, and that nothing is lost when unaligned writes
 * share a block.
 */
class OverlappingRequestsTest {
  private static final long DEADLINE_SECONDS = 60;

  @Test
  void overlappingWriteWaitsForReadModifyWrite() throws Exception {
    try (TracedDisk traced = TracedDisk.with("align=4096");
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      BlockBackend disk = traced.disk();
      FaultEngine engine = disk.engine().orElseThrow();
      engine.addBreakpoint(QemuEvents.PWRITEV_RMW_AFTER_HEAD, "A");
      Future<?> held = threads.submit(() -> write(disk, 100, 10, 1));
      engine.awaitSuspended("A");
      Future<?> waiting = threads.submit(() -> write(disk, 0, 4096, 2));
      write(disk, 8192, 4096, 3); // elsewhere: passes
      assertThat(waiting.isDone()).isFalse();
      assertThat(engine.resume("A")).isTrue();
      held.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      waiting.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      ByteBuffer block = ByteBuffer.allocate(4096);
      disk.read(0, block);
      for (byte b : block.array()) {
        assertThat(b).as("the later write came last").isEqualTo((byte) 2);
      }
    }
  }

  @Test
  void suspendedWriteHoldsUpNobodyElse() throws Exception {
    try (TracedDisk traced = TracedDisk.with("");
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      BlockBackend disk = traced.disk();
      FaultEngine engine = disk.engine().orElseThrow();
      engine.addBreakpoint(QemuEvents.WRITE_AIO, "A");
      Future<?> held = threads.submit(() -> write(disk, 0, 512, 1));
      engine.awaitSuspended("A");
      write(disk, 0, 512, 2);
      disk.flush();
      assertThat(engine.resume("A")).isTrue();
      held.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      ByteBuffer sector = ByteBuffer.allocate(512);
      disk.read(0, sector);
      assertThat(sector.get(0)).isEqualTo((byte) 1);
    }
  }

  @Test
  void closingWaitsForRequestsInFlightAndRefusesLaterOnes() throws Exception {
    try (TracedDisk traced = TracedDisk.with("");
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      BlockBackend disk = traced.disk();
      FaultEngine engine = disk.engine().orElseThrow();
      engine.addBreakpoint(QemuEvents.WRITE_AIO, "A");
      Future<?> held = threads.submit(() -> write(disk, 0, 512, 1));
      engine.awaitSuspended("A");
      Future<?> closing = threads.submit(disk::close);
      while (!refused(disk)) {
        Thread.onSpinWait();
      }
      assertThat(closing.isDone()).isFalse();
      assertThat(engine.resume("A")).isTrue();
      held.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      closing.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      assertThat(refused(disk)).isTrue();
      disk.close();
    }
  }

  @Test
  void reopeningKeepsRequestsOutButLosesNone() throws Exception {
    try (TracedDisk traced = TracedDisk.with("");
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      BlockBackend disk = traced.disk();
      Future<?> writer =
          threads.submit(
              () -> {
                for (int round = 0; round < 2000; round++) {
                  write(disk, round * 512L, 512, 5);
                }
              });
      for (int round = 0; round < 50; round++) {
        disk.reopen(disk.root().flags(), new Options());
      }
      writer.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      ByteBuffer data = ByteBuffer.allocate(2000 * 512);
      disk.read(0, data);
      for (byte b : data.array()) {
        assertThat(b).isEqualTo((byte) 5);
      }
    }
  }

  private static boolean refused(BlockBackend disk) {
    try {
      disk.length();
      return false;
    } catch (BlockIoException e) {
      return e.errno().equals(Errno.ENOMEDIUM);
    }
  }

  @Test
  void neighboursInOneBlockDoNotLoseEachOthersBytes() {
    RandomCases.run(
        "unaligned writes side by side",
        200,
        random -> {
          try (TracedDisk traced = TracedDisk.with("align=4096");
              ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            int writers = random.nextInt(2, 9);
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
              int piece = i;
              all.add(
                  threads.submit(
                      () -> {
                        for (int round = 0; round < 50; round++) {
                          write(traced.disk(), piece * 1000L, 1000, piece + 1);
                          if (round % 10 == 9) {
                            flush(traced.disk());
                          }
                        }
                      }));
            }
            for (Future<?> one : all) {
              one.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
            }
            ByteBuffer data = ByteBuffer.allocate(writers * 1000);
            traced.disk().read(0, data);
            for (int at = 0; at < data.capacity(); at++) {
              assertThat(data.get(at)).as("byte %d", at).isEqualTo((byte) (at / 1000 + 1));
            }
          }
        });
  }

  private static void write(BlockBackend disk, long offset, int bytes, int value) {
    ByteBuffer data = ByteBuffer.allocate(bytes);
    while (data.hasRemaining()) {
      data.put((byte) value);
    }
    try {
      disk.write(offset, data.flip(), 0);
    } catch (BlockIoException e) {
      throw new AssertionError(e);
    }
  }

  private static void flush(BlockBackend disk) {
    try {
      disk.flush();
    } catch (BlockIoException e) {
      throw new AssertionError(e);
    }
  }
}
