package io.faultdisk.cli.img;

import io.faultdisk.base.Units;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.block.format.CheckResult;
import io.faultdisk.block.format.CheckResult.ClusterCounts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The summary of a check. */
final class CheckText {
  private static final double PERCENT = 100.0;

  private CheckText() {}

  /** What is said between a repair and the check after it. */
  static List<String> repaired(int leaks, int corruptions) {
    return List.of(
        "The following inconsistencies were found and repaired:",
        "",
        "    " + leaks + " leaked clusters",
        "    " + corruptions + " corruptions",
        "",
        "Double checking the fixed image now...");
  }

  /** For people. */
  static List<String> lines(CheckResult result) {
    List<String> lines = new ArrayList<>();
    if (result.corruptions() != 0) {
      lines.add("");
      lines.add(result.corruptions() + " errors were found on the image.");
      lines.add("Data may be corrupted, or further writes to the image may corrupt it.");
    }
    if (result.leaks() != 0) {
      lines.add("");
      lines.add(result.leaks() + " leaked clusters were found on the image.");
      lines.add("This means waste of disk space, but no harm to data.");
    }
    if (result.checkErrors() != 0) {
      lines.add("");
      lines.add(result.checkErrors() + " internal errors have occurred during the check.");
    }
    if (lines.isEmpty()) {
      lines.add("No errors were found on the image.");
    }
    ClusterCounts clusters = result.clusters();
    if (clusters.total() != 0 && clusters.allocated() != 0) {
      lines.add(
          clusters.allocated()
              + "/"
              + clusters.total()
              + " = "
              + percent(clusters.allocated(), clusters.total())
              + " allocated, "
              + percent(clusters.fragmented(), clusters.allocated())
              + " fragmented, "
              + percent(clusters.compressed(), clusters.allocated())
              + " compressed clusters");
    }
    if (result.imageEndOffset() != 0) {
      lines.add("Image end offset: " + result.imageEndOffset());
    }
    return lines;
  }

  private static String percent(long part, long whole) {
    return Units.fixed(part * PERCENT / whole, 2) + "%";
  }

  /** For programs. What is zero is left out, except errors of the check itself. */
  static JsonObject json(
      String filename, String format, CheckResult result, int corruptionsFixed, int leaksFixed) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    ClusterCounts clusters = result.clusters();
    members.put("filename", new JsonString(filename));
    members.put("format", new JsonString(format));
    members.put("check-errors", JsonNumber.of(result.checkErrors()));
    put(members, "image-end-offset", result.imageEndOffset());
    put(members, "corruptions", result.corruptions());
    put(members, "leaks", result.leaks());
    put(members, "corruptions-fixed", corruptionsFixed);
    put(members, "leaks-fixed", leaksFixed);
    put(members, "total-clusters", clusters.total());
    put(members, "allocated-clusters", clusters.allocated());
    put(members, "fragmented-clusters", clusters.fragmented());
    put(members, "compressed-clusters", clusters.compressed());
    return new JsonObject(members);
  }

  private static void put(Map<String, JsonValue> members, String key, long number) {
    if (number != 0) {
      members.put(key, JsonNumber.of(number));
    }
  }
}
