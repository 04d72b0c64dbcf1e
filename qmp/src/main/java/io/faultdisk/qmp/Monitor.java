package io.faultdisk.qmp;

import java.io.IOException;
import java.util.Optional;

/**
 * Serves the clients of a character device, one at a time, on threads of its own.
 *
 * <p>Any thread may close it, once or more.
 */
public final class Monitor implements AutoCloseable {
  private final String name;
  private final Protocol protocol;
  private final CharacterDevice device;
  private final Wire wire;
  private volatile Optional<Client> client = Optional.empty();

  private record Client(Link link, Outbox outbox) {
    void end() {
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
    for (Optional<Link> next = device.next(); next.isPresent(); next = device.next()) {
      serve(next.get());
    }
  }

  private void serve(Link link) {
    Outbox outbox = new Outbox(link.out(), () -> hangUp(link));
    Client current = new Client(link, outbox);
    client = Optional.of(current);
    outbox.start("qmp " + name + " replies");
    try {
      new Session(protocol, wire, outbox).run(link.in(), "qmp " + name);
    } finally {
      current.end();
      client = Optional.empty();
    }
  }

  private static void hangUp(Link link) {
    try {
      link.close();
    } catch (IOException e) {
      // It is of no use any more, closed or not.
    }
  }

  /** Sends what is still to be sent to the client, if it reads it; hangs up. */
  @Override
  public void close() {
    device.close();
    client.ifPresent(Client::end);
  }
}
