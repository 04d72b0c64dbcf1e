package io.faultdisk.console;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.Child;
import io.faultdisk.block.Node;
import io.faultdisk.daemon.disk.Disk;
import java.util.List;
import java.util.Optional;

/** The disks as such: which there are, what they have done, how they hang together. */
final class DiskRoutes {
  private static final int RECEIPTS_MAX = 1000;

  private final Storage storage;

  DiskRoutes(Storage storage) {
    this.storage = storage;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/disks", call -> Answer.json(Views.disks(new JsonText(), storage))),
        Route.post("/disks", this::create),
        Route.get("/disks/{disk}", call -> disk(200, find(storage, call))),
        Route.delete("/disks/{disk}", this::delete),
        Route.get("/disks/{disk}/activity", call -> activity(find(storage, call))),
        Route.get("/disks/{disk}/receipts", this::receipts),
        Route.get("/nodes", call -> nodes()),
        Route.post("/reset", this::reset));
  }

  /** The disk that a path names. */
  static Disk find(Storage storage, Call call) throws ApiException {
    String name = call.place("disk");
    Optional<Disk> disk = storage.disks().find(name);
    if (disk.isEmpty()) {
      try {
        return storage.disks().require(name);
      } catch (UsageException e) {
        throw ApiException.notFound(e.getMessage());
      }
    }
    return disk.get();
  }

  private Answer disk(int status, Disk disk) {
    JsonText json = new JsonText();
    Views.disk(json, storage, disk);
    return Answer.json(status, json);
  }

  private Answer create(Call call) throws UsageException, ApiException {
    JsonBody body = call.json();
    body.requireOnly("name", "image", "format", "rules", "read-only", "export");
    Storage.NewDisk wanted =
        new Storage.NewDisk(
            body.string("name"),
            body.string("image"),
            body.optional("format"),
            body.optional("rules"),
            body.bool("read-only", false),
            body.bool("export", true));
    for (Node node : storage.nodes()) {
      if (node.name().equals(wanted.name())) {
        throw ApiException.of(
            409, "there is a node '" + wanted.name() + "' already", "choose another name");
      }
    }
    Disk made = storage.create(wanted);
    return disk(201, made);
  }

  private Answer delete(Call call) throws ApiException {
    Disk disk = find(storage, call);
    try {
      storage.delete(disk);
    } catch (UsageException e) {
      throw ApiException.of(409, e.getMessage(), "");
    }
    return Answer.nothing();
  }

  private static Answer activity(Disk disk) {
    return Answer.json(ActivityView.all(new JsonText(), disk.activity()));
  }

  private Answer receipts(Call call) throws UsageException, ApiException {
    Disk disk = find(storage, call);
    long after = call.query("after", 0, 0, Long.MAX_VALUE);
    long max = call.query("max", 200, 1, RECEIPTS_MAX);
    JsonText json = new JsonText().array();
    disk.receipts(after).stream().limit(max).forEach(receipt -> Views.receipt(json, receipt));
    return Answer.json(json.end());
  }

  private Answer reset(Call call) throws UsageException {
    call.json().requireOnly();
    storage.disks().all().forEach(Disk::reset);
    return Answer.nothing();
  }

  private Answer nodes() {
    List<Node> nodes = storage.nodes();
    JsonText json = new JsonText().object().array("nodes");
    for (Node node : nodes) {
      json.object()
          .member("name", node.name())
          .member("driver", node.type().name())
          .member(
              "kind",
              switch (node.type().kind()) {
                case PROTOCOL -> "protocol";
                case FORMAT -> "format";
                case FILTER -> "filter";
              })
          .member("filename", node.filename())
          .member("size", Views.size(node))
          .member("read-only", node.readOnly())
          .member("disk", storage.disks().find(node.name()).isPresent())
          .end();
    }
    json.end().array("edges");
    for (Node node : nodes) {
      for (Child child : node.children()) {
        json.object()
            .member("from", node.name())
            .member("to", child.node().name())
            .member("role", child.name())
            .end();
      }
    }
    json.end().array("exports");
    for (Storage.Served served : storage.exports()) {
      json.object()
          .member("id", served.id())
          .member("name", served.name())
          .member("node", served.node().name())
          .member("clients", served.clients())
          .member("writable", served.writable())
          .member("uri", served.uri())
          .end();
    }
    return Answer.json(json.end().end());
  }
}
