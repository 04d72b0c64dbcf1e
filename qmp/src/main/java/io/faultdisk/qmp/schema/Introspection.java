package io.faultdisk.qmp.schema;

import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNull;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.qmp.schema.SchemaType.Alternate;
import io.faultdisk.qmp.schema.SchemaType.Array;
import io.faultdisk.qmp.schema.SchemaType.Builtin;
import io.faultdisk.qmp.schema.SchemaType.Choice;
import io.faultdisk.qmp.schema.SchemaType.Member;
import io.faultdisk.qmp.schema.SchemaType.Struct;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Answers {@code query-qmp-schema}: commands, events, and the types that they need, each type under
 * a number, since clients shall not rely on names. For one thread, used once.
 */
public final class Introspection {
  private final Schema schema;
  private final Map<String, String> numbers = new LinkedHashMap<>();
  private final List<JsonValue> entries = new ArrayList<>();

  /** The types that have a number and no entry yet, and lists. */
  private final List<String> pending = new ArrayList<>();

  private Introspection(Schema schema) {
    this.schema = schema;
  }

  /** The whole schema. */
  public static JsonArray of(Schema schema) {
    return new Introspection(schema).all();
  }

  private JsonArray all() {
    var unused = reference(Schema.EMPTY); // gets number 0
    for (CommandSchema command : schema.commands()) {
      Map<String, JsonValue> entry = entry(command.name(), "command", command.features());
      entry.put("arg-type", reference(command.arguments()));
      entry.put("ret-type", reference(command.result()));
      if (command.oob()) {
        entry.put("allow-oob", new JsonBool(true));
      }
      entries.add(new JsonObject(entry));
    }
    for (CommandSchema event : schema.events()) {
      Map<String, JsonValue> entry = entry(event.name(), "event", event.features());
      entry.put("arg-type", reference(event.arguments()));
      entries.add(new JsonObject(entry));
    }
    for (int i = 0; i < pending.size(); i++) {
      entries.add(type(pending.get(i)));
    }
    return new JsonArray(entries);
  }

  private static Map<String, JsonValue> entry(String name, String kind, List<String> features) {
    Map<String, JsonValue> entry = new LinkedHashMap<>();
    entry.put("name", new JsonString(name));
    entry.put("meta-type", new JsonString(kind));
    if (!features.isEmpty()) {
      entry.put("features", strings(features));
    }
    return entry;
  }

  private static JsonArray strings(List<String> words) {
    return new JsonArray(List.<JsonValue>copyOf(words.stream().map(JsonString::new).toList()));
  }

  /** How a type is called in the answer. */
  private JsonString reference(String type) {
    return new JsonString(called(type));
  }

  private String called(String typeName) {
    return switch (schema.type(typeName)) {
      case Builtin builtin -> {
        String name = builtin.json().equals("int") ? "int" : builtin.toString();
        yield known(name, name);
      }
      case Array(String element) -> {
        String name = "[" + called(element) + "]";
        yield known(typeName, name);
      }
      case Choice _, Struct _, Alternate _ -> {
        String number = numbers.get(typeName);
        yield number != null ? number : known(typeName, Integer.toString(userTypes++));
      }
    };
  }

  private int userTypes;

  private String known(String type, String called) {
    if (numbers.putIfAbsent(type, called) == null) {
      pending.add(type);
    }
    return called;
  }

  private JsonObject type(String name) {
    String called = called(name);
    return switch (schema.type(name)) {
      case Builtin builtin -> {
        Map<String, JsonValue> entry = entry(called, "builtin", List.of());
        entry.put("json-type", new JsonString(builtin.json()));
        yield new JsonObject(entry);
      }
      case Array(String element) -> {
        Map<String, JsonValue> entry = entry(called, "array", List.of());
        entry.put("element-type", reference(element));
        yield new JsonObject(entry);
      }
      case Choice choice -> {
        Map<String, JsonValue> entry = entry(called, "enum", List.of());
        List<JsonValue> members = new ArrayList<>();
        for (Member value : choice.values()) {
          Map<String, JsonValue> member = new LinkedHashMap<>();
          member.put("name", new JsonString(value.name()));
          if (!value.features().isEmpty()) {
            member.put("features", strings(value.features()));
          }
          members.add(new JsonObject(member));
        }
        entry.put("members", new JsonArray(members));
        entry.put("values", strings(choice.values().stream().map(Member::name).toList()));
        yield new JsonObject(entry);
      }
      case Struct struct -> struct(called, struct);
      case Alternate alternate -> {
        Map<String, JsonValue> entry = entry(called, "alternate", List.of());
        List<JsonValue> members = new ArrayList<>();
        for (String type : alternate.types()) {
          members.add(new JsonObject(Map.of("type", reference(type))));
        }
        entry.put("members", new JsonArray(members));
        yield new JsonObject(entry);
      }
    };
  }

  private JsonObject struct(String called, Struct struct) {
    Map<String, JsonValue> entry = entry(called, "object", List.of());
    List<JsonValue> members = new ArrayList<>();
    for (Member each : struct.members()) {
      Map<String, JsonValue> member = new LinkedHashMap<>();
      member.put("name", new JsonString(each.name()));
      member.put("type", reference(each.type()));
      if (each.optional()) {
        member.put("default", new JsonNull());
      }
      if (!each.features().isEmpty()) {
        member.put("features", strings(each.features()));
      }
      members.add(new JsonObject(member));
    }
    entry.put("members", new JsonArray(members));
    if (struct.tag().isPresent()) {
      entry.put("tag", new JsonString(struct.tag().get()));
      entry.put("variants", variants(struct, struct.tag().get()));
    }
    return new JsonObject(entry);
  }

  private JsonArray variants(Struct struct, String tag) {
    List<JsonValue> variants = new ArrayList<>();
    for (Member member : struct.members()) {
      if (member.name().equals(tag) && schema.type(member.type()) instanceof Choice choice) {
        for (Member value : choice.values()) {
          String type = struct.cases().getOrDefault(value.name(), Schema.EMPTY);
          variants.add(
              new JsonObject(
                  Map.of("case", new JsonString(value.name()), "type", reference(type))));
        }
      }
    }
    return new JsonArray(variants);
  }
}
