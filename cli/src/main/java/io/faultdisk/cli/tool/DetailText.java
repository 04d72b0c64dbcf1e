package io.faultdisk.cli.tool;

import io.faultdisk.base.QemuKeyOrder;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNull;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.cli.Console;
import java.nio.charset.StandardCharsets;

/** Prints what only images of one format have to say, for people. */
public final class DetailText {
  private static final int INDENT = 4;

  private final Console console;

  private DetailText(Console console) {
    this.console = console;
  }

  /** Prints all of it under its heading. */
  public static void print(Console console, JsonObject details) {
    console.line("Format specific information:");
    new DetailText(console).members(details, 1);
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
      case JsonNumber(String text, boolean _) -> console.line(head + " " + text);
      case JsonBool(boolean bool) -> console.line(head + " " + bool);
      case JsonNull() -> console.line(head + " null");
    }
  }
}
