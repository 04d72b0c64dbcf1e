package io.faultdisk.cli.img;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.cli.Loop;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sends the requests of {@code bench} in the order of an event loop: for images with rules, which
 * may count requests and fail one of them.
 *
 * <p>For the loop's main thread, used once.
 */
final class BenchLoop {
  private final Loop loop;
  private final BlockBackend image;
  private final BenchPlan plan;
  private final long size;
  private final Deque<ByteBuffer> buffers = new ArrayDeque<>();
  private int sent;
  private int inFlight;
  private boolean flushing;
  private @Nullable String failure;

  BenchLoop(Loop loop, BlockBackend image, BenchPlan plan, long size) {
    this.loop = loop;
    this.image = image;
    this.plan = plan;
    this.size = size;
  }

  /** Returns what failed first, or nothing when all is done. */
  Optional<String> run() {
    send();
    loop.runUntil(
        () -> failure != null || (sent == plan.count() && inFlight == 0 && !flushing),
        "for a request");
    return Optional.ofNullable(failure);
  }

  private void send() {
    while (sent < plan.count() && inFlight < Math.max(1, plan.depth())) {
      long offset = plan.offsetOf(sent, size);
      sent++;
      inFlight++;
      ByteBuffer buffer = buffers.isEmpty() ? plan.buffer() : buffers.pop().clear();
      InLoop request =
          new InLoop(
              () -> {
                if (plan.write()) {
                  image.write(offset, buffer, RequestFlags.NONE);
                } else {
                  image.read(offset, buffer);
                }
              });
      loop.start(
          request,
          () -> {
            buffers.push(buffer);
            completed(request);
          });
    }
  }

  private void completed(InLoop request) {
    if (failure != null || request.failed("Failed request")) {
      return;
    }
    int unsent = plan.count() - sent;
    inFlight--;
    if (plan.flushInterval() > 0 && unsent % plan.flushInterval() == 0) {
      if (!plan.drain()) {
        InLoop flush = new InLoop(image::flush);
        loop.start(flush, () -> flush.failed("Failed flush request"));
      } else {
        if (inFlight == 0) {
          flush();
        }
        return;
      }
    }
    send();
  }

  private void flush() {
    flushing = true;
    InLoop flush = new InLoop(image::flush);
    loop.start(
        flush,
        () -> {
          if (!flush.failed("Failed request")) {
            flushing = false;
            send();
          }
        });
  }

  /** Something that is sent and may fail. */
  private interface Request {
    void send() throws BlockIoException;
  }

  /** One request in the loop. */
  private final class InLoop implements Runnable {
    private final Request request;
    private @Nullable BlockIoException error;

    InLoop(Request request) {
      this.request = request;
    }

    @Override
    public void run() {
      try {
        request.send();
      } catch (BlockIoException e) {
        error = e;
      }
    }

    /** Notes the failure, if it is one; the first counts. */
    boolean failed(String what) {
      if (error != null && failure == null) {
        failure = what + ": " + error.errno().text();
      }
      return error != null;
    }
  }
}
