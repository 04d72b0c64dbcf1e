package io.faultdisk.cli.img;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.cli.Loop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets a few requests be in flight beside the thread that makes them, and remembers the first that
 * fails.
 *
 * <p>With an event loop they take turns as the loop says. Without one there is nobody else to do
 * them: those that wait for a device are put off until the window is full, so that those which need
 * none come before them, as they mostly do in QEMU.
 *
 * <p>For one thread, in the loop its main thread.
 */
final class RequestWindow {
  /** Something that is sent and may fail. */
  interface Request {
    void send() throws BlockIoException;
  }

  private final Optional<Loop> loop;
  private final int inFlightMax;
  private final Deque<Request> putOff = new ArrayDeque<>();
  private int inFlight;
  private @Nullable BlockIoException failure;

  /** An empty window for so many requests. */
  RequestWindow(Optional<Loop> loop, int inFlightMax) {
    this.loop = loop;
    this.inFlightMax = inFlightMax;
  }

  /** Waits for room, then starts a request that waits for a device, unless one has failed. */
  void start(Request request) throws BlockIoException {
    if (loop.isPresent()) {
      startInLoop(loop.get(), request);
      return;
    }
    if (putOff.size() == inFlightMax) {
      putOff.remove().send();
    }
    putOff.add(request);
  }

  /** The same for a request that mostly waits for nothing. */
  void startQuick(Request request) throws BlockIoException {
    if (loop.isPresent()) {
      startInLoop(loop.get(), request);
    } else {
      request.send();
    }
  }

  private void startInLoop(Loop turns, Request request) throws BlockIoException {
    turns.runUntil(() -> inFlight < inFlightMax, "for a request");
    throwFailure();
    inFlight++;
    turns.start(() -> send(request), () -> inFlight--);
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
    loop.ifPresent(turns -> turns.runUntil(() -> inFlight == 0, "for a request"));
    while (!putOff.isEmpty()) {
      send(putOff.remove());
    }
    throwFailure();
  }

  private void throwFailure() throws BlockIoException {
    if (failure != null) {
      throw failure;
    }
  }
}
