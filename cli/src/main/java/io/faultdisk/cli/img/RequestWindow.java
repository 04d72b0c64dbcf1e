package io.faultdisk.cli.img;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.cli.Loop;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets a few requests be in flight beside the thread that makes them, and remembers the first that
 * fails.
 *
 * <p>With an event loop they take turns as the loop says; without one each is done at once. For one
 * thread, in the loop its main thread.
 */
final class RequestWindow {
  /** Something that is sent and may fail. */
  interface Request {
    void send() throws BlockIoException;
  }

  private final Optional<Loop> loop;
  private final int inFlightMax;
  private int inFlight;
  private @Nullable BlockIoException failure;

  /** An empty window for so many requests. */
  RequestWindow(Optional<Loop> loop, int inFlightMax) {
    this.loop = loop;
    this.inFlightMax = inFlightMax;
  }

  /** Waits for room, then starts the request, unless one has failed meanwhile. */
  void start(Request request) throws BlockIoException {
    loop.ifPresent(l -> l.runUntil(() -> inFlight < inFlightMax, "for a request"));
    throwFailure();
    if (loop.isEmpty()) {
      request.send();
      return;
    }
    inFlight++;
    loop.get().start(() -> send(request), () -> inFlight--);
  }

  private void send(Request request) {
    try {
      request.send();
    } catch (BlockIoException e) {
      if (failure == null) {
        failure = e;
      }
    }
  }

  /** Waits for all requests; then throws what the first failing one did. */
  void drain() throws BlockIoException {
    loop.ifPresent(l -> l.runUntil(() -> inFlight == 0, "for a request"));
    throwFailure();
  }

  private void throwFailure() throws BlockIoException {
    if (failure != null) {
      throw failure;
    }
  }
}
