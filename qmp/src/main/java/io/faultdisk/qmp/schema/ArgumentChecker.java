package io.faultdisk.qmp.schema;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNull;
import io.faultdisk.base.json.JsonNumber;
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
import java.util.Optional;

/**
 * Checks arguments by the schema, and brings them into its order and types.
 *
 * <p>Of several mistakes the first in the schema's order is named; unknown members come last.
 * Stateless but for the schema; safe from any thread.
 *
 * <p>Source: texts and order observed with qemu-storage-daemon 7.2. Where that names a place by its
 * whole path and where by its last name only, or even by {@code null}, is its habit.
 */
public final class ArgumentChecker {
  /** What stands for the name of an element of a list, where only the last name is told. */
  private static final String NO_NAME = "null";

  private final Schema schema;
  private final Scalars scalars;

  /** A checker of JSON, as it comes over a socket. */
  public static ArgumentChecker ofJson(Schema schema) {
    return new ArgumentChecker(schema, new JsonScalars());
  }

  /** A checker of {@code key=value,...}, where all scalars are strings. */
  public static ArgumentChecker ofKeyValues(Schema schema) {
    return new ArgumentChecker(schema, new KeyValueScalars());
  }

  private ArgumentChecker(Schema schema, Scalars scalars) {
    this.schema = schema;
    this.scalars = scalars;
  }

  /**
   * Checks an object.
   *
   * @param type the name of its type
   * @return the same in the schema's order; numbers, bools and sizes as such
   */
  public JsonObject check(String type, JsonObject given) throws UsageException {
    return struct(Path.ROOT, schema.struct(type), given);
  }

  /** Where in the arguments something is. */
  private record Path(String full, Optional<String> last) {
    static final Path ROOT = new Path("", Optional.empty());

    Path member(String name) {
      return new Path(full.isEmpty() ? name : full + "." + name, Optional.of(name));
    }

    Path element(String index) {
      return new Path(full + index, Optional.empty());
    }

    String shortName() {
      return last.orElse(NO_NAME);
    }
  }

  private JsonValue value(Path path, String typeName, JsonValue given) throws UsageException {
    return switch (schema.type(typeName)) {
      case Builtin builtin -> scalars.scalar(path.full(), path.shortName(), builtin, given);
      case Choice choice -> choice(path, choice, given);
      case Struct struct -> {
        if (!(given instanceof JsonObject object)) {
          throw wrongType(path.full(), "object");
        }
        yield struct(path, struct, object);
      }
      case Array(String element) -> array(path, element, given);
      case Alternate alternate -> alternate(path, alternate, given);
    };
  }

  private JsonObject struct(Path path, Struct struct, JsonObject given) throws UsageException {
    Map<String, JsonValue> checked = new LinkedHashMap<>();
    members(path, struct, given, checked);
    Optional<String> unexpected = UnexpectedKey.of(given.members().keySet(), checked.keySet());
    if (unexpected.isPresent()) {
      throw new UsageException(
          "Parameter '" + path.member(unexpected.get()).full() + "' is unexpected");
    }
    return new JsonObject(checked);
  }

  private void members(Path path, Struct struct, JsonObject given, Map<String, JsonValue> checked)
      throws UsageException {
    for (Member member : struct.members()) {
      JsonValue value = given.members().get(member.name());
      Path place = path.member(member.name());
      if (value != null) {
        checked.put(member.name(), value(place, member.type(), value));
      } else if (!member.optional()) {
        throw new UsageException("Parameter '" + place.full() + "' is missing");
      }
    }
    if (struct.tag().isPresent()
        && checked.get(struct.tag().get()) instanceof JsonString(String chosen)) {
      String more = struct.cases().getOrDefault(chosen, Schema.EMPTY);
      members(path, schema.struct(more), given, checked);
    }
  }

  private JsonValue choice(Path path, Choice choice, JsonValue given) throws UsageException {
    JsonValue text = scalars.scalar(path.full(), path.shortName(), Builtin.STR, given);
    if (text instanceof JsonString(String word)
        && choice.values().stream().anyMatch(value -> value.name().equals(word))) {
      return text;
    }
    String word = text instanceof JsonString(String shown) ? shown : "";
    throw new UsageException(
        "Parameter '" + path.shortName() + "' does not accept value '" + word + "'");
  }

  private JsonArray array(Path path, String element, JsonValue given) throws UsageException {
    if (!(given instanceof JsonArray array)) {
      throw wrongType(path.full(), "array");
    }
    List<JsonValue> checked = new ArrayList<>();
    for (JsonValue each : array.elements()) {
      checked.add(value(path.element(scalars.index(checked.size())), element, each));
    }
    return new JsonArray(checked);
  }

  private JsonValue alternate(Path path, Alternate alternate, JsonValue given)
      throws UsageException {
    for (String type : alternate.types()) {
      boolean fits =
          switch (schema.type(type)) {
            case Struct _ -> given instanceof JsonObject;
            case Array _ -> given instanceof JsonArray;
            case Choice _ -> given instanceof JsonString;
            case Builtin builtin ->
                switch (builtin) {
                  case STR -> given instanceof JsonString;
                  case BOOL -> given instanceof JsonBool;
                  case NULL -> given instanceof JsonNull;
                  case NUMBER, INT, UINT8, UINT16, UINT32, UINT64, SIZE ->
                      given instanceof JsonNumber;
                  case ANY -> true;
                };
            case Alternate _ -> false;
          };
      if (fits) {
        return value(path, type, given);
      }
    }
    throw wrongType(path.shortName(), alternate.name());
  }

  static UsageException wrongType(String name, String expected) {
    return new UsageException("Invalid parameter type for '" + name + "', expected: " + expected);
  }
}
