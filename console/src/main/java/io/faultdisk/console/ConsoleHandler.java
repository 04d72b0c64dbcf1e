package io.faultdisk.console;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Takes requests and gives answers. A request has a thread of its own, so a slow client holds up
 * nobody else.
 *
 * <p>First comes who is asking, then what for, then with what; nothing of a request's body is
 * looked at before the token is.
 */
final class ConsoleHandler implements HttpHandler {
  /** The longest body that is read. */
  static final int BODY_BYTES_MAX = 1 << 20;

  /** A client that does not take an answer for so long is cut off. */
  private static final long ANSWER_NANOS_MAX = TimeUnit.SECONDS.toNanos(20);

  /** A line that means nothing, so that both ends notice when the other one is gone. */
  private static final long HEARTBEAT_NANOS = TimeUnit.SECONDS.toNanos(15);

  private static final byte[] HEARTBEAT = ": \n\n".getBytes(StandardCharsets.US_ASCII);

  private static final Map<String, String> HEADERS =
      Map.of(
          "Cache-Control", "no-store",
          "X-Content-Type-Options", "nosniff",
          "X-Frame-Options", "DENY",
          "Referrer-Policy", "no-referrer",
          "Cross-Origin-Resource-Policy", "same-origin",
          "Cross-Origin-Opener-Policy", "same-origin",
          "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");

  private final Gate gate;
  private final Router router;
  private final EventFeed feed;
  private final Storage storage;
  private final Watchdog watchdog;
  private final Consumer<String> complaints;

  ConsoleHandler(
      Gate gate,
      Router router,
      EventFeed feed,
      Storage storage,
      Watchdog watchdog,
      Consumer<String> complaints) {
    this.gate = gate;
    this.router = router;
    this.feed = feed;
    this.storage = storage;
    this.watchdog = watchdog;
    this.complaints = complaints;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Optional<Answer> answer = answer(exchange);
      if (answer.isPresent()) {
        send(exchange, answer.get());
      }
    }
  }

  /** The answer; empty if it was a stream, which is over. */
  private Optional<Answer> answer(HttpExchange exchange) throws IOException {
    try {
      return answerOrThrow(exchange);
    } catch (ApiException e) {
      return Optional.of(e.answer());
    } catch (UsageException e) {
      return Optional.of(ApiException.mistake(e).answer());
    } catch (BlockIoException e) {
      return Optional.of(ApiException.of(500, "the disk says: " + e.getMessage(), "").answer());
    } catch (RuntimeException e) {
      // A mistake of ours with one request is no reason to leave the others without an answer.
      complaints.accept("console: " + exchange.getRequestMethod() + " failed: " + e);
      return Optional.of(ApiException.of(500, "this should not have happened: " + e, "").answer());
    }
  }

  private Optional<Answer> answerOrThrow(HttpExchange exchange)
      throws IOException, ApiException, UsageException {
    String method = exchange.getRequestMethod();
    Headers headers = exchange.getRequestHeaders();
    Optional<String> host = single(headers, "Host");
    gate.checkHost(host);
    gate.checkOrigin(host, single(headers, "Origin"));
    String path = exchange.getRequestURI().getRawPath();
    if (path == null || !path.startsWith("/")) {
      throw ApiException.of(400, "the request has no path", "");
    }
    Optional<Answer> page = StaticPage.find(path);
    if (page.isPresent()) {
      if (!method.equals("GET")) {
        throw ApiException.notAllowed(method, path, List.of("GET"));
      }
      return page;
    }
    gate.checkSite(single(headers, "Sec-Fetch-Site"));
    String rawQuery = exchange.getRequestURI().getRawQuery();
    Map<String, String> query = rawQuery == null ? Map.of() : Call.parameters(rawQuery);
    if (!path.equals(SystemRoutes.HEALTH)) {
      gate.checkToken(method, single(headers, "Authorization"), query);
    }
    Optional<Router.Match> match = router.find(method, path);
    if (match.isEmpty()) {
      throw ApiException.notFound("there is nothing at " + path);
    }
    if (match.get().route().path().equals(SystemRoutes.EVENTS)) {
      stream(exchange, Optional.ofNullable(query.get("disk")));
      return Optional.empty();
    }
    String type = type(single(headers, "Content-Type"));
    checkType(match.get().route(), type);
    Call call = new Call(match.get().place(), query, type, body(exchange));
    return Optional.of(match.get().route().handler().answer(call));
  }

  /** A header that may be there once. */
  private static Optional<String> single(Headers headers, String name) throws ApiException {
    List<String> values = headers.getOrDefault(name, List.of());
    if (values.size() > 1) {
      throw ApiException.of(400, "the header " + name + " is there twice", "");
    }
    return values.isEmpty() ? Optional.empty() : Optional.of(values.get(0).strip());
  }

  private static String type(Optional<String> header) {
    String type = header.orElse("");
    int parameters = type.indexOf(';');
    return (parameters < 0 ? type : type.substring(0, parameters)).strip().toLowerCase(Locale.ROOT);
  }

  private static void checkType(Route route, String type) throws ApiException {
    Route.Body body = route.body();
    if (body == Route.Body.NONE
        || (body.takesJson() && type.equals("application/json"))
        || (body.takesText() && type.equals("text/plain"))) {
      return;
    }
    String wanted =
        switch (body) {
          case NONE -> "";
          case JSON -> "application/json";
          case TEXT -> "text/plain";
          case JSON_OR_TEXT -> "application/json or text/plain";
        };
    throw ApiException.of(
        415,
        type.isEmpty() ? "the header Content-Type is missing" : "this takes no '" + type + "'",
        "send 'Content-Type: " + wanted + "'");
  }

  private static byte[] body(HttpExchange exchange) throws IOException, ApiException {
    byte[] body = exchange.getRequestBody().readNBytes(BODY_BYTES_MAX + 1);
    if (body.length > BODY_BYTES_MAX) {
      throw ApiException.of(413, "the body is longer than 1 MiB", "");
    }
    return body;
  }

  private void send(HttpExchange exchange, Answer answer) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    HEADERS.forEach(headers::set);
    answer.headers().forEach(headers::set);
    try (Watchdog.Watched _ = watchdog.watch(ANSWER_NANOS_MAX)) {
      if (exchange.getRequestMethod().equals("HEAD") || answer.body().length == 0) {
        exchange.sendResponseHeaders(answer.status(), -1);
        return;
      }
      exchange.sendResponseHeaders(answer.status(), answer.body().length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(answer.body());
      }
    }
  }

  /** Sends events until one of the two has enough. */
  private void stream(HttpExchange exchange, Optional<String> disk)
      throws IOException, ApiException {
    if (disk.isPresent() && storage.disks().find(disk.get()).isEmpty()) {
      throw ApiException.notFound("there is no disk '" + disk.get() + "'");
    }
    Subscriber reader = feed.subscribe(disk);
    try (OutputStream out = exchange.getResponseBody()) {
      HEADERS.forEach(exchange.getResponseHeaders()::set);
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      while (true) {
        Optional<List<byte[]>> frames = reader.take(HEARTBEAT_NANOS);
        if (frames.isEmpty()) {
          return;
        }
        try (Watchdog.Watched _ = watchdog.watch(ANSWER_NANOS_MAX)) {
          for (byte[] frame : frames.get()) {
            out.write(frame);
          }
          if (frames.get().isEmpty()) {
            out.write(HEARTBEAT);
          }
          out.flush();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      feed.unsubscribe(reader);
    }
  }
}
