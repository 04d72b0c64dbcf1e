package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonNull;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.block.options.FileNames;
import io.faultdisk.block.options.Options;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Names nodes by files: a plain file name if that opens the same, else a JSON object with
 * everything that decides the node's content.
 */
final class NodeName {
  private NodeName() {}

  static String of(Node node) {
    return exact(node).orElseGet(() -> "json:" + Json.write(describe(node)));
  }

  /**
   * The plain name, if there is one: that of its file for a format, unless options or another
   * backing file than the usual one make it something else.
   */
  static Optional<String> exact(Node node) {
    if (node.type().kind() != DriverType.Kind.FORMAT) {
      return node.driver().exactFilename();
    }
    Optional<Child> file = node.primaryChild();
    if (file.isEmpty()
        || file.get().node().type().kind() == DriverType.Kind.FORMAT
        || backingOverridden(node)
        || hasDecidingOptions(node)) {
      return Optional.empty();
    }
    return exact(file.get().node());
  }

  private static boolean hasDecidingOptions(Node node) {
    for (String key : node.options().effective().keys()) {
      if (decides(node, key)) {
        return true;
      }
    }
    return false;
  }

  /** Whoever only looks at metadata does not care about the backing file. */
  private static boolean backingOverridden(Node node) {
    return !node.flags().has(OpenFlags.Mode.NO_IO) && node.backingOverridden();
  }

  private static JsonObject describe(Node node) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("driver", new JsonString(node.type().name()));
    Options effective = node.options().effective();
    for (String key : effective.keys()) {
      if (decides(node, key)) {
        effective.get(key).ifPresent(value -> members.put(key, value));
      }
    }
    boolean overridden = backingOverridden(node);
    for (Child child : node.children()) {
      if (child.role() != ChildRole.BACKING || overridden) {
        put(members, child.name(), describe(child.node()));
      }
    }
    if (overridden && node.backing().isEmpty()) {
      members.put("backing", new JsonNull());
    }
    return new JsonObject(members);
  }

  /** Children {@code NAME.0}, {@code NAME.1}, ... are the elements of an array. */
  private static void put(Map<String, JsonValue> members, String name, JsonValue value) {
    int dot = name.indexOf('.');
    if (dot < 0) {
      members.put(name, value);
      return;
    }
    String array = name.substring(0, dot);
    List<JsonValue> elements = new ArrayList<>();
    if (members.get(array) instanceof JsonArray(List<JsonValue> before)) {
      elements.addAll(before);
    }
    elements.add(value);
    members.put(array, new JsonArray(elements));
  }

  private static boolean decides(Node node, String key) {
    for (String name : node.type().namingOptions()) {
      if (name.endsWith(".") ? key.startsWith(name) : key.equals(name)) {
        return true;
      }
    }
    return false;
  }

  /**
   * A file name as seen from a node: relative ones are relative to the directory of the node's
   * file.
   *
   * @throws UsageException if the name is relative and the node has no directory
   */
  static String absolute(Node from, String filename) throws UsageException {
    if (FileNames.hasProtocol(filename) || filename.startsWith("/")) {
      return filename;
    }
    return directory(from) + filename;
  }

  /** The directory of the node's file, with a slash at the end, or nothing for the current one. */
  private static String directory(Node node) throws UsageException {
    if (!node.driver().usable()) {
      throw new UsageException("Node '" + node.name() + "' is ejected");
    }
    if (node.primaryChild().isPresent()) {
      return directory(node.primaryChild().get().node());
    }
    Optional<String> exact = exact(node);
    if (exact.isEmpty() || exact.get().isEmpty()) {
      throw new UsageException(
          "Cannot generate a base directory for " + node.type().name() + " nodes");
    }
    return FileNames.combine(exact.get(), "");
  }
}
