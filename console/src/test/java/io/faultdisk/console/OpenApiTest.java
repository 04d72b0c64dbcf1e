package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The description of the API is that of the API. */
@Timeout(120)
class OpenApiTest {
  private static TestConsole console;
  private static Map<String, Object> document;

  @BeforeAll
  static void start() throws Exception {
    console = new TestConsole();
    document = object(console.get("/openapi.json"));
  }

  @AfterAll
  static void stop() {
    console.close();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Object json) {
    return (Map<String, Object>) json;
  }

  private static Map<String, Object> paths() {
    return object(document.get("paths"));
  }

  @Test
  void everyRouteIsDescribedAndNothingElse() {
    Map<String, Set<String>> described = new TreeMap<>();
    paths()
        .forEach(
            (path, item) -> {
              Set<String> methods = new TreeSet<>();
              for (String key : object(item).keySet()) {
                if (!key.equals("parameters")) {
                  methods.add(key.toUpperCase(java.util.Locale.ROOT));
                }
              }
              described.put(path, methods);
            });
    Map<String, Set<String>> routes = new TreeMap<>();
    for (Route route : console.server.routes()) {
      routes.computeIfAbsent(route.path(), path -> new TreeSet<>()).add(route.method());
    }
    assertThat(described).isEqualTo(routes);
  }

  @Test
  void bodiesAreThoseThatAreTaken() {
    for (Route route : console.server.routes()) {
      Map<String, Object> operation = operation(route);
      Set<String> described =
          operation.containsKey("requestBody")
              ? object(object(operation.get("requestBody")).get("content")).keySet()
              : Set.of();
      Set<String> taken = new TreeSet<>();
      if (route.body().takesJson()) {
        taken.add("application/json");
      }
      if (route.body().takesText()) {
        taken.add("text/plain");
      }
      assertThat(described).as(route.method() + " " + route.path()).hasSameElementsAs(taken);
    }
  }

  private static Map<String, Object> operation(Route route) {
    return object(
        object(paths().get(route.path())).get(route.method().toLowerCase(java.util.Locale.ROOT)));
  }

  @Test
  void parametersAreThoseOfThePath() {
    paths()
        .forEach(
            (path, item) -> {
              List<String> named = new ArrayList<>();
              for (Object parameter :
                  (List<?>) object(item).getOrDefault("parameters", List.of())) {
                named.add("{" + object(parameter).get("name") + "}");
              }
              assertThat(named).as(path).allSatisfy(name -> assertThat(path).contains(name));
              assertThat(path.chars().filter(c -> c == '{').count()).isEqualTo(named.size());
            });
  }

  @Test
  void whatIsReferredToIsThere() {
    Map<String, Object> schemas = object(object(document.get("components")).get("schemas"));
    List<String> references = new ArrayList<>();
    collect(document, references);
    assertThat(references).isNotEmpty();
    assertThat(references)
        .allSatisfy(
            reference ->
                assertThat(schemas).containsKey(reference.replace("#/components/schemas/", "")));
  }

  private static void collect(Object json, List<String> references) {
    if (json instanceof Map<?, ?> map) {
      map.forEach(
          (name, value) -> {
            if (name.equals("$ref")) {
              references.add((String) value);
            }
            collect(value, references);
          });
    } else if (json instanceof List<?> list) {
      list.forEach(element -> collect(element, references));
    }
  }

  /** Real answers have the members that are described, with the types that are described. */
  @Test
  void answersAreAsDescribed() throws Exception {
    console.sendJson("POST", "/disks/disk/faults", "{\"kind\":\"inject-error\",\"sector\":1}");
    console.sendJson("POST", "/disks/disk/breakpoints", "{\"event\":\"cow_read\",\"tag\":\"t\"}");
    console.sendJson("POST", "/explorations", "{\"script\":\"x\"}");
    long fault = console.storage.disk().faults().get(0).id();
    Map<String, String> place =
        new HashMap<>(Map.of("disk", "disk", "fault", "" + fault, "exploration", "1"));
    for (Route route : console.server.routes()) {
      Map<String, Object> operation = operation(route);
      Object described = object(operation.get("responses")).getOrDefault("200", Map.of());
      Map<String, Object> content = object(object(described).getOrDefault("content", Map.of()));
      if (route.method().equals("GET") && content.containsKey("application/json")) {
        String path = route.path();
        for (Map.Entry<String, String> value : place.entrySet()) {
          path = path.replace("{" + value.getKey() + "}", value.getValue());
        }
        Object schema = object(content.get("application/json")).get("schema");
        check(path, console.get(path), object(schema));
      }
    }
    check(
        "error",
        TestConsole.json(console.send("GET", "/disks/x"), 404),
        Map.of("$ref", "#/components/schemas/Error"));
  }

  private static void check(String where, Object json, Map<String, Object> schema) {
    if (schema.containsKey("$ref")) {
      String name = ((String) schema.get("$ref")).replace("#/components/schemas/", "");
      check(
          where, json, object(object(object(document.get("components")).get("schemas")).get(name)));
      return;
    }
    switch (String.valueOf(schema.get("type"))) {
      case "string" -> assertThat(json).as(where).isInstanceOf(String.class);
      case "integer" -> assertThat(json).as(where).isInstanceOf(Long.class);
      case "number" -> assertThat(json).as(where).isInstanceOf(Number.class);
      case "boolean" -> assertThat(json).as(where).isInstanceOf(Boolean.class);
      case "array" -> {
        assertThat(json).as(where).isInstanceOf(List.class);
        for (Object element : (List<?>) json) {
          check(where + "[]", element, object(schema.get("items")));
        }
      }
      case "object" -> {
        assertThat(json).as(where).isInstanceOf(Map.class);
        Map<String, Object> properties = object(schema.getOrDefault("properties", Map.of()));
        for (Object name : (List<?>) schema.getOrDefault("required", List.of())) {
          assertThat(object(json)).as(where).containsKey((String) name);
        }
        object(json)
            .forEach(
                (name, value) -> {
                  if (properties.containsKey(name)) {
                    check(where + "." + name, value, object(properties.get(name)));
                  } else {
                    assertThat(properties).as(where + " has no " + name).isEmpty();
                  }
                });
      }
      default -> throw new AssertionError(where + ": " + schema);
    }
  }
}
