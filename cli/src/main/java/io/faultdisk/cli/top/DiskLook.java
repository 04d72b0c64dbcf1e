package io.faultdisk.cli.top;

import io.faultdisk.base.json.JsonValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What is known of one disk, and what it did since the last look. For one thread. */
final class DiskLook {
  /** The latest requests that rules did something to, as many as fit under a disk. */
  private static final int LAST_MAX = 5;

  /**
   * A rule.
   *
   * @param injected to how many requests it did something
   */
  record Rule(long id, String brief, boolean armed, long injected) {}

  /** A request that a rule did something to. */
  record Hit(long timeMillis, String op, long offset, long bytes, String verdict, String kind) {}

  /** How many requests of a type, and how long they were together. */
  record Amount(long requests, long bytes) {}

  final String name;
  String power = "on";
  long size;
  long state = 1;
  long suspended;
  long inFlight;
  private double seconds;
  private final Map<String, Amount> amounts = new LinkedHashMap<>();

  /** Requests by how many nanoseconds they took at least. */
  private final NavigableMap<Long, Long> latencies = new TreeMap<>();

  private final Map<Long, Rule> rules = new LinkedHashMap<>();
  private final Deque<Hit> last = new ArrayDeque<>();

  DiskLook(String name) {
    this.name = name;
  }

  /** What {@code GET /disks} says of it. */
  void disk(JsonValue disk) {
    power = Fields.text(disk, "power");
    size = Fields.number(disk, "size");
    state = Fields.number(disk, "state");
    suspended = Fields.number(disk, "suspended");
    inFlight = Fields.number(disk, "in-flight");
  }

  /** The event {@code rules}. */
  void rules(JsonValue event) {
    state = Fields.number(event, "state");
    rules.clear();
    for (JsonValue fault : Fields.elements(event, "faults")) {
      long id = Fields.number(fault, "id");
      rules.put(
          id,
          new Rule(
              id,
              Fields.text(fault, "brief"),
              Fields.bool(fault, "armed"),
              Fields.number(fault, "injected")));
    }
  }

  /** The event {@code tick}. */
  void tick(JsonValue tick) {
    seconds += Fields.real(tick, "seconds");
    inFlight = Fields.number(tick, "in-flight");
    state = Fields.number(tick, "state");
    suspended = Fields.number(tick, "suspended");
    Fields.members(tick, "counters")
        .forEach(
            (op, counts) ->
                amounts.merge(
                    op,
                    new Amount(Fields.number(counts, "requests"), Fields.number(counts, "bytes")),
                    (a, b) -> new Amount(a.requests + b.requests, a.bytes + b.bytes)));
    for (JsonValue bucket : Fields.elements(tick, "latencies")) {
      List<JsonValue> fromAndCount = Fields.elements(bucket);
      if (fromAndCount.size() == 2) {
        latencies.merge(
            Fields.number(fromAndCount.get(0)), Fields.number(fromAndCount.get(1)), Long::sum);
      }
    }
    List<Long> armed = Fields.elements(tick, "armed").stream().map(Fields::number).toList();
    Map<String, JsonValue> counts = Fields.members(tick, "counts");
    rules.replaceAll((id, rule) -> counted(rule, armed, counts));
    for (JsonValue row : Fields.elements(tick, "rows")) {
      hit(Fields.elements(row));
    }
  }

  private static Rule counted(Rule rule, List<Long> armed, Map<String, JsonValue> counts) {
    JsonValue count = counts.get(Long.toString(rule.id));
    List<JsonValue> numbers = count == null ? List.of() : Fields.elements(count);
    long injected = numbers.size() < 3 ? rule.injected : Fields.number(numbers.get(2));
    return new Rule(rule.id, rule.brief, armed.contains(rule.id), injected);
  }

  private void hit(List<JsonValue> row) {
    if (row.size() < 9 || Fields.text(row.get(8)).isEmpty()) {
      return;
    }
    if (last.size() == LAST_MAX) {
      last.remove();
    }
    last.add(
        new Hit(
            Fields.number(row.get(1)),
            Fields.text(row.get(3)),
            Fields.number(row.get(4)),
            Fields.number(row.get(5)),
            Fields.text(row.get(7)),
            Fields.text(row.get(8))));
  }

  /** Begins anew with what is counted since a look. */
  void looked() {
    seconds = 0;
    amounts.clear();
    latencies.clear();
  }

  /** How much time the counts are of; 0 before the first tick. */
  double seconds() {
    return seconds;
  }

  /** By type of request, in the order in which they were first seen. */
  Map<String, Amount> amounts() {
    return amounts;
  }

  List<Rule> rules() {
    return new ArrayList<>(rules.values());
  }

  /** The latest requests that rules did something to, the oldest first. */
  List<Hit> last() {
    return new ArrayList<>(last);
  }

  /** The time in nanoseconds that so many percent of the requests took at most; 0 without any. */
  long percentile(double percent) {
    long all = latencies.values().stream().mapToLong(count -> count).sum();
    long wanted = (long) Math.ceil(all * percent / 100);
    long sum = 0;
    for (Map.Entry<Long, Long> bucket : latencies.entrySet()) {
      sum += bucket.getValue();
      if (sum >= wanted) {
        return bucket.getKey();
      }
    }
    return 0;
  }
}
