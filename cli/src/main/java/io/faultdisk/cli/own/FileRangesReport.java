package io.faultdisk.cli.own;

import io.faultdisk.base.Units;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.posix.FileExtent.Trait;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The sectors of a file as rules, a table or JSON.
 *
 * @param file its path
 * @param size its length in bytes
 * @param device that it is on
 * @param whole whether sectors are counted in what the device is part of
 * @param ranges on the device
 * @param fault what the rules do
 */
record FileRangesReport(
    String file,
    long size,
    HoldingDevice device,
    boolean whole,
    FileRanges ranges,
    FileRangesReport.Fault fault) {

  /** The keys of the rules that are the same in all. */
  record Fault(String event, String errno, Optional<String> iotype) {}

  /** What the sectors are counted in. */
  String countedIn() {
    return whole ? device.outermost() : device.name();
  }

  private long start(FileRanges.Range range) {
    return whole ? device.startInOutermost(range.start()) : range.start();
  }

  /** Why there is no range. */
  String whyNone() {
    return size == 0 ? "it is empty" : "none of it has a place on the device";
  }

  /** One section for each range. */
  String rules() {
    StringBuilder text = new StringBuilder();
    comment(text, "# ");
    text.append("# QEMU itself knows no start and nr_sectors.\n");
    for (FileRanges.Range range : ranges.ranges()) {
      text.append("\n# bytes ").append(range.offset());
      text.append(" to ").append(range.offset() + range.bytes()).append(" of the file");
      text.append(traits(range.traits(), ": ")).append('\n');
      text.append("[inject-error]\n");
      key(text, "event", fault.event);
      fault.iotype.ifPresent(type -> key(text, "iotype", type));
      key(text, "errno", fault.errno);
      key(text, "start", Long.toString(start(range)));
      key(text, "nr_sectors", Long.toString(range.sectors()));
    }
    return text.toString();
  }

  private static void key(StringBuilder text, String name, String value) {
    text.append(name).append(" = \"").append(value).append("\"\n");
  }

  /** A line for each range. */
  String table() {
    StringBuilder text = new StringBuilder();
    comment(text, "");
    String format = "%16s %14s %14s %12s%s%n";
    text.append(
        String.format(Locale.ROOT, format, "offset in file", "bytes", "start", "nr_sectors", ""));
    for (FileRanges.Range range : ranges.ranges()) {
      text.append(
          String.format(
              Locale.ROOT,
              format,
              range.offset(),
              range.bytes(),
              start(range),
              range.sectors(),
              traits(range.traits(), "  ")));
    }
    return text.toString();
  }

  /** What it is about, each line behind a mark. */
  private void comment(StringBuilder text, String mark) {
    // A name may have line breaks, which must not begin lines of their own.
    text.append(mark).append(file.replaceAll("\\p{Cntrl}", "?"));
    text.append(": ").append(size).append(" bytes (").append(Units.human(size)).append(") on ");
    text.append(device.fileSystem()).append('\n');
    text.append(mark).append("Sectors of 512 bytes, counted from the beginning of ");
    text.append(countedIn()).append('\n');
    String part = device.name();
    for (HoldingDevice.Container container : device.containers()) {
      text.append(mark).append(part).append(container.isFile() ? " is " : " begins at sector ");
      if (!container.isFile()) {
        text.append(container.start()).append(" of ").append(container.name());
      } else if (container.start() == 0) {
        text.append("the file ").append(container.name());
      } else {
        text.append("the file ").append(container.name()).append(" from sector ");
        text.append(container.start()).append(" on");
      }
      text.append('\n');
      part = container.name();
    }
  }

  private static String traits(Set<Trait> traits, String before) {
    List<String> names = new ArrayList<>();
    traits.forEach(trait -> names.add(trait.toString()));
    return names.isEmpty() ? "" : before + String.join(", ", names);
  }

  /** One object. */
  String json() {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("file", new JsonString(file));
    members.put("bytes", JsonNumber.of(size));
    members.put("filesystem", new JsonString(device.fileSystem()));
    members.put("device", new JsonString(device.name()));
    List<JsonValue> containers = new ArrayList<>();
    for (HoldingDevice.Container container : device.containers()) {
      Map<String, JsonValue> one = new LinkedHashMap<>();
      one.put(container.isFile() ? "file" : "disk", new JsonString(container.name()));
      one.put("start", JsonNumber.of(container.start()));
      containers.add(new JsonObject(one));
    }
    members.put("part-of", new JsonArray(containers));
    members.put("counted-in", new JsonString(countedIn()));
    List<JsonValue> extents = new ArrayList<>();
    for (FileRanges.Range range : ranges.ranges()) {
      Map<String, JsonValue> one = new LinkedHashMap<>();
      one.put("offset", JsonNumber.of(range.offset()));
      one.put("bytes", JsonNumber.of(range.bytes()));
      one.put("start", JsonNumber.of(start(range)));
      one.put("nr_sectors", JsonNumber.of(range.sectors()));
      List<JsonValue> flags = new ArrayList<>();
      range.traits().forEach(trait -> flags.add(new JsonString(trait.toString())));
      one.put("flags", new JsonArray(flags));
      extents.add(new JsonObject(one));
    }
    members.put("extents", new JsonArray(extents));
    return Json.writePretty(new JsonObject(members));
  }
}
