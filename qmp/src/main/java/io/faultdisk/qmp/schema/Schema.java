package io.faultdisk.qmp.schema;

import io.faultdisk.qmp.schema.SchemaType.Array;
import io.faultdisk.qmp.schema.SchemaType.Builtin;
import io.faultdisk.qmp.schema.SchemaType.Struct;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The types, commands and events of the protocol. Immutable once made; safe from any thread.
 *
 * <p>It is written in a small language of its own, one definition per block:
 *
 * <pre>
 * # A comment.
 * enum DriverName: raw qcow2 file
 * alternate NodeRef: NodeOptions str
 * struct CacheOptions
 *   direct?: bool
 *   x-magic?: int !unstable
 * union NodeOptions by driver
 *   driver: DriverName
 *   cache?: CacheOptions
 *   case raw: RawOptions
 * struct RawOptions
 *   + FormatOptions
 *   offset?: int
 * command node-add NodeOptions
 * command node-query -> [NodeInfo]
 *   flat?: bool
 * command node-remove !deprecated !oob
 *   name: str
 * event NODE_GONE
 *   name: str
 * extend enum DriverName: nfs
 * extend union NodeOptions
 *   case nfs: NfsOptions
 * </pre>
 *
 * <p>{@code ?} makes a member optional, {@code + TYPE} includes the members of a type defined
 * before, {@code !} adds a feature; {@code !oob} lets a command be executed out of band; {@code
 * extend} adds to a type, or puts a member in the place of one of the same name.
 */
public final class Schema {
  /** The object without members. */
  public static final String EMPTY = "{}";

  private final Map<String, SchemaType> types = new LinkedHashMap<>();
  private final Map<String, CommandSchema> commands = new LinkedHashMap<>();
  private final Map<String, CommandSchema> events = new LinkedHashMap<>();

  private Schema() {
    for (Builtin builtin : Builtin.values()) {
      types.put(builtin.toString(), builtin);
    }
    define(new Struct(EMPTY, List.of(), Optional.empty(), Map.of()));
  }

  /**
   * Reads it from texts that may refer to each other.
   *
   * @throws IllegalArgumentException naming the line that is wrong
   */
  public static Schema of(String... texts) {
    Schema schema = new Schema();
    for (String text : texts) {
      new SchemaReader(schema).read(text);
    }
    schema.types.values().forEach(schema::checkReferences);
    return schema;
  }

  /** The text of a resource beside a class. */
  public static String resource(Class<?> place, String name) {
    try (InputStream in = place.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void define(SchemaType type) {
    if (types.putIfAbsent(type.name(), type) != null) {
      throw new IllegalArgumentException(type.name() + " is defined twice");
    }
  }

  /** Puts a type in the place of one of the same name. */
  void redefine(SchemaType type) {
    types.put(type.name(), type);
  }

  void command(CommandSchema command) {
    if (commands.putIfAbsent(command.name(), command) != null) {
      throw new IllegalArgumentException("command " + command.name() + " is defined twice");
    }
  }

  void event(CommandSchema event) {
    if (events.putIfAbsent(event.name(), event) != null) {
      throw new IllegalArgumentException("event " + event.name() + " is defined twice");
    }
  }

  /** The type of a name. */
  public SchemaType type(String name) {
    if (name.startsWith("[")) {
      return new Array(name.substring(1, name.length() - 1));
    }
    SchemaType type = types.get(name);
    if (type == null) {
      throw new IllegalArgumentException("there is no type " + name);
    }
    return type;
  }

  /** The object type of a name. */
  public Struct struct(String name) {
    if (type(name) instanceof Struct struct) {
      return struct;
    }
    throw new IllegalArgumentException(name + " is no object");
  }

  /** A command, if there is one of that name. */
  public Optional<CommandSchema> command(String name) {
    return Optional.ofNullable(commands.get(name));
  }

  /** In the order they were defined. */
  public Collection<CommandSchema> commands() {
    return commands.values();
  }

  /** In the order they were defined. */
  public Collection<CommandSchema> events() {
    return events.values();
  }

  private void checkReferences(SchemaType type) {
    switch (type) {
      case Builtin _, SchemaType.Choice _ -> {}
      case Struct struct -> {
        struct.members().forEach(member -> resolve(member.type()));
        struct.cases().values().forEach(this::struct);
      }
      case SchemaType.Alternate alternate -> alternate.types().forEach(this::resolve);
      case Array array -> resolve(array.element());
    }
  }

  private void resolve(String name) {
    if (type(name) instanceof Array(String element)) {
      resolve(element);
    }
  }
}
