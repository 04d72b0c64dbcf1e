package io.faultdisk.qmp.schema;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A type of the schema. Types refer to others by name, since they may contain themselves; {@link
 * Schema#type} finds them. Immutable.
 */
public sealed interface SchemaType {
  /** How other types refer to it; for a list {@code [ELEMENT]}. */
  String name();

  /** What needs no definition. */
  enum Builtin implements SchemaType {
    STR("str", "string"),
    BOOL("bool", "boolean"),
    NUMBER("number", "number"),
    INT("int", "int"),
    UINT8("uint8", "int"),
    UINT16("uint16", "int"),
    UINT32("uint32", "int"),
    UINT64("uint64", "int"),
    SIZE("size", "int"),
    NULL("null", "null"),
    ANY("any", "value");

    private final String text;
    private final String json;

    Builtin(String text, String json) {
      this.text = text;
      this.json = json;
    }

    @Override
    public String toString() {
      return text;
    }

    /** The kind of JSON value, as {@code query-qmp-schema} says it. */
    String json() {
      return json;
    }
  }

  /**
   * A member of an object, or a value of an enum.
   *
   * @param type the name of its type; empty for values of enums
   * @param features {@code deprecated}, {@code unstable}
   */
  record Member(String name, String type, boolean optional, List<String> features) {
    public Member {
      features = List.copyOf(features);
    }
  }

  /** One word of several. */
  record Choice(String name, List<Member> values) implements SchemaType {
    public Choice {
      values = List.copyOf(values);
    }
  }

  /**
   * An object.
   *
   * @param members in the order they are checked
   * @param tag the member whose value decides on further members, if there are such
   * @param cases for values of the tag: the name of the type whose members are added
   */
  record Struct(String name, List<Member> members, Optional<String> tag, Map<String, String> cases)
      implements SchemaType {
    public Struct {
      members = List.copyOf(members);
    }
  }

  /** A value of one of several types, told by what JSON value it is. */
  record Alternate(String name, List<String> types) implements SchemaType {
    public Alternate {
      types = List.copyOf(types);
    }
  }

  /** Any number of values of one type. */
  record Array(String element) implements SchemaType {
    @Override
    public String name() {
      return "[" + element + "]";
    }
  }
}
