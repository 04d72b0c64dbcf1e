package io.faultdisk.qmp;

import io.faultdisk.base.Clock;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.daemon.StorageDaemon;
import io.faultdisk.qmp.schema.Schema;
import io.faultdisk.rules.Dialect;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * QMP for a storage daemon: what there is to execute, and the monitors that clients connect to.
 *
 * <p>Any thread. Closing it, once or more, hangs up on the clients; it does not close the daemon.
 */
public final class QmpServer implements AutoCloseable {
  private static final long COMMAND_NANOS_MAX = TimeUnit.SECONDS.toNanos(2);

  private final StorageDaemon daemon;
  private final Protocol protocol;
  private final Commands commands;
  private final StorageCommands storage;
  private final StorageEvents news;
  private final DiskEvents diskNews;
  private final List<Monitor> monitors = new CopyOnWriteArrayList<>();

  /**
   * One without monitors.
   *
   * @param dialect {@link Dialect#QEMU} to take and refuse what QEMU does
   * @param quit told on any thread that a client has ended the daemon
   */
  public QmpServer(StorageDaemon daemon, QmpVersion version, Dialect dialect, Runnable quit) {
    this.daemon = daemon;
    this.commands = new Commands(QmpSchema.of(dialect));
    this.storage = new StorageCommands(daemon);
    storage.addTo(commands);
    new DiskCommands(daemon).addTo(commands);
    HumanMonitor human = new HumanMonitor(daemon);
    commands.add(
        "human-monitor-command",
        given -> new JsonString(human.run(new Arguments(given).requireString("command-line"))));
    Events events = new Events(Clock.system());
    this.protocol =
        new Protocol(
            commands,
            events,
            version,
            () -> {
              // Whoever gets the reply knows that everything is on disk.
              daemon.close();
              quit.run();
            });
    this.news = new StorageEvents(events);
    this.diskNews = new DiskEvents(events, Clock.system());
    daemon.listen(news);
    daemon.disks().listen(diskNews);
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

  /** No more commands; waits for those that are being executed, for a while. */
  public void endCommands() {
    protocol.end(COMMAND_NANOS_MAX);
  }

  @Override
  public void close() {
    endCommands();
    monitors.forEach(Monitor::close);
    monitors.clear();
    daemon.forget(news);
    daemon.disks().unlisten(diskNews);
  }
}
