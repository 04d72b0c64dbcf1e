package io.faultdisk.nbd.server;

import io.faultdisk.nbd.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One client: what its loop and its requests that run elsewhere have in common.
 *
 * <p>It lives as long as its loop, and then until the last request has ended. A client that leaves
 * in an orderly way still gets the replies to what it has asked for; one that breaks the protocol
 * is cut off at once.
 *
 * <p>Any thread. Of the two locks, that for sending may be held for long, when the client does not
 * read; so nobody sends from within the block layer.
 */
final class Connection implements ServerThread.Task {
  private final NbdServer server;
  private final ReentrantLock sending = new ReentrantLock();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Condition cutOff = lock.newCondition();
  private volatile Transport transport;

  /** Requests that do not run in the loop, for others to see without the lock. */
  private volatile int inFlight;

  private boolean loopEnded;
  private volatile boolean closed;
  private volatile boolean negotiated;

  Connection(NbdServer server, Transport transport) {
    this.server = server;
    this.transport = transport;
  }

  /** The whole session, or its part up to the first hand-over. */
  @Override
  public void run() {
    String reason = "internal error";
    try {
      Optional<Agreement> agreement = handshake();
      if (agreement.isPresent()) {
        reason = "";
        runLoop(new RequestLoop(this, agreement.get()));
        return;
      }
      reason = "";
    } catch (ProtocolViolation | IOException e) {
      reason = "handshake failed: " + e.getMessage();
    } finally {
      if (!negotiated) {
        end(reason);
      }
    }
  }

  private Optional<Agreement> handshake() throws ProtocolViolation, IOException {
    Handshake handshake = new Handshake(transport, server.exports(), server.encryption());
    try {
      Optional<Agreement> agreement = handshake.run();
      negotiated = agreement.isPresent() && server.negotiated(this, agreement.get().export());
      return negotiated ? agreement : Optional.empty();
    } finally {
      transport = handshake.transport();
    }
  }

  private static void runLoop(RequestLoop loop) {
    ((ServerThread) Thread.currentThread()).task(loop);
    loop.run();
  }

  @Override
  public void beforeWait() {
    // A handshake does not send requests.
  }

  @Override
  public void afterWait() {}

  BufferPool buffers() {
    return server.buffers();
  }

  ServerThreads threads() {
    return server.threads();
  }

  /** See {@link Transport#receive}; for the loop. */
  int receive(ByteBuffer target) throws IOException {
    return transport.receive(target);
  }

  /** Sends a whole reply, or several; any thread. */
  void send(ByteBuffer replies) throws IOException {
    sending.lock();
    try {
      transport.send(replies);
    } finally {
      sending.unlock();
    }
  }

  /** Sends a part of a reply and cuts the client off, so that nothing comes behind it. */
  void sendLast(ByteBuffer part) throws IOException {
    sending.lock();
    try {
      transport.send(part);
      close();
    } finally {
      sending.unlock();
    }
  }

  /** Waits for so many nanoseconds, or until the client is cut off. */
  void pause(long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && !closed) {
        left = cutOff.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** A request goes on outside of the loop. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // changed under the lock only
  void requestBegan() {
    lock.lock();
    try {
      inFlight++;
    } finally {
      lock.unlock();
    }
  }

  /** A request outside of the loop has ended, and has sent its reply if it could. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // changed under the lock only
  void requestEnded() {
    boolean last;
    lock.lock();
    try {
      inFlight--;
      room.signal();
      last = loopEnded && inFlight == 0;
    } finally {
      lock.unlock();
    }
    if (last) {
      closePolitely();
      server.released(this);
    }
  }

  /** Whether there are as many requests outside of the loop as there may be. */
  boolean isFull() {
    return inFlight >= server.limits().inFlightMax();
  }

  /** Waits until there are fewer; for the loop. */
  void awaitRoom() throws IOException {
    lock.lock();
    try {
      while (isFull() && !closed) {
        room.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
    if (closed) {
      throw new IOException("closed");
    }
  }

  /**
   * The session has ended: no more requests come. Called once, by whoever ran it last.
   *
   * @param reason why the client is cut off; empty if it left
   */
  void end(String reason) {
    if (!reason.isEmpty() && !closed) {
      server.log(transport.peer() + ": " + reason);
    }
    boolean idle;
    lock.lock();
    try {
      loopEnded = true;
      idle = inFlight == 0;
    } finally {
      lock.unlock();
    }
    if (!reason.isEmpty()) {
      close();
    } else if (idle) {
      closePolitely();
    }
    server.ended(this, negotiated);
    if (idle) {
      server.released(this);
    }
  }

  /** After the last reply to a client that has left in order: tells it that this was the last. */
  private void closePolitely() {
    sending.lock();
    try {
      transport.stopSending();
    } catch (IOException e) {
      // It does not want to hear it.
    } finally {
      sending.unlock();
    }
    close();
  }

  /** No more requests shall be received; those that were are answered. */
  void stopReceiving() {
    transport.stopReceiving();
  }

  /** Whether requests go on outside of the loop. */
  boolean hasRequests() {
    return inFlight > 0;
  }

  /** Cuts the client off. Requests in flight end when they end. */
  void close() {
    lock.lock();
    try {
      closed = true;
      room.signalAll();
      cutOff.signalAll();
    } finally {
      lock.unlock();
    }
    transport.close();
  }
}
