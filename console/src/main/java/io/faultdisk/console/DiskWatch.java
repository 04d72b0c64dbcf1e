package io.faultdisk.console;

import io.faultdisk.daemon.disk.Counters;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.daemon.disk.HeatMap;
import io.faultdisk.daemon.disk.Latencies;
import io.faultdisk.daemon.disk.Timeline;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Snapshot;
import java.util.Map;

/**
 * What a disk does from one tick to the next. Whatever the disk does in that time, a tick has a
 * bounded length. For one thread.
 */
final class DiskWatch implements AutoCloseable {
  private final Disk disk;
  private Counters counters;
  private HeatMap.View heat;
  private long since;

  /**
   * Begins to watch.
   *
   * @param now in nanoseconds
   */
  DiskWatch(Disk disk, long now) {
    this.disk = disk;
    this.counters = disk.activity().counters();
    this.heat = disk.activity().heat().view();
    this.since = now;
    disk.activity().timeline().watch();
  }

  Disk disk() {
    return disk;
  }

  /** What has happened since the last tick. */
  JsonText tick(long now) {
    Counters was = counters;
    counters = disk.activity().counters();
    JsonText json =
        new JsonText()
            .object()
            .member("disk", disk.name())
            .member("seconds", (now - since) / 1e9)
            .object("counters");
    since = now;
    for (Map.Entry<RequestType, Counters.OfType> type : counters.byType().entrySet()) {
      counts(json, type.getKey(), type.getValue(), was.of(type.getKey()));
    }
    Latencies took = ActivityView.latencies(counters).since(ActivityView.latencies(was));
    json.end()
        .member("in-flight", counters.inFlight())
        .member("p50", took.percentile(50))
        .member("p99", took.percentile(99));
    Views.latencies(json, "latencies", took);
    HeatMap.View before = heat;
    heat = disk.activity().heat().view();
    Views.cells(json, "heat", heat.since(before).cells());
    json.member("cell-bytes", heat.cellBytes());
    rules(json, disk.snapshot());
    rows(json, disk.activity().timeline().take());
    return json.end();
  }

  /** A disk that was reset counts from 0 again. */
  private static void counts(
      JsonText json, RequestType type, Counters.OfType now, Counters.OfType was) {
    boolean reset = now.requests() < was.requests();
    long requests = reset ? now.requests() : now.requests() - was.requests();
    if (requests == 0) {
      return;
    }
    Latencies took = reset ? now.latencies() : now.latencies().since(was.latencies());
    json.object(type.wireName())
        .member("requests", requests)
        .member("bytes", more(now.bytes(), was.bytes(), reset))
        .member("injected", more(now.injected(), was.injected(), reset))
        .member("failed", more(now.failed(), was.failed(), reset))
        .member("p50", took.percentile(50))
        .member("p99", took.percentile(99));
    Views.latencies(json, "latencies", took);
    json.end();
  }

  private static long more(long now, long was, boolean reset) {
    return reset ? now : Math.max(0, now - was);
  }

  private static void rules(JsonText json, Snapshot now) {
    json.member("state", now.state()).member("suspended", now.suspended().size()).array("armed");
    for (Snapshot.RuleStatus rule : now.rules()) {
      if (rule.armed()) {
        json.value(rule.id());
      }
    }
    json.end().object("counts");
    for (Snapshot.RuleStatus rule : now.rules()) {
      json.array(Integer.toString(rule.id()))
          .value(rule.eventsMatched())
          .value(rule.requestsMatched())
          .value(rule.injected())
          .end();
    }
    json.end();
  }

  private static void rows(JsonText json, Timeline.Part part) {
    json.array("rows");
    for (Timeline.Row row : part.rows()) {
      json.array()
          .value(row.number())
          .value(row.time().toEpochMilli())
          .value(String.join(" ", row.events()))
          .value(row.type().wireName())
          .value(row.offset())
          .value(row.bytes())
          .value(row.nanos())
          .value(row.verdict())
          .value(row.rule())
          .end();
    }
    json.end().member("skipped", part.skipped());
  }

  /** Nobody watches any more. */
  @Override
  public void close() {
    disk.activity().timeline().unwatch();
  }
}
