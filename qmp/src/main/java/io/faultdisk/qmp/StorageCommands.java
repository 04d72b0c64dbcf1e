package io.faultdisk.qmp;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.block.options.Options;
import io.faultdisk.daemon.ExportInfo;
import io.faultdisk.daemon.ExportRequest;
import io.faultdisk.daemon.ExportRequest.BitmapChoice;
import io.faultdisk.daemon.JobInfo;
import io.faultdisk.daemon.NbdServerRequest;
import io.faultdisk.daemon.NodeReport;
import io.faultdisk.daemon.RemoveMode;
import io.faultdisk.daemon.StorageDaemon;
import io.faultdisk.nbd.server.ListenAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The commands of qemu-storage-daemon: each takes its arguments apart and calls a {@link
 * StorageDaemon}. What {@code --blockdev}, {@code --nbd-server}, {@code --export} and {@code
 * --object} say goes the same way.
 *
 * <p>Any thread.
 */
public final class StorageCommands {
  static final JsonObject NOTHING = new JsonObject(Map.of());

  private final StorageDaemon daemon;

  /** Commands on that daemon. */
  public StorageCommands(StorageDaemon daemon) {
    this.daemon = daemon;
  }

  /** Something without a result. */
  private interface Change {
    void make(Arguments arguments) throws UsageException;
  }

  /** Adds all of them. */
  public void addTo(Commands commands) {
    change(commands, "blockdev-add", given -> addNode(given.object()));
    change(commands, "blockdev-del", given -> daemon.deleteNode(given.requireString("node-name")));
    change(commands, "blockdev-reopen", this::reopen);
    change(commands, "block_resize", this::resize);
    commands.add("query-named-block-nodes", given -> nodes(new Arguments(given)));
    change(
        commands,
        "blockdev-create",
        given -> daemon.createImage(given.requireString("job-id"), given.object("options").flat()));
    commands.add("query-jobs", _ -> Fields.list(daemon.jobs(), StorageCommands::job));
    change(commands, "job-dismiss", given -> daemon.dismissJob(given.requireString("id")));
    for (String verb : List.of("pause", "resume", "cancel", "complete", "finalize")) {
      change(
          commands, "job-" + verb, given -> daemon.refuseJobVerb(given.requireString("id"), verb));
    }
    change(
        commands,
        "nbd-server-start",
        given -> {
          Arguments address = given.object("addr");
          startServer(given, address.requireString("type"), address.object("data"));
        });
    change(commands, "nbd-server-stop", _ -> daemon.stopNbdServer());
    change(commands, "nbd-server-add", this::addNamedExport);
    change(
        commands,
        "nbd-server-remove",
        given -> daemon.deleteExport(given.requireString("name"), mode(given)));
    change(commands, "block-export-add", given -> addExport(given.object()));
    change(
        commands,
        "block-export-del",
        given -> daemon.deleteExport(given.requireString("id"), mode(given)));
    commands.add(
        "query-block-exports", _ -> Fields.list(daemon.exports(), StorageCommands::export));
    change(commands, "object-add", given -> addObject(given.object()));
    change(commands, "object-del", given -> daemon.deleteObject(given.requireString("id")));
  }

  private static void change(Commands commands, String name, Change change) {
    commands.add(
        name,
        given -> {
          change.make(new Arguments(given));
          return NOTHING;
        });
  }

  // ---- nodes

  /** Opens a node: {@code BlockdevOptions}. */
  public void addNode(JsonObject options) throws UsageException {
    // QEMU hands the options on once more than it does with those of a json: name, which shows in
    // the order of the keys that it prints.
    daemon.addNode(Options.flatten(options).copy());
  }

  private void reopen(Arguments given) throws UsageException {
    List<Options> all = new ArrayList<>();
    for (JsonValue node : given.list("options")) {
      all.add(Options.flatten((JsonObject) node));
    }
    daemon.reopenNodes(all);
  }

