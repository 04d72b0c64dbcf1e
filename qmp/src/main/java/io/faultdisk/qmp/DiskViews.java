package io.faultdisk.qmp;

import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.block.Unsynced;
import io.faultdisk.block.blkdebug.Receipt;
import io.faultdisk.daemon.disk.Counters;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.daemon.disk.Fault;
import io.faultdisk.daemon.disk.PowerState;
import io.faultdisk.rules.Breakpoint;
import io.faultdisk.rules.Request;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Snapshot;
import io.faultdisk.rules.SuspendedRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Disks and what belongs to them, as JSON. Stateless. */
final class DiskViews {
  private DiskViews() {}

  static JsonObject disk(Disk disk) {
    Snapshot snapshot = disk.snapshot();
    Counters counters = disk.activity().counters();
    return new Fields()
        .put("name", disk.name())
        .put("state", snapshot.state())
        .put("rules", disk.faults(), DiskViews::rule)
        .put("breakpoints", snapshot.breakpoints(), DiskViews::breakpoint)
        .put("suspended", snapshot.suspended(), DiskViews::suspended)
        .put("power", power(disk.power()))
        .put("counts", List.copyOf(counters.byType().entrySet()), DiskViews::counts)
        .put("in-flight", counters.inFlight())
        .put("epoch", disk.epoch())
        .put("receipts", disk.receiptCount())
        .object();
  }

  static JsonObject rule(Fault fault) {
    Fields keys = new Fields();
    fault.keys().forEach(keys::put);
    Snapshot.RuleStatus status = fault.status();
    return new Fields()
        .put("id", fault.id())
        .put("kind", fault.kind())
        .put("keys", keys.object())
        .put("brief", fault.brief())
        .put("sentence", fault.sentence())
        .put("source", fault.source())
        .put("armed", status.armed())
        .put("consumed", status.consumed())
        .put("events-matched", status.eventsMatched())
        .put("requests-matched", status.requestsMatched())
        .put("injected", status.injected())
        .object();
  }

  private static JsonObject breakpoint(Breakpoint breakpoint) {
    return new Fields()
        .put("event", breakpoint.event().name())
        .put("tag", breakpoint.tag())
        .object();
  }

  private static JsonObject suspended(SuspendedRequest stop) {
    return new Fields()
        .put("tag", stop.tag())
        .put("event", stop.event().name())
        .put("since", time(stop.since()))
        .put("request", stop.request(), DiskViews::request)
        .object();
  }

  static JsonObject request(Request request) {
    return new Fields()
        .put("type", request.type().wireName())
        .put("offset", request.offset())
        .put("bytes", request.bytes())
        .object();
  }

  static JsonObject time(Instant time) {
    return new Fields()
        .put("seconds", time.getEpochSecond())
        .put("microseconds", time.getNano() / 1000)
        .object();
  }

  private static JsonObject power(PowerState power) {
    return new Fields()
        .put("on", power.on())
        .put("unsynced", power.unsynced(), DiskViews::unsynced)
        .object();
  }

  private static JsonObject unsynced(Unsynced unsynced) {
    return new Fields()
        .put("writes", unsynced.writes())
        .put("held", unsynced.held())
        .put("bytes", unsynced.bytes())
        .put("dropped", unsynced.dropped())
        .object();
  }

  private static JsonObject counts(Map.Entry<RequestType, Counters.OfType> entry) {
    Counters.OfType counts = entry.getValue();
    return new Fields()
        .put("type", entry.getKey().wireName())
        .put("requests", counts.requests())
        .put("bytes", counts.bytes())
        .put("nanoseconds", counts.nanos())
        .put("injected", counts.injected())
        .put("failed", counts.failed())
        .object();
  }

  static JsonObject receipt(Receipt receipt) {
    return new Fields()
        .put("number", receipt.number())
        .put("time", new JsonString(receipt.time().toString()))
        .put("rule", receipt.rule().source().toString())
        .put("kind", receipt.rule().kind().wireName())
        .put("event", receipt.rule().event().name())
        .put("op", receipt.request().type().wireName())
        .put("offset", receipt.request().offset())
        .put("bytes", receipt.request().bytes())
        .put("epoch", receipt.epoch())
        .put("effect", receipt.effect())
        .put("result", receipt.result())
        .object();
  }
}
