package io.faultdisk.explore;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Headings, results and timelines as JSON, there and back. The same value gives the same bytes.
 *
 * <p>What Unicode has no character for comes back as U+FFFD, all other texts as they were.
 */
final class ResultJson {
  /** The only format there is so far. */
  private static final int FORMAT = 1;

  private ResultJson() {}

  /** The first line of a file of results. */
  static String firstLine(Heading heading, Shard shard) {
    Map<String, JsonValue> members = members(heading);
    members.put("format", JsonNumber.of(FORMAT));
    members.put("shard", new JsonString(shard.toString()));
    return Json.write(new JsonObject(members));
  }

  static JsonObject heading(Heading heading) {
    return new JsonObject(members(heading));
  }

  private static Map<String, JsonValue> members(Heading heading) {
    Map<String, JsonValue> events = new LinkedHashMap<>();
    heading.events().forEach((event, count) -> events.put(event, JsonNumber.of(count)));
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("subject", new JsonString(heading.subject()));
    members.put("plan", new JsonString(heading.plan()));
    members.put("recording", new JsonString(heading.recording()));
    members.put("cases", JsonNumber.of(heading.cases()));
    members.put("points", JsonNumber.of(heading.points()));
    members.put("states", JsonNumber.of(heading.states()));
    members.put("states-saved", JsonNumber.of(heading.statesSaved()));
    members.put("events", new JsonObject(events));
    return members;
  }

  static Heading heading(JsonFields fields) throws UsageException {
    if (fields.number("format") != FORMAT) {
      throw new UsageException(
          fields.place() + " has format " + fields.number("format") + ", not " + FORMAT,
          "Another release of faultdisk has written it: read it with that one.");
    }
    return new Heading(
        fields.text("subject"),
        fields.text("plan"),
        fields.text("recording"),
        fields.count("cases"),
        fields.count("points"),
        fields.count("states"),
        fields.count("states-saved"),
        fields.object("events").allNumbers());
  }

  static Shard shard(JsonFields fields) throws UsageException {
    return Shard.parse(fields.text("shard"), Map.of());
  }

  /** One line. */
  static String line(CaseResult result) {
    Outcome outcome = result.outcome();
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("index", JsonNumber.of(result.index()));
    members.put("family", new JsonString(result.family().word()));
    members.put("id", new JsonString(result.id()));
    result.point().ifPresent(point -> members.put("point", point(point)));
    members.put("verdict", new JsonString(outcome.verdict().word()));
    members.put("reason", new JsonString(outcome.reason()));
    members.put("receipts", strings(outcome.receipts()));
    outcome.reproducer().ifPresent(again -> members.put("reproducer", reproducer(again)));
    return Json.write(new JsonObject(members));
  }

  private static JsonObject point(FaultPoint point) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("number", JsonNumber.of(point.number()));
    members.put("epoch", JsonNumber.of(point.epoch()));
    members.put("place", new JsonString(point.place()));
    return new JsonObject(members);
  }

  private static JsonObject reproducer(Reproducer again) {
    Map<String, JsonValue> files = new LinkedHashMap<>();
    again.files().forEach((name, text) -> files.put(name, new JsonString(text)));
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("files", new JsonObject(files));
    members.put("command", new JsonString(again.command()));
    again.qemuCommand().ifPresent(command -> members.put("qemu-command", new JsonString(command)));
    return new JsonObject(members);
  }

  private static JsonArray strings(List<String> texts) {
    List<JsonValue> elements = new ArrayList<>(texts.size());
    texts.forEach(text -> elements.add(new JsonString(text)));
    return new JsonArray(elements);
  }

  static CaseResult result(JsonFields fields) throws UsageException {
    Optional<FaultPoint> point = Optional.empty();
    Optional<JsonFields> pointFields = fields.optionalObject("point");
    Optional<Reproducer> again = Optional.empty();
    Optional<JsonFields> reproducerFields = fields.optionalObject("reproducer");
    try {
      if (pointFields.isPresent()) {
        JsonFields p = pointFields.get();
        point = Optional.of(new FaultPoint(p.count("number"), p.number("epoch"), p.text("place")));
      }
      if (reproducerFields.isPresent()) {
        JsonFields r = reproducerFields.get();
        again =
            Optional.of(
                new Reproducer(
                    r.object("files").allTexts(),
                    r.text("command"),
                    r.optionalText("qemu-command")));
      }
    } catch (IllegalArgumentException e) {
      throw new UsageException(fields.place() + " is damaged: " + e.getMessage());
    }
    return new CaseResult(
        fields.count("index"),
        family(fields),
        fields.text("id"),
        point,
        new Outcome(verdict(fields), fields.text("reason"), fields.texts("receipts"), again));
  }

  private static Case.Family family(JsonFields fields) throws UsageException {
    String word = fields.text("family");
    return Arrays.stream(Case.Family.values())
        .filter(family -> family.word().equals(word))
        .findFirst()
        .orElseThrow(() -> fields.bad("family"));
  }

  private static Verdict verdict(JsonFields fields) throws UsageException {
    String word = fields.text("verdict");
    return Arrays.stream(Verdict.values())
        .filter(verdict -> verdict.word().equals(word))
        .findFirst()
        .orElseThrow(() -> fields.bad("verdict"));
  }

  /** An array with an entry per line. */
  static String timeline(List<TimelineEntry> timeline) {
    StringBuilder text = new StringBuilder("[");
    String separator = "\n";
    for (TimelineEntry entry : timeline) {
      Map<String, JsonValue> members = new LinkedHashMap<>();
      members.put("epoch", JsonNumber.of(entry.epoch()));
      if (entry.isRequest()) {
        members.put("request", new JsonString(entry.operation()));
        members.put("offset", JsonNumber.of(entry.offset()));
        members.put("bytes", JsonNumber.of(entry.bytes()));
      } else {
        members.put("event", new JsonString(entry.event()));
      }
      text.append(separator).append(Json.write(new JsonObject(members)));
      separator = ",\n";
    }
    return text.append("\n]\n").toString();
  }

  static List<TimelineEntry> timeline(String place, String text) throws UsageException {
    JsonValue value;
    try {
      value = Json.parse(text);
    } catch (UsageException e) {
      throw new UsageException(place + " is damaged: " + e.getMessage());
    }
    if (!(value instanceof JsonArray array)) {
      throw new UsageException(place + " is damaged: it is no JSON array");
    }
    List<TimelineEntry> timeline = new ArrayList<>(array.elements().size());
    for (JsonValue element : array.elements()) {
      JsonFields fields = JsonFields.of(place + ", entry " + (timeline.size() + 1), element);
      Optional<String> event = fields.optionalText("event");
      timeline.add(
          event.isPresent()
              ? TimelineEntry.event(fields.number("epoch"), event.get())
              : TimelineEntry.request(
                  fields.number("epoch"),
                  fields.text("request"),
                  fields.number("offset"),
                  fields.number("bytes")));
    }
    return timeline;
  }
}