  private void resize(Arguments given) throws UsageException {
    daemon.resize(
        given.string("device"), given.string("node-name"), given.number("size").orElseThrow());
  }

  private JsonArray nodes(Arguments given) throws UsageException {
    return Fields.list(daemon.namedNodes(given.bool("flat", false)), NodeReport::toJson);
  }

  // ---- jobs

  private static JsonObject job(JobInfo job) {
    return new Fields()
        .put("id", job.id())
        .put("type", job.type())
        .put("status", job.status().text())
        .put("current-progress", job.currentProgress())
        .put("total-progress", job.totalProgress())
        .put("error", job.error(), JsonString::new)
        .object();
  }

  // ---- exports

  /** Starts the NBD server: {@code NbdServerOptions}. */
  public void startServer(JsonObject options) throws UsageException {
    Arguments given = new Arguments(options);
    Arguments address = given.object("addr");
    startServer(given, address.requireString("type"), address);
  }

  private void startServer(Arguments given, String type, Arguments address) throws UsageException {
    daemon.startNbdServer(
        new NbdServerRequest(
            address(type, address),
            given.string("tls-creds"),
            given.string("tls-authz"),
            given.number("max-connections").orElse(0L).intValue()));
  }

  private static ListenAddress address(String type, Arguments address) throws UsageException {
    return switch (type) {
      case "unix" -> {
        if (address.bool("abstract", false)) {
          throw new UsageException(
              "abstract sockets are not supported, since Java has none; give a path");
        }
        yield new ListenAddress.Unix(address.requireString("path"));
      }
      case "inet" ->
          new ListenAddress.Inet(
              address.requireString("host"),
              address.requireString("port"),
              address
                  .number("to")
                  .map(to -> OptionalInt.of(to.intValue()))
                  .orElse(OptionalInt.empty()),
              address.bool("ipv4"),
              address.bool("ipv6"));
      case "fd" -> new ListenAddress.Passed(address.requireString("str"));
      case "vsock" ->
          new ListenAddress.Vsock(address.requireString("cid"), address.requireString("port"));
      default -> throw new IllegalStateException("not in the schema: " + type);
    };
  }

  /** Serves a node: {@code BlockExportOptions}. */
  public void addExport(JsonObject options) throws UsageException {
    Arguments given = new Arguments(options);
    List<BitmapChoice> bitmaps = new ArrayList<>();
    for (JsonValue bitmap : given.list("bitmaps")) {
      if (bitmap instanceof JsonString(String name)) {
        bitmaps.add(new BitmapChoice(Optional.empty(), name));
      } else {
        Arguments both = new Arguments((JsonObject) bitmap);
        bitmaps.add(new BitmapChoice(both.string("node"), both.requireString("name")));
      }
    }
    daemon.addExport(
        new ExportRequest(
            given.requireString("id"),
            given.requireString("node-name"),
            given.string("name"),
            given.string("description"),
            given.bool("writable", false),
            given.bool("writethrough", false),
            given.bool("allocation-depth", false),
            bitmaps,
            given.string("iothread")));
  }

  private void addNamedExport(Arguments given) throws UsageException {
    daemon.addNamedExport(
        given.requireString("device"),
        given.string("name"),
        given.string("description"),
        given.bool("writable", false),
        given.string("bitmap"));
  }

  private static RemoveMode mode(Arguments given) {
    return given.string("mode").equals(Optional.of("hard")) ? RemoveMode.HARD : RemoveMode.SAFE;
  }

  private static JsonObject export(ExportInfo export) {
    return new Fields()
        .put("id", export.id())
        .put("type", export.type())
        .put("node-name", export.nodeName())
        .put("shutting-down", export.shuttingDown())
        .object();
  }

  // ---- objects

  /** Makes an object: {@code ObjectOptions}. */
  public void addObject(JsonObject options) throws UsageException {
    Options flat = Options.flatten(options);
    String type = flat.take("qom-type").orElseThrow();
    // Both only ever did what making the object does.
    flat.remove("loaded");
    daemon.addObject(type, flat);
  }
}
