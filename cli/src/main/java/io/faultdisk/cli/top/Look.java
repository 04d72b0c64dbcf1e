package io.faultdisk.cli.top;

import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is known of all disks. For one thread. */
final class Look {
  private final Map<String, DiskLook> disks = new LinkedHashMap<>();

  /** Takes in an event of the stream. */
  void event(String name, JsonValue data) {
    switch (name) {
      case "disks" -> disks(Fields.elements(data, "disks"));
      case "rules" -> disk(data).rules(data);
      case "tick" -> disk(data).tick(data);
      case "state" -> disk(data).state = Fields.number(data, "to");
      case "power" -> disk(data).power = Fields.text(data, "power");
      default -> {}
    }
  }

  private void disks(List<JsonValue> all) {
    List<String> names = new ArrayList<>();
    for (JsonValue disk : all) {
      names.add(Fields.text(disk, "name"));
      disks.computeIfAbsent(names.getLast(), DiskLook::new).disk(disk);
    }
    disks.keySet().retainAll(names);
  }

  private DiskLook disk(JsonValue data) {
    return disks.computeIfAbsent(Fields.text(data, "disk"), DiskLook::new);
  }

  /** In the order of the server. */
  List<DiskLook> disks() {
    return new ArrayList<>(disks.values());
  }

  /** Whether each disk has had a tick. */
  boolean complete() {
    return disks.values().stream().allMatch(disk -> disk.seconds() > 0);
  }

  /** Begins anew with what is counted since a look. */
  void looked() {
    disks.values().forEach(DiskLook::looked);
  }

  /** For programs. */
  JsonValue json() {
    List<JsonValue> all = new ArrayList<>();
    for (DiskLook disk : disks.values()) {
      Map<String, JsonValue> members = new LinkedHashMap<>();
      members.put("name", new JsonString(disk.name));
      members.put("power", new JsonString(disk.power));
      members.put("state", JsonNumber.of(disk.state));
      members.put("suspended", JsonNumber.of(disk.suspended));
      members.put("in-flight", JsonNumber.of(disk.inFlight));
      members.put("p50-ns", JsonNumber.of(disk.percentile(50)));
      members.put("p99-ns", JsonNumber.of(disk.percentile(99)));
      Map<String, JsonValue> rates = new LinkedHashMap<>();
      disk.amounts()
          .forEach(
              (op, amount) ->
                  rates.put(
                      op,
                      new JsonObject(
                          Map.of(
                              "requests-per-second",
                              JsonNumber.of(Math.round(amount.requests() / disk.seconds())),
                              "bytes-per-second",
                              JsonNumber.of(Math.round(amount.bytes() / disk.seconds()))))));
      members.put("rates", new JsonObject(rates));
      List<JsonValue> rules = new ArrayList<>();
      for (DiskLook.Rule rule : disk.rules()) {
        rules.add(
            new JsonObject(
                Map.of(
                    "id",
                    JsonNumber.of(rule.id()),
                    "brief",
                    new JsonString(rule.brief()),
                    "armed",
                    new JsonBool(rule.armed()),
                    "injected",
                    JsonNumber.of(rule.injected()))));
      }
      members.put("faults", new JsonArray(rules));
      all.add(new JsonObject(members));
    }
    return new JsonObject(Map.of("disks", new JsonArray(all)));
  }
}
