package io.faultdisk.nbd.server;

import io.faultdisk.base.Clock;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Serves exports to NBD clients that connect to its sockets.
 *
 * <pre>
 *   BlockGraph graph = new BlockGraph(drivers, new ServerTurns(), messages);
 *   NbdServer server = new NbdServer(ServerLimits.DEFAULT, Optional.empty(), listener);
 *   server.add(new Export(graph.open(...), Export.Settings.named("")));
 *   server.listen(Sockets.unix(path));
 *   ...
 *   server.close();
 *   graph.close();
 * </pre>
 *
 * <p>Any thread. The listener is told on the server's threads.
 */
public final class NbdServer implements AutoCloseable {
  private final ServerLimits limits;
  private final Optional<Encryption> encryption;
  private final Listener listener;
  private final ExportTable exports = new ExportTable();
  private final BufferPool buffers;
  private final ServerThreads threads;
  private final Clock clock = Clock.system();
  private final ScheduledExecutorService timer;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<Connection> connections = new HashSet<>();
  private final Set<Connection> handshakes = new HashSet<>();

  /** What clients have chosen, until the last of their requests has ended. */
  private final Map<Connection, Export> users = new HashMap<>();

  private final List<ServerSocketChannel> sockets = new ArrayList<>();
  private boolean closing;

  /** Who wants to know what happens; the methods must not block. */
  public interface Listener {
    /** Something that whoever runs the server may want to read: why a client was cut off. */
    void log(String message);

    /**
     * A client has left, or was cut off.
     *
     * @param negotiated whether it had chosen an export
     * @param remaining how many are still connected
     */
    default void disconnected(boolean negotiated, int remaining) {}

    /**
     * Nobody uses an export any more: the last client that had chosen it has gone, and the last of
     * its requests has ended.
     */
    default void idle(Export export) {}
  }

  /** A server without exports and sockets. */
  public NbdServer(ServerLimits limits, Optional<Encryption> encryption, Listener listener) {
    this.limits = limits;
    this.encryption = encryption;
    this.listener = listener;
    this.buffers = new BufferPool(limits.memoryBytes());
    this.threads = new ServerThreads(limits.workersMax());
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "nbd-timer");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Serves one more image; false if there is an export of that name already. */
  public boolean add(Export export) {
    return exports.add(export);
  }

