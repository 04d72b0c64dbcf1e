package io.faultdisk.nbd.server;

import io.faultdisk.base.Clock;
import io.faultdisk.nbd.SocketTransport;
import io.faultdisk.nbd.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A client's socket that is looked at for a moment before its thread goes to sleep.
 *
 * <p>A busy client's next request comes within some ten microseconds. To sleep that long and be
 * woken up takes a processor that idles meanwhile, above all a virtual one, about as long again,
 * and the client has to spend time on waking it. So while requests come quickly, receiving asks
 * again and again for up to {@value #WATCH_NANOS} ns, letting others have the processor in between.
 * The first time that nothing comes it sleeps, and watches again only when requests come quickly
 * once more: an idle client costs nothing.
 *
 * <p>Threads: as {@link Transport} says.
 */
final class PollingTransport implements Transport {
  /** Longer than a client needs to wake up, take its replies and ask for more. */
  private static final long WATCH_NANOS = 100_000;

  private final SocketChannel channel;
  private final SocketTransport socket;
  private final Clock clock;

  private volatile @Nullable Selector readable;
  private volatile @Nullable Selector writable;
  private boolean quick;

  /**
   * Takes the socket over; {@link #close} closes it.
   *
   * @throws IOException if it is broken already
   */
  PollingTransport(SocketChannel channel, Clock clock) throws IOException {
    this.channel = channel;
    this.socket = new SocketTransport(channel);
    this.clock = clock;
    channel.configureBlocking(false);
  }

  @Override
  @SuppressWarnings("ThreadPriorityCheck") // the client may need this very processor
  public int receive(ByteBuffer target) throws IOException {
    int count = channel.read(target);
    if (count != 0) {
      return count;
    }
    long start = clock.nanoTime();
    while (quick) {
      Thread.yield();
      count = channel.read(target);
      if (count != 0) {
        return count;
      }
      quick = clock.nanoTime() - start < WATCH_NANOS;
    }
    Selector selector = readable;
    if (selector == null) {
      selector = selector(SelectionKey.OP_READ);
      readable = selector;
    }
    while (count == 0) {
      await(selector);
      count = channel.read(target);
    }
    quick = clock.nanoTime() - start < WATCH_NANOS;
    return count;
  }

  @Override
  public void send(ByteBuffer source) throws IOException {
    channel.write(source);
    while (source.hasRemaining()) {
      Selector selector = writable;
      if (selector == null) {
        selector = selector(SelectionKey.OP_WRITE);
        writable = selector;
      }
      await(selector);
      channel.write(source);
    }
  }

  private Selector selector(int operation) throws IOException {
    Selector selector = Selector.open();
    try {
      channel.register(selector, operation);
      return selector;
    } catch (IOException e) {
      selector.close();
      throw e;
    }
  }

  /** Returns when the socket is ready, or might be. */
  private void await(Selector selector) throws IOException {
    requireOpen(selector); // who closed it may not have seen the selector yet
    try {
      selector.select(key -> {});
    } catch (ClosedSelectorException e) {
      throw closed(e);
    }
    requireOpen(selector);
  }

  private void requireOpen(Selector selector) throws IOException {
    if (!channel.isOpen()) {
      selector.close(); // or it would keep the socket
      throw new AsynchronousCloseException();
    }
  }

  private static IOException closed(ClosedSelectorException e) {
    IOException closed = new AsynchronousCloseException();
    closed.initCause(e);
    return closed;
  }

  @Override
  public void stopReceiving() {
    socket.stopReceiving();
  }

  @Override
  public void stopSending() throws IOException {
    socket.stopSending();
  }

  @Override
  public String peer() {
    return socket.peer();
  }

  @Override
  public void close() {
    socket.close();
    close(readable);
    close(writable);
  }

  private static void close(@Nullable Selector selector) {
    if (selector != null) {
      try {
        selector.close();
      } catch (IOException e) {
        // Nobody uses it any more.
      }
    }
  }
}
