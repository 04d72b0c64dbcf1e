package io.faultdisk.qmp;

import io.faultdisk.nbd.server.Listening;
import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Sockets that clients connect to. While one is served the others wait in the system's queue.
 *
 * <p>One thread at a time waits.
 */
public final class ListeningDevice implements CharacterDevice {
  private final Listening listening;
  private final Selector selector;
  private final ReentrantLock waiting = new ReentrantLock();
  private Optional<Link> early = Optional.empty();

  /** A device at sockets that are open; it closes them. */
  public ListeningDevice(Listening listening) throws IOException {
    this.listening = listening;
    this.selector = Selector.open();
    for (ServerSocketChannel socket : listening.sockets()) {
      socket.configureBlocking(false);
      var unused = socket.register(selector, SelectionKey.OP_ACCEPT);
    }
  }

  /** Waits for the first client before anything else is done. */
  public void awaitClient() {
    early = accept();
  }

  @Override
  public Optional<Link> next() {
    Optional<Link> first = early;
    early = Optional.empty();
    return first.isPresent() ? first : accept();
  }

  private Optional<Link> accept() {
    waiting.lock();
    try {
      while (selector.isOpen()) {
        var unused = selector.select();
        Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
        while (ready.hasNext()) {
          SelectionKey key = ready.next();
          ready.remove();
          SocketChannel client = ((ServerSocketChannel) key.channel()).accept();
          if (client != null) {
            client.configureBlocking(true);
            return Optional.of(new SocketLink(client));
          }
        }
      }
    } catch (IOException | ClosedSelectorException | java.nio.channels.CancelledKeyException e) {
      // Closed.
    } finally {
      waiting.unlock();
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    try {
      selector.close();
    } catch (IOException e) {
      // It is of no use any more, closed or not.
    }
    listening.close();
  }
}
