package io.faultdisk.cli.daemon;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.block.Messages;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Program;
import io.faultdisk.cli.daemon.DaemonOptions.DaemonOption;
import io.faultdisk.cli.explore.ScriptExplorations;
import io.faultdisk.cli.io.DaemonCommands;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.cli.tool.Refusal;
import io.faultdisk.console.ConsoleServer;
import io.faultdisk.daemon.DaemonListener;
import io.faultdisk.daemon.DiskRequest;
import io.faultdisk.daemon.NbdServerRequest;
import io.faultdisk.daemon.StorageDaemon;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.nbd.NbdLimits;
import io.faultdisk.nbd.server.ListenAddress;
import io.faultdisk.qmp.QmpServer;
import io.faultdisk.qmp.schema.ArgumentChecker;
import io.faultdisk.qmp.schema.KeyValues;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * The daemon and its monitors, while options are applied to it and after that.
 *
 * <p>For the thread that reads the command line, except for what others report.
 */
final class RunningDaemon implements AutoCloseable {
  /** Where {@code nbd} listens, too, if nobody says where. */
  private static final ListenAddress USUAL_ADDRESS =
      new ListenAddress.Inet("127.0.0.1", Integer.toString(NbdLimits.DEFAULT_PORT));

  private final Console console;
  private final StorageDaemon daemon;
  private final QmpServer qmp;
  private final CharacterDevices devices;
  private final ScriptExplorations explorations = new ScriptExplorations();
  private Optional<ConsoleServer> http = Optional.empty();

  /** Whether clients are served where nobody has asked for. */
  private boolean usualServer;

  /** The option that is being applied, as messages name it; empty when all are. */
  private volatile String place = "";

  /**
   * One with nothing in it.
   *
   * @param end to be counted down when a client wants it to end
   * @param daemonize whether it will have no standard streams
   */
  RunningDaemon(Program program, Console console, CountDownLatch end, boolean daemonize) {
    this.console = console;
    this.daemon =
        new StorageDaemon(
            program.dialect(),
            objects -> Drivers.all(program.dialect(), objects),
            new PlacedMessages(),
            new DaemonCommands(program));
    daemon.listen(
        new DaemonListener() {
          @Override
          public void log(String message) {
            report(message);
          }
        });
    this.qmp = new QmpServer(daemon, QmpVersions.of(program), program.dialect(), end::countDown);
    this.devices = new CharacterDevices(console, program.dialect(), daemonize);
  }

  /** Reports with the option in front that it is about. */
  private final class PlacedMessages implements Messages {
    @Override
    public void lines(String text) {
      console.error(text);
    }

    @Override
    public void report(String text) {
      RunningDaemon.this.report(text);
    }
  }

  private void report(String text) {
    console.report(place + text);
  }

  /**
   * Applies an option.
   *
   * @param written how the option and its argument stand on the command line
   * @throws Refusal if it was refused, which has been printed
   */
  void apply(DaemonOption option, String written, String argument) throws Refusal {
    place = written + ": ";
    try {
      option.action().run(this, argument);
    } catch (UsageException refused) {
      console.report(place + refused.getMessage(), refused.hints());
      throw new Refusal();
    } finally {
      place = "";
    }
  }

  /** The argument of an option, JSON or {@code key=value,...}, checked. */
  private JsonObject read(String type, String impliedKey, String text) throws UsageException {
    if (!text.startsWith("{")) {
      return ArgumentChecker.ofKeyValues(qmp.schema())
          .check(type, KeyValues.parse(text, impliedKey));
    }
    // What starts with a brace and is JSON is an object.
    return ArgumentChecker.ofJson(qmp.schema()).check(type, (JsonObject) Json.parse(text));
  }

  void addNode(String text) throws UsageException {
    qmp.storage().addNode(read("BlockdevOptions", "driver", text));
  }

  void startNbdServer(String text) throws UsageException {
    if (usualServer) {
      throw new UsageException(
          "NBD server already running", "--disk has started it: put --nbd-server before --disk.");
    }
    qmp.storage().startServer(read("NbdServerOptions", "", text));
  }

  void addExport(String text) throws UsageException {
    qmp.storage().addExport(read("BlockExportOptions", "type", text));
  }

  void addObject(String text) throws UsageException {
    qmp.storage().addObject(read("ObjectOptions", "qom-type", text));
  }

  void addCharacterDevice(String text) throws UsageException {
    devices.add(text, place);
  }

  void addMonitor(String text) throws UsageException {
    JsonObject options = read("MonitorOptions", "chardev", text);
    if (!(options.members().get("chardev") instanceof JsonString(String id))) {
      throw new IllegalStateException("the schema wants a chardev");
    }
    devices.requireFree(id);
    if (new JsonString("readline").equals(options.members().get("mode"))) {
      throw new UsageException("Only QMP is supported");
    }
    boolean pretty = new JsonBool(true).equals(options.members().get("pretty"));
    qmp.addMonitor(id, devices.take(id), pretty);
  }

  /** A disk in one word; served on the usual port if nobody has chosen another before. */
  void addDisk(String text) throws UsageException {
    DiskRequest request = DiskOption.parse(text);
    if (daemon.nbdServerAddresses().isEmpty()) {
      try {
        daemon.startNbdServer(NbdServerRequest.at(USUAL_ADDRESS));
        usualServer = true;
      } catch (UsageException taken) {
        throw new UsageException(
            taken.getMessage(), "Choose where to serve with --nbd-server, before --disk.");
      }
    }
    Disk disk = daemon.addDisk(request);
    daemon.exportUris(disk.name()).forEach(uri -> console.line("disk:    " + uri));
  }

  void serveHttp(String text) throws UsageException {
    HttpOption option = HttpOption.parse(text, System.getenv());
    if (http.isPresent()) {
      throw new UsageException("HTTP is served already");
    }
    ConsoleServer server = option.start(daemon, daemon.objects(), explorations, console);
    http = Optional.of(server);
    console.line("console: " + server.url());
  }

  /** If a client is waited for, it is no more; any thread. */
  void stopWaiting() {
    devices.stopWaiting();
  }

  /** Everything on disk, then goodbye to the clients. */
  @Override
  public void close() {
    http.ifPresent(ConsoleServer::close);
    explorations.close();
    qmp.endCommands();
    daemon.close();
    qmp.close();
    devices.close();
  }
}
