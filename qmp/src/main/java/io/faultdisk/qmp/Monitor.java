package io.faultdisk.qmp;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Serves the clients of a character device, one at a time, on threads of its own.
 *
 * <p>A client that has left may have asked for something that takes long, or that is held at a
 * breakpoint: the next one is served meanwhile, and may be the one that lets it go. What the one
 * before has asked for is done, and told to nobody. Of those that have left {@value #LEFT_MAX} may
 * have something left to do; then the next one waits.
 *
 * <p>Any thread may close it, once or more.
 */
public final class Monitor implements AutoCloseable {
  private static final int LEFT_MAX = 32;

  private final String name;
  private final Protocol protocol;
  private final CharacterDevice device;
  private final Wire wire;

  /** The one that is served, and those that have left with something to be done. */
  private final Set<Client> clients = ConcurrentHashMap.newKeySet();

  private final Semaphore places = new Semaphore(LEFT_MAX + 1);

  /** Somebody at the other end of a link. Not a record: each is equal only to itself. */
  private static final class Client {
    private final Link link;
    private final Outbox outbox;

    private Client(Link link) {
      this.link = link;
      this.outbox = new Outbox(link.out(), () -> hangUp(link));
    }

    private void end() {
      outbox.close();
      hangUp(link);
    }
  }

  private Monitor(String name, Protocol protocol, CharacterDevice device, Wire wire) {
    this.name = name;
    this.protocol = protocol;
    this.device = device;
    this.wire = wire;
  }

  /**
   * Starts one.
   *
   * @param name for its threads
   * @param device belongs to the monitor from now on
   * @param pretty whether what it sends is laid out on many lines
   */
  public static Monitor start(
      String name, Protocol protocol, CharacterDevice device, boolean pretty) {
    Monitor monitor = new Monitor(name, protocol, device, new Wire(pretty));
    Thread.ofPlatform().daemon().name("qmp " + name).start(monitor::serve);
    return monitor;
  }

  private void serve() {
    places.acquireUninterruptibly();
    for (Optional<Link> next = device.next(); next.isPresent(); next = device.next()) {
      serve(next.get());
      places.acquireUninterruptibly();
    }
  }

  private void serve(Link link) {
    Client client = new Client(link);
    clients.add(client);
    client.outbox.start("qmp " + name + " replies");
    new Session(protocol, wire, client.outbox, () -> forget(client)).run(link.in(), "qmp " + name);
  }

  private void forget(Client client) {
    client.end();
    clients.remove(client);
    places.release();
  }

  private static void hangUp(Link link) {
    try {
      link.close();
    } catch (IOException e) {
      // It is of no use any more, closed or not.
    }
  }

  /** Sends what is still to be sent to clients, if they read it; hangs up. */
  @Override
  public void close() {
    device.close();
    List<Thread> ends = clients.stream().map(each -> Thread.startVirtualThread(each::end)).toList();
    try {
      for (Thread end : ends) {
        end.join();
      }
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    }
  }
}