  /** New clients do not find it any more; those that use it go on. */
  public void remove(Export export) {
    lock.lock();
    try {
      exports.remove(export);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Clients that have chosen that export; one that has gone counts until the last of its requests
   * has ended.
   */
  public int clients(Export export) {
    lock.lock();
    try {
      return (int) users.values().stream().filter(used -> used == export).count();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Cuts off all clients of an export. Those of their requests that are in flight end when they
   * end, unanswered; {@link Listener#idle} tells of that.
   */
  public void cutOff(Export export) {
    List<Connection> cut = new ArrayList<>();
    lock.lock();
    try {
      users.forEach(
          (connection, used) -> {
            if (used == export) {
              cut.add(connection);
            }
          });
    } finally {
      lock.unlock();
    }
    cut.forEach(Connection::close);
  }

  /** Accepts clients there, from now on; {@link #close} closes the socket. */
  public void listen(ServerSocketChannel socket) {
    lock.lock();
    try {
      sockets.add(socket);
    } finally {
      lock.unlock();
    }
    Thread thread = new Thread(() -> accept(socket), "nbd-accept");
    thread.setDaemon(true);
    thread.start();
  }

  /** Clients that are connected. */
  public int connections() {
    lock.lock();
    try {
      return connections.size();
    } finally {
      lock.unlock();
    }
  }

  /** Bytes of memory that connections have of {@link ServerLimits#memoryBytes}. */
  public long memoryBytes() {
    return buffers.allBytes();
  }

  /** Threads of connections and requests, also those that are idle for a moment. */
  public int threadCount() {
    return threads.alive();
  }

  /**
   * Ends in order: no more clients, no more requests; those in flight are answered, for as long as
   * {@link ServerLimits#drainMillis} allows; then clients are cut off and every export is flushed.
   *
   * <p>Requests that stand at a breakpoint count as in flight; they are not resumed. Idempotent.
   */
  @Override
  public void close() {
    Optional<List<Connection>> unlessEnded = stopAccepting();
    if (unlessEnded.isEmpty()) {
      return;
    }
    List<Connection> open = unlessEnded.get();
    open.forEach(Connection::stopReceiving);
    if (!awaitEnd(open, limits.drainMillis())) {
      listener.log("clients still had requests in flight");
    }
    open.forEach(Connection::close);
    buffers.close();
    timer.shutdownNow();
    flush();
  }

  /**
   * Ends at once: no more clients, and those that there are get cut off. Requests in flight end
   * when they end, unanswered; nothing is flushed. Idempotent.
   */
  public void stop() {
    stopAccepting()
        .ifPresent(
            open -> {
              open.forEach(Connection::close);
              buffers.close();
              timer.shutdownNow();
            });
  }

  /** No more clients from now on; those that there are, unless it was ending already. */
  private Optional<List<Connection>> stopAccepting() {
    List<Connection> open;
    lock.lock();
    try {
      if (closing) {
        return Optional.empty();
      }
      closing = true;
      changed.signalAll();
      open = List.copyOf(connections);
    } finally {
      lock.unlock();
    }
    sockets.forEach(NbdServer::close);
    return Optional.of(open);
  }

  /** Waits until all sessions have ended and their requests, too; false if that takes too long. */
  private boolean awaitEnd(List<Connection> open, long millis) {
    long deadline = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    lock.lock();
    try {
      while (!connections.isEmpty() || open.stream().anyMatch(Connection::hasRequests)) {
        long left = Math.min(deadline - clock.nanoTime(), TimeUnit.MILLISECONDS.toNanos(10));
        if (left <= 0) {
          return false;
        }
        changed.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void flush() {
    for (Export export : exports.all()) {
      try {
        export.image().flush();
      } catch (IOException e) {
        listener.log("flush of export '" + export.name() + "' failed: " + e.getMessage());
      }
    }
  }

  private void accept(ServerSocketChannel socket) {
    try {
      while (awaitRoom()) {
        serve(socket.accept());
      }
    } catch (IOException e) {
      lock.lock();
      try {
        if (closing) {
          return;
        }
      } finally {
        lock.unlock();
      }
      listener.log("cannot accept clients any more: " + e.getMessage());
    }
  }

  /** Waits until one more client may connect; false if none may any more. */
  private boolean awaitRoom() {
    lock.lock();
    try {
      while (connections.size() >= limits.connectionsMax() && !closing) {
        changed.awaitUninterruptibly();
      }
      return !closing;
    } finally {
      lock.unlock();
    }
  }

  private void serve(SocketChannel channel) {
    try {
      channel.setOption(StandardSocketOptions.SO_SNDBUF, BufferPool.LARGE_BYTES);
      serve(new Connection(this, new PollingTransport(channel, clock)));
    } catch (IOException e) {
      close(channel);
    }
  }

  /** Serves a client that is connected in whatever way. */
  void serve(Connection connection) {
    lock.lock();
    try {
      if (closing) {
        connection.close();
        return;
      }
      connections.add(connection);
      handshakes.add(connection);
      watchHandshake(connection);
    } finally {
      lock.unlock();
    }
    boolean started = false;
    try {
      threads.start(connection);
      started = true;
    } finally {
      if (!started) {
        connection.end("no thread for it");
      }
    }
  }

  private void watchHandshake(Connection connection) {
    ScheduledFuture<?> unused =
        timer.schedule(
            () -> {
              if (removeHandshake(connection)) {
                listener.log("a client did not choose an export in time");
                connection.close();
              }
            },
            limits.handshakeMillis(),
            TimeUnit.MILLISECONDS);
  }

  private boolean removeHandshake(Connection connection) {
    lock.lock();
    try {
      return handshakes.remove(connection);
    } finally {
      lock.unlock();
    }
  }

  private static void close(Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // It is of no use any more, closed or not.
    }
  }

  ExportTable exports() {
    return exports;
  }

  Optional<Encryption> encryption() {
    return encryption;
  }

  BufferPool buffers() {
    return buffers;
  }

  ServerThreads threads() {
    return threads;
  }

  ServerLimits limits() {
    return limits;
  }

  void log(String message) {
    listener.log(message);
  }

  /** The client has chosen its export; false if that was too late, or the export is gone. */
  boolean negotiated(Connection connection, Export export) {
    lock.lock();
    try {
      if (!handshakes.remove(connection) || !exports.all().contains(export)) {
        return false;
      }
      users.put(connection, export);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The session has ended, and the last request of it, too. */
  void released(Connection connection) {
    Export export;
    boolean idle;
    lock.lock();
    try {
      export = users.remove(connection);
      idle = export != null && !users.containsValue(export);
    } finally {
      lock.unlock();
    }
    if (idle && export != null) {
      listener.idle(export);
    }
  }

  /** The session has ended. */
  void ended(Connection connection, boolean negotiated) {
    int remaining;
    lock.lock();
    try {
      connections.remove(connection);
      handshakes.remove(connection);
      remaining = connections.size();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    listener.disconnected(negotiated, remaining);
  }
}
