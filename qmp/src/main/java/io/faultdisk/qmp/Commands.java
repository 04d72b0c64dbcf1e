package io.faultdisk.qmp;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.qmp.schema.ArgumentChecker;
import io.faultdisk.qmp.schema.CommandSchema;
import io.faultdisk.qmp.schema.Introspection;
import io.faultdisk.qmp.schema.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What can be executed: each command of a schema with what it does.
 *
 * <p>Commands are added by one thread, before anybody looks for them.
 */
public final class Commands {
  /** The one that a session does itself. */
  static final String CAPABILITIES = "qmp_capabilities";

  private final Schema schema;
  private final ArgumentChecker checker;
  private final Map<String, Command> commands = new HashMap<>();

  /** What a command does. */
  @FunctionalInterface
  public interface Action {
    /**
     * Does it. Commands of one client are executed one after the other, except out of band; those
     * of several clients at the same time.
     *
     * @param arguments checked by the schema
     * @return what the schema says that it returns
     */
    JsonValue run(JsonObject arguments) throws UsageException;
  }

  /** A command and what it does. */
  record Command(CommandSchema schema, Action action) {}

  /** None but {@code query-commands} and {@code query-qmp-schema}. */
  public Commands(Schema schema) {
    this.schema = schema;
    this.checker = ArgumentChecker.ofJson(schema);
    add("query-commands", _ -> names());
    add("query-qmp-schema", _ -> Introspection.of(schema));
  }

  /** Adds a command that the schema has. */
  public void add(String name, Action action) {
    CommandSchema found =
        schema
            .command(name)
            .orElseThrow(() -> new IllegalArgumentException("the schema has no " + name));
    commands.put(name, new Command(found, action));
  }

  /** The names of commands of the schema that nobody has added. */
  public List<String> missing() {
    return schema.commands().stream()
        .map(CommandSchema::name)
        .filter(name -> !name.equals(CAPABILITIES) && !commands.containsKey(name))
        .toList();
  }

  /** What the schema is. */
  public Schema schema() {
    return schema;
  }

  Optional<Command> find(String name) {
    return Optional.ofNullable(commands.get(name));
  }

  JsonObject check(CommandSchema command, JsonObject arguments) throws UsageException {
    return checker.check(command.arguments(), arguments);
  }

  private JsonArray names() {
    List<JsonValue> names = new ArrayList<>();
    for (CommandSchema command : schema.commands()) {
      names.add(new JsonObject(Map.of("name", new JsonString(command.name()))));
    }
    return new JsonArray(names);
  }
}
