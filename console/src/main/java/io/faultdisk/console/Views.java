package io.faultdisk.console;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Child;
import io.faultdisk.block.FilterDriver;
import io.faultdisk.block.Node;
import io.faultdisk.block.Unsynced;
import io.faultdisk.block.blkdebug.Receipt;
import io.faultdisk.daemon.disk.Counters;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.daemon.disk.Fault;
import io.faultdisk.daemon.disk.HeatMap;
import io.faultdisk.daemon.disk.Latencies;
import io.faultdisk.daemon.disk.PowerState;
import io.faultdisk.rules.Breakpoint;
import io.faultdisk.rules.Request;
import io.faultdisk.rules.Snapshot;
import io.faultdisk.rules.SuspendedRequest;
import java.util.List;
import java.util.Optional;

/** Things as JSON. Stateless. */
final class Views {
  private Views() {}

  static void disk(JsonText json, Storage storage, Disk disk) {
    Node node = disk.node();
    Snapshot now = disk.snapshot();
    Counters counters = disk.activity().counters();
    json.object()
        .member("name", disk.name())
        .member("size", size(node))
        .member("read-only", node.readOnly())
        .member("driver", node.type().name())
        .member("image", image(node))
        .array("exports");
    for (Storage.Served served : storage.exports()) {
      if (!served.uri().isEmpty() && isAbove(served.node(), node)) {
        json.value(served.uri());
      }
    }
    json.end()
        .member("state", now.state())
        .member("power", onOff(disk.power().on()))
        .member("faults", now.rules().size())
        .member("armed", now.rules().stream().filter(Snapshot.RuleStatus::armed).count())
        .member("suspended", now.suspended().size())
        .member("epoch", disk.epoch())
        .member("requests", counters.requests())
        .member("injected", counters.injected())
        .member("in-flight", counters.inFlight())
        .end();
  }

  static JsonText disks(JsonText json, Storage storage) {
    json.array();
    for (Disk disk : storage.disks().all()) {
      disk(json, storage, disk);
    }
    return json.end();
  }

  /** The length of a node, 0 if it cannot tell. */
  static long size(Node node) {
    try {
      return node.length();
    } catch (BlockIoException e) {
      return 0;
    }
  }

  private static String image(Node node) {
    return node.driver() instanceof FilterDriver filter
        ? filter.below().filename()
        : node.filename();
  }

  private static boolean isAbove(Node above, Node node) {
    if (above.equals(node)) {
      return true;
    }
    for (Child child : above.children()) {
      if (isAbove(child.node(), node)) {
        return true;
      }
    }
    return false;
  }

  static String onOff(boolean on) {
    return on ? "on" : "off";
  }

  static void fault(JsonText json, Fault fault) {
    json.object().member("id", fault.id()).member("kind", fault.kind()).object("keys");
    fault.keys().forEach(json::member);
    json.end()
        .member("source", fault.source())
        .member("brief", fault.brief())
        .member("sentence", fault.sentence())
        .member("armed", fault.status().armed())
        .member("consumed", fault.status().consumed())
        .member("events-matched", fault.status().eventsMatched())
        .member("requests-matched", fault.status().requestsMatched())
        .member("injected", fault.status().injected())
        .end();
  }

  static JsonText faults(JsonText json, List<Fault> faults) {
    json.array();
    for (Fault fault : faults) {
      fault(json, fault);
    }
    return json.end();
  }

  static JsonText breakpoints(JsonText json, List<Breakpoint> breakpoints) {
    json.array();
    for (Breakpoint breakpoint : breakpoints) {
      json.object()
          .member("event", breakpoint.event().name())
          .member("tag", breakpoint.tag())
          .end();
    }
    return json.end();
  }

  /** The members of a suspended request, without the braces. */
  static JsonText suspended(JsonText json, SuspendedRequest stop) {
    Optional<Request> request = stop.request();
    return json.member("tag", stop.tag())
        .member("event", stop.event().name())
        .member("op", request.map(r -> r.type().wireName()).orElse(""))
        .member("offset", request.map(Request::offset).orElse(0L))
        .member("bytes", request.map(Request::bytes).orElse(0L))
        .member("since", stop.since().toString());
  }

  static JsonText power(PowerState power) {
    Optional<Unsynced> unsynced = power.unsynced();
    return new JsonText()
        .object()
        .member("power", onOff(power.on()))
        .member("volatile", unsynced.isPresent())
        .object("unsynced")
        .member("writes", unsynced.map(Unsynced::writes).orElse(0L))
        .member("bytes", unsynced.map(Unsynced::bytes).orElse(0L))
        .member("held", unsynced.map(Unsynced::held).orElse(0L))
        .member("dropped", unsynced.map(Unsynced::dropped).orElse(0L))
        .end()
        .end();
  }

  static void receipt(JsonText json, Receipt receipt) {
    json.object()
        .member("number", receipt.number())
        .member("time", receipt.time().toString())
        .member("rule", receipt.rule().source().toString())
        .member("kind", receipt.rule().kind().wireName())
        .member("event", receipt.rule().event().name())
        .member("op", receipt.request().type().wireName())
        .member("offset", receipt.request().offset())
        .member("bytes", receipt.request().bytes())
        .member("epoch", receipt.epoch())
        .member("effect", receipt.effect())
        .member("result", receipt.result())
        .end();
  }

  /** {@code [[from, count], ...]} of the buckets that are not empty. */
  static void latencies(JsonText json, String name, Latencies latencies) {
    json.array(name);
    latencies.forEach((from, count) -> json.array().value(from).value(count).end());
    json.end();
  }

  /** {@code [[cell, reads, writes, injected], ...]} of the cells that were touched. */
  static void cells(JsonText json, String name, List<HeatMap.Cell> cells) {
    json.array(name);
    for (HeatMap.Cell cell : cells) {
      json.array()
          .value(cell.index())
          .value(cell.reads())
          .value(cell.writes())
          .value(cell.injected())
          .end();
    }
    json.end();
  }

  static void exploration(JsonText json, Explorations.Exploration one) {
    json.object()
        .member("id", one.id())
        .member("name", one.name())
        .member("status", one.status().wireName())
        .member("cases", one.cases())
        .member("done", one.done())
        .member("failed", one.failed())
        .member("rate", one.rate())
        .member("report", one.report())
        .member("message", one.message())
        .end();
  }
}
