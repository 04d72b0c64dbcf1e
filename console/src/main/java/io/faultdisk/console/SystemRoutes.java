package io.faultdisk.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** What is about the server and not about a disk. */
final class SystemRoutes {
  /** Needs no token. */
  static final String HEALTH = "/healthz";

  /** Never ends. */
  static final String EVENTS = "/events";

  private final Storage storage;
  private final String version;

  SystemRoutes(Storage storage, String version) {
    this.storage = storage;
    this.version = version;
  }

  List<Route> routes() {
    return List.of(
        Route.get(
            HEALTH, call -> Answer.json(new JsonText().object().member("status", "ok").end())),
        Route.get("/version", call -> version()),
        Route.get(
            "/metrics",
            call ->
                Answer.text(new Metrics(storage.disks().all(), version).text())
                    .with("Content-Type", Metrics.TYPE)),
        Route.get("/openapi.json", call -> openApi()),
        Route.get(
            EVENTS,
            call -> {
              throw new IllegalStateException("a stream");
            }));
  }

  private Answer version() {
    return Answer.json(
        new JsonText().object().member("version", version).member("name", "faultdisk").end());
  }

  private static Answer openApi() {
    try (InputStream file = SystemRoutes.class.getResourceAsStream("openapi.json")) {
      if (file == null) {
        throw new IllegalStateException("resource openapi.json is missing");
      }
      return Answer.of(200, Answer.JSON, file.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("resource openapi.json", e);
    }
  }
}
