package io.faultdisk.qmp;

import io.faultdisk.base.Clock;
import io.faultdisk.daemon.StorageDaemon;
import io.faultdisk.qmp.schema.Schema;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * QMP for a storage daemon: what there is to execute, and the monitors that clients connect to.
 *
 * <p>Any thread. Closing it, once or more, hangs up on the clients; the daemon goes on.
 */
public final class QmpServer implements AutoCloseable {
  private final StorageDaemon daemon;
  private final Protocol protocol;
  private final Commands commands;
  private final StorageCommands storage;
  private final StorageEvents news;
  private final List<Monitor> monitors = new CopyOnWriteArrayList<>();

  /**
   * One without monitors.
   *
   * @param quit told on any thread that a client wants the daemon to end
   */
  public QmpServer(StorageDaemon daemon, QmpVersion version, Runnable quit) {
    this.daemon = daemon;
    this.commands =
        new Commands(Schema.ofResources(QmpServer.class, "control.schema", "block.schema"));
    this.storage = new StorageCommands(daemon);
    storage.addTo(commands);
    Events events = new Events(Clock.system());
    this.protocol = new Protocol(commands, events, version, quit);
    this.news = new StorageEvents(events);
    daemon.listen(news);
    List<String> missing = commands.missing();
    if (!missing.isEmpty()) {
      throw new IllegalStateException("nothing executes " + missing);
    }
  }

  /** What arguments are checked by. */
  public Schema schema() {
    return commands.schema();
  }

  /** Its commands, for who has read their arguments elsewhere. */
  public StorageCommands storage() {
    return storage;
  }

  /**
   * Starts a monitor.
   *
   * @param device belongs to it from now on
   * @param pretty whether what it sends is laid out on many lines
   */
  public void addMonitor(String name, CharacterDevice device, boolean pretty) {
    monitors.add(Monitor.start(name, protocol, device, pretty));
  }

  @Override
  public void close() {
    monitors.forEach(Monitor::close);
    monitors.clear();
    daemon.forget(news);
  }
}
