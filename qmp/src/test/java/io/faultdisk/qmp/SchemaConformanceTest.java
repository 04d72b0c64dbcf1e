package io.faultdisk.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code query-qmp-schema} of ours against the real one: what we have takes and gives the same,
 * whatever the types are called. We may have fewer words in an enum, and fewer variants.
 */
class SchemaConformanceTest {
  @TempDir private Path temp;

  private record Entries(Map<String, Map<String, JsonValue>> byName) {
    static Entries of(TestClient client) throws Exception {
      JsonValue reply = Json.parse(client.ask("{'execute': 'query-qmp-schema'}"));
      Map<String, Map<String, JsonValue>> entries = new TreeMap<>();
      for (JsonValue entry : list(((JsonObject) reply).members().get("return"))) {
        Map<String, JsonValue> members = ((JsonObject) entry).members();
        assertThat(entries.put(text(members, "name"), members)).isNull();
      }
      return new Entries(entries);
    }

    Map<String, JsonValue> get(String name) {
      Map<String, JsonValue> found = byName.get(name);
      if (found == null) {
        throw new AssertionError("nothing is called " + name);
      }
      return found;
    }
  }

  private static List<JsonValue> list(JsonValue value) {
    return value instanceof JsonArray(List<JsonValue> elements) ? elements : List.of();
  }

  private static String text(Map<String, JsonValue> members, String key) {
    return members.get(key) instanceof JsonString(String text) ? text : "";
  }

  private final SoftAssertions problems = new SoftAssertions();
  private final Set<String> compared = new HashSet<>();

  @Test
  void whatBothHaveIsTheSame() throws Exception {
    Entries real;
    try (RealServer server = new RealServer(temp);
        TestClient client = TestClient.ready(server.socket())) {
      real = Entries.of(client);
    }
    Entries ours;
    try (TestServer server = new TestServer(temp);
        TestClient client = TestClient.ready(server.socket())) {
      ours = Entries.of(client);
    }
    int shared = 0;
    for (Map<String, JsonValue> entry : ours.byName().values()) {
      String name = text(entry, "name");
      String kind = text(entry, "meta-type");
      if (!kind.equals("command") && !kind.equals("event")) {
        continue;
      }
      if (name.startsWith("__io.faultdisk_") || name.equals("human-monitor-command")) {
        continue;
      }
      shared++;
      Map<String, JsonValue> other = real.get(name);
      problems.assertThat(entry.get("features")).as(name).isEqualTo(other.get("features"));
      problems.assertThat(entry.get("allow-oob")).as(name).isEqualTo(other.get("allow-oob"));
      type(name + "(", ours, text(entry, "arg-type"), real, text(other, "arg-type"));
      if (kind.equals("command")) {
        type(name + " -> ", ours, text(entry, "ret-type"), real, text(other, "ret-type"));
      }
    }
    problems.assertAll();
    assertThat(shared).isGreaterThan(25);
    assertThat(compared).hasSizeGreaterThan(80);
  }

  private void type(String where, Entries ours, String our, Entries real, String their) {
    if (!compared.add(our + " " + their)) {
      return;
    }
    Map<String, JsonValue> a = ours.get(our);
    Map<String, JsonValue> b = real.get(their);
    String kind = text(a, "meta-type");
    problems.assertThat(kind).as(where).isEqualTo(text(b, "meta-type"));
    switch (kind) {
      case "builtin" -> problems.assertThat(a).as(where).isEqualTo(b);
      case "array" ->
          type(where + "[]", ours, text(a, "element-type"), real, text(b, "element-type"));
      case "enum" ->
          problems.assertThat(list(b.get("members"))).as(where).containsAll(list(a.get("members")));
      case "alternate" -> alternate(where, ours, a, real, b);
      default -> object(where, ours, a, real, b);
    }
  }

  private void alternate(
      String where,
      Entries ours,
      Map<String, JsonValue> a,
      Entries real,
      Map<String, JsonValue> b) {
    Map<String, String> theirs = new HashMap<>();
    for (JsonValue member : list(b.get("members"))) {
      String type = text(((JsonObject) member).members(), "type");
      theirs.put(text(real.get(type), "meta-type") + text(real.get(type), "json-type"), type);
    }
    for (JsonValue member : list(a.get("members"))) {
      String type = text(((JsonObject) member).members(), "type");
      String key = text(ours.get(type), "meta-type") + text(ours.get(type), "json-type");
      problems.assertThat(theirs).as(where).containsKey(key);
      type(where + "|", ours, type, real, theirs.getOrDefault(key, "0"));
    }
    problems.assertThat(list(a.get("members"))).as(where).hasSameSizeAs(list(b.get("members")));
  }

  private void object(
      String where,
      Entries ours,
      Map<String, JsonValue> a,
      Entries real,
      Map<String, JsonValue> b) {
    problems.assertThat(a.get("tag")).as(where).isEqualTo(b.get("tag"));
    Map<String, Map<String, JsonValue>> mine = byName(a, "members", "name");
    Map<String, Map<String, JsonValue>> theirs = byName(b, "members", "name");
    Set<String> missing = new HashSet<>(theirs.keySet());
    missing.removeAll(mine.keySet());
    missing.remove("encrypt"); // images are not encrypted, so none says how it is
    problems.assertThat(missing).as(where).isEmpty();
    mine.forEach(
        (name, member) -> {
          Map<String, JsonValue> other = theirs.getOrDefault(name, Map.of());
          problems.assertThat(other).as(where + "." + name).isNotEmpty();
          if (!other.isEmpty()) {
            problems
                .assertThat(member.get("default"))
                .as(where + "." + name)
                .isEqualTo(other.get("default"));
            problems
                .assertThat(member.get("features"))
                .as(where + "." + name)
                .isEqualTo(other.get("features"));
            type(where + "." + name, ours, text(member, "type"), real, text(other, "type"));
          }
        });
    Map<String, Map<String, JsonValue>> variants = byName(b, "variants", "case");
    byName(a, "variants", "case")
        .forEach(
            (name, variant) -> {
              Map<String, JsonValue> other = variants.getOrDefault(name, Map.of());
              problems.assertThat(other).as(where + "=" + name).isNotEmpty();
              if (!other.isEmpty()) {
                type(where + "=" + name, ours, text(variant, "type"), real, text(other, "type"));
              }
            });
  }

  private static Map<String, Map<String, JsonValue>> byName(
      Map<String, JsonValue> entry, String list, String key) {
    Map<String, Map<String, JsonValue>> found = new TreeMap<>();
    for (JsonValue member : list(entry.get(list))) {
      Map<String, JsonValue> members = ((JsonObject) member).members();
      found.put(text(members, key), members);
    }
    return found;
  }
}
