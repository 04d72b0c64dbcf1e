package io.faultdisk.cli.img;

import io.faultdisk.base.QemuKeyOrder;
import io.faultdisk.base.Units;
import io.faultdisk.block.BackingReference;
import io.faultdisk.block.options.JsonArray;
import io.faultdisk.block.options.JsonBool;
import io.faultdisk.block.options.JsonNull;
import io.faultdisk.block.options.JsonNumber;
import io.faultdisk.block.options.JsonObject;
import io.faultdisk.block.options.JsonString;
import io.faultdisk.block.options.JsonValue;
import io.faultdisk.cli.Console;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/** Prints what {@code info} says about an image for people. */
final class ImageReportText {
  private static final int INDENT = 4;

  private final Console console;

  ImageReportText(Console console) {
    this.console = console;
  }

  void print(ImageReport report) {
    OptionalLong actual = report.actualSize();
    console.line("image: " + report.filename());
    console.line("file format: " + report.format());
    console.line(
        "virtual size: "
            + Units.brief(report.virtualSize())
            + " ("
            + report.virtualSize()
            + " bytes)");
    console.line(
        "disk size: " + (actual.isPresent() ? Units.brief(actual.getAsLong()) : "unavailable"));
    report
        .facts()
        .ifPresent(
            facts -> {
              if (facts.clusterSize() != 0) {
                console.line("cluster_size: " + facts.clusterSize());
              }
              if (facts.dirty()) {
                console.line("cleanly shut down: no");
              }
            });
    report.backing().ifPresent(backing -> backing(report, backing));
    Snapshots.table(report.snapshots()).forEach(console::line);
    report
        .specific()
        .ifPresent(
            specific -> {
              console.line("Format specific information:");
              members(specific, 1);
            });
  }

  private void backing(ImageReport report, BackingReference backing) {
    String where =
        report
            .fullBacking()
            .map(full -> full.equals(backing.filename()) ? "" : " (actual path: " + full + ")")
            .orElse(" (cannot determine actual path)");
    console.line("backing file: " + backing.filename() + where);
    backing.format().ifPresent(format -> console.line("backing file format: " + format));
  }

  private void members(JsonObject object, int depth) {
    for (String key : QemuKeyOrder.of(object.members().keySet(), StandardCharsets.UTF_8)) {
      JsonValue value = object.members().getOrDefault(key, new JsonNull());
      item(key.replace('-', ' '), value, depth);
    }
  }

  private void item(String name, JsonValue value, int depth) {
    String head = " ".repeat(INDENT * depth) + name + ":";
    switch (value) {
      case JsonObject object -> {
        console.line(head);
        members(object, depth + 1);
      }
      case JsonArray array -> {
        console.line(head);
        for (int i = 0; i < array.elements().size(); i++) {
          item("[" + i + "]", array.elements().get(i), depth + 1);
        }
      }
      case JsonString(String text) -> console.line(head + " " + text);
      case JsonNumber(String text) -> console.line(head + " " + text);
      case JsonBool(boolean bool) -> console.line(head + " " + bool);
      case JsonNull() -> console.line(head + " null");
    }
  }
}
