package io.faultdisk.cli.own;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Units;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.nbd.bench.Access;
import io.faultdisk.nbd.bench.Answers;
import io.faultdisk.nbd.bench.LoadPlan;
import io.faultdisk.nbd.bench.LoadResult;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** What a load came to, for people and for programs. */
record BenchReport(String uri, LoadPlan plan, LoadResult result) {
  private static final String COLUMNS = "%-5s %10s %9s %9s %9s %9s %9s %9s %9s %9s%n";

  /** What is shown of the latencies, by name, in percent. */
  private static final Map<String, Double> PERCENTILES = percentiles();

  private static Map<String, Double> percentiles() {
    Map<String, Double> all = new LinkedHashMap<>();
    all.put("min", 0.0);
    all.put("median", 50.0);
    all.put("p95", 95.0);
    all.put("p99", 99.0);
    all.put("p99.9", 99.9);
    all.put("max", 100.0);
    return all;
  }

  /** A table with a line for reads and one for writes; latencies in microseconds. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s%s, %s requests, depth %d, %d connection%s, %.2f s, seed %s%n",
            plan.access().text(),
            plan.access() == Access.RANDRW ? " (" + plan.readPercent() + "% reads)" : "",
            Units.human(plan.blockBytes()),
            plan.depth(),
            plan.connections(),
            plan.connections() == 1 ? "" : "s",
            seconds(),
            plan.seed()));
    text.append(String.format(Locale.ROOT, "%36s%s%n", "", "latency in us"));
    text.append(
        String.format(
            Locale.ROOT,
            COLUMNS,
            "",
            "requests",
            "IOPS",
            "MiB/s",
            "min",
            "median",
            "p95",
            "p99",
            "p99.9",
            "max"));
    result.reads().ifPresent(reads -> line(text, "read", reads));
    result.writes().ifPresent(writes -> line(text, "write", writes));
    cpuMicros()
        .ifPresent(
            micros ->
                text.append(
                    String.format(
                        Locale.ROOT, "server: %.2f us of processor time per request%n", micros)));
    result.reads().ifPresent(reads -> errors(text, "read", reads));
    result.writes().ifPresent(writes -> errors(text, "write", writes));
    return text.toString().stripTrailing();
  }

  private void line(StringBuilder text, String name, Answers answers) {
    Object[] cells = new Object[4 + PERCENTILES.size()];
    cells[0] = name;
    cells[1] = answers.succeeded();
    cells[2] = Math.round(answers.succeeded() / seconds());
    cells[3] = decimal(answers.bytes() / seconds() / (1 << 20));
    int next = 4;
    for (double percent : PERCENTILES.values()) {
      cells[next++] = decimal(answers.latencyNanos(percent) / 1e3);
    }
    text.append(String.format(Locale.ROOT, COLUMNS, cells));
  }

  private static void errors(StringBuilder text, String name, Answers answers) {
    answers
        .errors()
        .forEach(
            (errno, count) ->
                text.append(String.format(Locale.ROOT, "%-5s %10d %s%n", name, count, errno)));
  }

  /** One object; the names stay as they are. */
  String json() {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("uri", new JsonString(uri));
    members.put("rw", new JsonString(plan.access().text()));
    members.put("read-percent", JsonNumber.of(readPercent()));
    members.put("bs", JsonNumber.of(plan.blockBytes()));
    members.put("depth", JsonNumber.of(plan.depth()));
    members.put("connections", JsonNumber.of(plan.connections()));
    members.put("size", JsonNumber.of(plan.rangeBytes().orElse(result.exportBytes())));
    members.put("seed", new JsonString(plan.seed().toString()));
    members.put("seconds", number(seconds(), 6));
    result.reads().ifPresent(reads -> members.put("read", json(reads)));
    result.writes().ifPresent(writes -> members.put("write", json(writes)));
    cpuMicros().ifPresent(micros -> members.put("server-cpu-us", number(micros, 3)));
    return Json.writePretty(new JsonObject(members));
  }

  private int readPercent() {
    if (plan.access() == Access.RANDRW) {
      return plan.readPercent();
    }
    return plan.access().reads() ? 100 : 0;
  }

  private JsonValue json(Answers answers) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("requests", JsonNumber.of(answers.succeeded()));
    members.put("bytes", JsonNumber.of(answers.bytes()));
    members.put("iops", number(answers.succeeded() / seconds(), 1));
    members.put("mib-per-second", number(answers.bytes() / seconds() / (1 << 20), 3));
    Map<String, JsonValue> latencies = new LinkedHashMap<>();
    PERCENTILES.forEach(
        (name, percent) -> latencies.put(name, number(answers.latencyNanos(percent) / 1e3, 3)));
    latencies.put("mean", number(answers.latencyNanosMean() / 1e3, 3));
    members.put("latency-us", new JsonObject(latencies));
    Map<String, JsonValue> errors = new LinkedHashMap<>();
    for (Map.Entry<Errno, Long> each : answers.errors().entrySet()) {
      errors.put(each.getKey().name(), JsonNumber.of(each.getValue()));
    }
    members.put("errors", new JsonObject(errors));
    return new JsonObject(members);
  }

  /** Processor time of the server for each request that was answered. */
  private OptionalDouble cpuMicros() {
    long requests =
        result.reads().map(Answers::all).orElse(0L) + result.writes().map(Answers::all).orElse(0L);
    return result.serverCpu().isEmpty() || requests == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(result.serverCpu().get().toNanos() / 1e3 / requests);
  }

  private double seconds() {
    return result.elapsedNanos() / 1e9;
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static JsonNumber number(double value, int decimals) {
    return new JsonNumber(String.format(Locale.ROOT, "%." + decimals + "f", value));
  }
}
