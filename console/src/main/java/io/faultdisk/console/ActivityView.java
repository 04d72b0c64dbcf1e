package io.faultdisk.console;

import io.faultdisk.daemon.disk.Counters;
import io.faultdisk.daemon.disk.DiskActivity;
import io.faultdisk.daemon.disk.HeatMap;
import io.faultdisk.daemon.disk.Latencies;
import io.faultdisk.rules.RequestType;
import java.util.Map;

/** What a disk has done, as JSON. Stateless. */
final class ActivityView {
  private ActivityView() {}

  /** All since it was opened or reset. */
  static JsonText all(JsonText json, DiskActivity activity) {
    Counters counters = activity.counters();
    json.object().object("counters");
    for (Map.Entry<RequestType, Counters.OfType> type : counters.byType().entrySet()) {
      Counters.OfType counts = type.getValue();
      json.object(type.getKey().wireName())
          .member("requests", counts.requests())
          .member("bytes", counts.bytes())
          .member("injected", counts.injected())
          .member("failed", counts.failed())
          .member("p50", counts.latencies().percentile(50))
          .member("p99", counts.latencies().percentile(99));
      Views.latencies(json, "latencies", counts.latencies());
      json.end();
    }
    json.end().member("in-flight", counters.inFlight());
    Views.latencies(json, "latencies", latencies(counters));
    HeatMap.View heat = activity.heat().view();
    json.object("heat").member("cell-bytes", heat.cellBytes());
    Views.cells(json, "cells", heat.cells());
    return json.end().end();
  }

  /** Of all types together. */
  static Latencies latencies(Counters counters) {
    return counters.byType().values().stream()
        .map(Counters.OfType::latencies)
        .reduce(Latencies::plus)
        .orElseThrow();
  }
}
