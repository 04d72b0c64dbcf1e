package io.faultdisk.console;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.blkdebug.EventMeanings;
import io.faultdisk.block.blkdebug.RuleBrief;
import io.faultdisk.block.blkdebug.RuleWords;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.daemon.disk.Fault;
import io.faultdisk.daemon.disk.FaultSpec;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleFile;
import io.faultdisk.rules.RuleSources;
import io.faultdisk.rules.RuleWriter;
import java.util.List;
import java.util.Map;

/** The rules of a disk, one by one and as a file. */
final class FaultRoutes {
  /** What mistakes in a rule file are said to be in. */
  private static final String FILE = "rules";

  private final Storage storage;

  FaultRoutes(Storage storage) {
    this.storage = storage;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/disks/{disk}/faults", call -> faults(disk(call).faults())),
        Route.post("/disks/{disk}/faults", call -> fault(201, disk(call).add(spec(call)))),
        Route.delete("/disks/{disk}/faults", this::removeAll),
        Route.get("/disks/{disk}/faults/{fault}", call -> fault(200, find(disk(call), call))),
        Route.put("/disks/{disk}/faults/{fault}", this::replace),
        Route.delete("/disks/{disk}/faults/{fault}", this::remove),
        Route.post("/disks/{disk}/faults/{fault}/arm", this::arm),
        Route.get("/disks/{disk}/rules", this::export),
        Route.put("/disks/{disk}/rules", call -> faults(disk(call).replaceAll(FILE, call.text())))
            .taking(Route.Body.TEXT),
        Route.post("/rules/check", FaultRoutes::check).taking(Route.Body.JSON_OR_TEXT),
        Route.get("/rules/schema", call -> schema()));
  }

  private Disk disk(Call call) throws ApiException {
    return DiskRoutes.find(storage, call);
  }

  private static Fault find(Disk disk, Call call) throws ApiException {
    return call.number("fault")
        .flatMap(disk::fault)
        .orElseThrow(
            () ->
                ApiException.notFound(
                    "disk '" + disk.name() + "' has no fault " + call.place("fault")));
  }

  private static Answer faults(List<Fault> faults) {
    return Answer.json(Views.faults(new JsonText(), faults));
  }

  private static Answer fault(int status, Fault fault) {
    JsonText json = new JsonText();
    Views.fault(json, fault);
    return Answer.json(status, json);
  }

  /** With the keys of the rule in {@code keys}, or beside {@code kind}. */
  private static FaultSpec spec(Call call) throws UsageException {
    JsonBody body = call.json();
    String kind = body.string("kind");
    if (body.has("keys")) {
      body.requireOnly("kind", "keys");
      return new FaultSpec(kind, body.texts("keys", ""));
    }
    return new FaultSpec(kind, body.texts("", "kind"));
  }

  private Answer removeAll(Call call) throws ApiException {
    disk(call).removeAll();
    return Answer.nothing();
  }

  private Answer replace(Call call) throws UsageException, ApiException {
    Disk disk = disk(call);
    return fault(200, disk.replace(find(disk, call).id(), spec(call)));
  }

  private Answer remove(Call call) throws UsageException, ApiException {
    Disk disk = disk(call);
    disk.remove(find(disk, call).id());
    return Answer.nothing();
  }

  private Answer arm(Call call) throws UsageException, ApiException {
    call.json().requireOnly();
    Disk disk = disk(call);
    return fault(200, disk.arm(find(disk, call).id()));
  }

  private Answer export(Call call) throws UsageException, ApiException {
    Disk disk = disk(call);
    String dialect = call.query().getOrDefault("dialect", "faultdisk");
    return switch (dialect) {
      case "faultdisk" -> Answer.text(disk.rulesFile(Dialect.FAULTDISK));
      case "qemu" -> Answer.text(forQemu(disk.rulesFile(Dialect.QEMU)));
      default -> throw new UsageException("parameter 'dialect' must be faultdisk or qemu");
    };
  }

  private static String forQemu(String text) throws UsageException {
    try {
      RuleSources.read(RuleFile.of(FILE, text), Dialect.QEMU);
    } catch (UsageException e) {
      throw new UsageException("QEMU would refuse these rules: " + e.getMessage());
    }
    return text;
  }

  private static Answer check(Call call) throws UsageException {
    List<Rule> rules = call.isText() ? Disk.parse(FILE, call.text()) : List.of(spec(call).rule());
    JsonText json = new JsonText().object().array("rules");
    for (Rule rule : rules) {
      Map<String, String> keys = RuleWriter.keys(rule, Dialect.FAULTDISK);
      json.object().member("kind", rule.kind().wireName()).object("keys");
      keys.forEach(json::member);
      json.end().member("brief", RuleBrief.of(rule)).member("sentence", RuleWords.of(rule)).end();
    }
    return Answer.json(json.end().end());
  }

  private static Answer schema() {
    JsonText json = new JsonText().object().array("kinds");
    for (String kind : FaultSpec.kinds()) {
      json.object().member("kind", kind).array("keys");
      FaultSpec.keys(kind).forEach(json::value);
      json.end().end();
    }
    json.end().array("events");
    for (Event event : EventMeanings.ofDisks()) {
      json.object().member("name", event.name()).member("meaning", EventMeanings.of(event)).end();
    }
    json.end().array("errnos");
    for (Errno errno : Errno.all()) {
      json.value(errno.name());
    }
    json.end().array("iotypes");
    for (RequestType type : RequestType.values()) {
      json.value(type.wireName());
    }
    return Answer.json(json.end().end());
  }
}
