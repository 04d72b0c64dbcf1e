package io.faultdisk.console;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.faultdisk.console.FrontDesk.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Carries requests in and answers out. A request has a thread of its own, so a slow client holds up
 * nobody else.
 */
final class ConsoleHandler implements HttpHandler {
  /** A client that does not take an answer for so long is cut off. */
  private static final long ANSWER_NANOS_MAX = TimeUnit.SECONDS.toNanos(20);

  /** After so long without events comes a line that means nothing: both ends see who is gone. */
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

  private final FrontDesk desk;
  private final EventFeed feed;
  private final Watchdog watchdog;

  ConsoleHandler(FrontDesk desk, EventFeed feed, Watchdog watchdog) {
    this.desk = desk;
    this.feed = feed;
    this.watchdog = watchdog;
  }

  /** A request as the JDK's server has read it. */
  private record FromExchange(HttpExchange exchange) implements FrontDesk.Incoming {
    @Override
    public String method() {
      return exchange.getRequestMethod();
    }

    @Override
    public String path() {
      return Objects.requireNonNullElse(exchange.getRequestURI().getRawPath(), "");
    }

    @Override
    public String query() {
      return Objects.requireNonNullElse(exchange.getRequestURI().getRawQuery(), "");
    }

    @Override
    public List<String> headers(String name) {
      return exchange.getRequestHeaders().getOrDefault(name, List.of());
    }

    @Override
    public byte[] body(int bytesMax) throws IOException {
      return exchange.getRequestBody().readNBytes(bytesMax);
    }
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      switch (desk.outcome(new FromExchange(exchange))) {
        case Outcome.Whole(Answer answer) -> send(exchange, answer);
        case Outcome.Events(Optional<String> disk) -> stream(exchange, disk);
      }
    }
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
  private void stream(HttpExchange exchange, Optional<String> disk) throws IOException {
    Subscriber reader;
    try {
      reader = feed.subscribe(disk);
    } catch (ApiException e) {
      send(exchange, e.answer());
      return;
    }
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
