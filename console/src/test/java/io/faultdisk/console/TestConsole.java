package io.faultdisk.console;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNull;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A console over a disk in memory, and a client who knows the token. */
final class TestConsole implements AutoCloseable {
  final MemoryStorage storage = new MemoryStorage();
  final TestExplorations explorations = new TestExplorations();
  final List<String> complaints = new CopyOnWriteArrayList<>();
  final ConsoleServer server;
  final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();

  TestConsole() throws UsageException {
    server =
        ConsoleServer.start(
            ConsoleSettings.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "1.2.3")
                .withAllowedHost("lab.example"),
            storage,
            explorations,
            complaints::add);
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server.base() + path))
        .timeout(Duration.ofSeconds(30))
        .header("Authorization", "Bearer " + server.token());
  }

  HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return client.send(request, BodyHandlers.ofString());
  }

  HttpResponse<String> send(String method, String path) throws Exception {
    return send(request(path).method(method, BodyPublishers.noBody()).build());
  }

  HttpResponse<String> sendJson(String method, String path, String json) throws Exception {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(json))
            .build());
  }

  HttpResponse<String> sendText(String method, String path, String text) throws Exception {
    return send(
        request(path)
            .header("Content-Type", "text/plain")
            .method(method, BodyPublishers.ofString(text))
            .build());
  }

  /** The JSON of an answer with that status. */
  static Object json(HttpResponse<String> response, int status) throws UsageException {
    if (response.statusCode() != status) {
      throw new AssertionError(response.statusCode() + ": " + response.body());
    }
    return plain(Json.parse(response.body()));
  }

  Object get(String path) throws Exception {
    return json(send("GET", path), 200);
  }

  /** JSON as maps, lists, strings, longs, doubles and booleans. */
  static Object plain(JsonValue value) {
    return switch (value) {
      case JsonObject object -> {
        Map<String, Object> map = new LinkedHashMap<>();
        object.members().forEach((name, member) -> map.put(name, plain(member)));
        yield map;
      }
      case JsonArray array -> {
        List<Object> list = new ArrayList<>();
        array.elements().forEach(element -> list.add(plain(element)));
        yield list;
      }
      case JsonString text -> text.value();
      case JsonNumber number ->
          number.text().matches("-?[0-9]+")
              ? (Object) Long.parseLong(number.text())
              : (Object) Double.parseDouble(number.text());
      case JsonBool bool -> bool.value();
      case JsonNull _ -> "null";
    };
  }

  @Override
  public void close() {
    server.close();
    storage.close();
    client.close();
  }
}
