package io.faultdisk.console;

import io.faultdisk.daemon.disk.Counters;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.daemon.disk.Fault;
import io.faultdisk.rules.RequestType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * The disks' counters in Prometheus' text format 0.0.4. All of one disk are of one moment. For one
 * thread, used once.
 */
final class Metrics {
  static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** Upper bounds of the histogram in nanoseconds, 1, 2.5 and 5 of each power of ten. */
  private static final List<Long> BOUNDS = bounds();

  private final StringBuilder out = new StringBuilder();
  private final String version;

  /** With what has been counted, in the order of the disks. */
  private final Map<Disk, Counters> disks = new LinkedHashMap<>();

  Metrics(List<Disk> disks, String version) {
    this.version = version;
    for (Disk disk : disks) {
      this.disks.put(disk, disk.activity().counters());
    }
  }

  private static List<Long> bounds() {
    List<Long> bounds = new ArrayList<>();
    for (long unit = 10_000; unit <= 1_000_000_000; unit *= 10) {
      bounds.add(unit);
      bounds.add(unit * 5 / 2);
      bounds.add(unit * 5);
    }
    bounds.add(10_000_000_000L);
    return List.copyOf(bounds);
  }

  String text() {
    family("faultdisk_build_info", "gauge", "The release that runs.");
    sample("faultdisk_build_info", labels("version", version), "1");
    requests();
    family("faultdisk_bytes_total", "counter", "Bytes of answered requests.");
    each((disk, type, counts) -> byType("faultdisk_bytes_total", disk, type, counts.bytes()));
    injected();
    gauge("faultdisk_inflight", "Requests under way.", disk -> counters(disk).inFlight());
    gauge(
        "faultdisk_suspended",
        "Requests that wait at a breakpoint.",
        disk -> disk.suspended().size());
    gauge("faultdisk_state", "The state of the rules.", disk -> disk.snapshot().state());
    family("faultdisk_epochs_total", "counter", "Completed flushes.");
    disks
        .keySet()
        .forEach(
            disk ->
                sample(
                    "faultdisk_epochs_total",
                    labels("disk", disk.name()),
                    Long.toString(disk.epoch())));
    gauge("faultdisk_power_on", "1 if the disk has power.", disk -> disk.power().on() ? 1 : 0);
    latencies();
    return out.toString();
  }

  private Counters counters(Disk disk) {
    Counters counters = disks.get(disk);
    if (counters == null) {
      throw new IllegalStateException("not counted: " + disk.name());
    }
    return counters;
  }

  private void requests() {
    family("faultdisk_requests_total", "counter", "Answered requests.");
    each(
        (disk, type, counts) -> {
          long ok = counts.requests() - counts.injected() - counts.failed();
          result(disk, type, "ok", Math.max(0, ok));
          result(disk, type, "injected", counts.injected());
          result(disk, type, "failed", counts.failed());
        });
  }

  private void result(Disk disk, RequestType type, String result, long count) {
    sample(
        "faultdisk_requests_total",
        labels("disk", disk.name(), "op", type.wireName(), "result", result),
        Long.toString(count));
  }

  private void injected() {
    family("faultdisk_injected_total", "counter", "Requests that a rule did something to.");
    for (Disk disk : disks.keySet()) {
      for (Fault fault : disk.faults()) {
        sample(
            "faultdisk_injected_total",
            labels(
                "disk", disk.name(),
                "rule", Integer.toString(fault.id()),
                "event", fault.rule().event().name(),
                "errno", fault.keys().getOrDefault("errno", "")),
            Long.toString(fault.status().injected()));
      }
    }
  }

  private void latencies() {
    String name = "faultdisk_request_seconds";
    family(name, "histogram", "How long requests took.");
    each(
        (disk, type, counts) -> {
          String labels = labels("disk", disk.name(), "op", type.wireName());
          for (long bound : BOUNDS) {
            String below = labels + ",le=\"" + seconds(bound) + "\"";
            sample(name + "_bucket", below, Long.toString(counts.latencies().below(bound)));
          }
          sample(name + "_bucket", labels + ",le=\"+Inf\"", Long.toString(counts.requests()));
          sample(name + "_sum", labels, seconds(counts.nanos()));
          sample(name + "_count", labels, Long.toString(counts.requests()));
        });
  }

  private static String seconds(long nanos) {
    BigDecimal seconds = BigDecimal.valueOf(nanos, 9).stripTrailingZeros();
    return seconds.toPlainString();
  }

  private void gauge(String name, String help, ToLongFunction<Disk> value) {
    family(name, "gauge", help);
    for (Disk disk : disks.keySet()) {
      sample(name, labels("disk", disk.name()), Long.toString(value.applyAsLong(disk)));
    }
  }

  private interface OfType {
    void take(Disk disk, RequestType type, Counters.OfType counts);
  }

  private void each(OfType reader) {
    disks.forEach(
        (disk, counters) ->
            counters.byType().forEach((type, counts) -> reader.take(disk, type, counts)));
  }

  private void byType(String name, Disk disk, RequestType type, long value) {
    sample(name, labels("disk", disk.name(), "op", type.wireName()), Long.toString(value));
  }

  private void family(String name, String type, String help) {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private void sample(String name, String labels, String value) {
    out.append(name).append('{').append(labels).append("} ").append(value).append('\n');
  }

  private static String labels(String... namesAndValues) {
    StringBuilder labels = new StringBuilder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      String value =
          namesAndValues[i + 1].replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
      labels.append(i == 0 ? "" : ",").append(namesAndValues[i]);
      labels.append("=\"").append(value).append('"');
    }
    return labels.toString();
  }
}
