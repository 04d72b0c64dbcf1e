package io.faultdisk.cli.img;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Sends the requests of {@code bench} from a few threads of its own, each with one request in
 * flight.
 *
 * <p>A request on a cached file keeps a processor busy all the time, so more threads than
 * processors would only wait for each other; past the cache there are as many threads as requests
 * are wanted in flight.
 *
 * <p>For one thread, used once.
 */
final class BenchRun {
  /** A request and a flush fail with different words. */
  static final class Failed extends Exception {
    private static final long serialVersionUID = 1L;

    private final String what;

    Failed(String what, BlockIoException cause) {
      super(what, cause);
      this.what = what + ": " + cause.errno().text();
    }

    /** The text for the user. */
    String what() {
      return what;
    }
  }

  private final BlockBackend image;
  private final BenchPlan plan;
  private final long size;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger completed = new AtomicInteger();
  private final AtomicReference<@Nullable Failed> failure = new AtomicReference<>();
  private final Queue<ByteBuffer> buffers = new ConcurrentLinkedQueue<>();

  BenchRun(BlockBackend image, BenchPlan plan, long size) {
    this.image = image;
    this.plan = plan;
    this.size = size;
  }

  /** Returns when all is done, or at the first failure. */
  void run(int threads) throws Failed {
    int end = plan.firstRound();
    while (true) {
      int last = end;
      Workers.run(Optional.empty(), threads, () -> sendAll(last));
      next.set(end);
      Failed failed = failure.get();
      if (failed != null) {
        throw failed;
      }
      if (plan.flushInterval() > 0 && plan.drain()) {
        flush("Failed request");
      }
      if (end == plan.count()) {
        return;
      }
      end += plan.flushInterval();
    }
  }

  /** Sends requests up to the one with number {@code end}. */
  private void sendAll(int end) {
    ByteBuffer idle = buffers.poll();
    ByteBuffer buffer = idle == null ? plan.buffer() : idle;
    try {
      for (int number = next.getAndIncrement();
          number < end && failure.get() == null;
          number = next.getAndIncrement()) {
        send(plan.offsetOf(number, size), buffer.clear());
        if (plan.flushesAfter(completed.incrementAndGet())) {
          flush("Failed flush request");
        }
      }
    } catch (Failed failed) {
      failure.compareAndSet(null, failed);
    }
    buffers.add(buffer);
  }

  private void send(long offset, ByteBuffer buffer) throws Failed {
    try {
      if (plan.write()) {
        image.write(offset, buffer, RequestFlags.NONE);
      } else {
        image.read(offset, buffer);
      }
    } catch (BlockIoException e) {
      throw new Failed("Failed request", e);
    }
  }

  private void flush(String what) throws Failed {
    try {
      image.flush();
    } catch (BlockIoException e) {
      throw new Failed(what, e);
    }
  }
}
