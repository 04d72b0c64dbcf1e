package io.faultdisk.cli.top;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonNull;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.cli.daemon.HttpOption;
import io.faultdisk.nbd.tls.Endpoint;
import io.faultdisk.nbd.tls.X509Credentials;
import io.faultdisk.nbd.tls.X509Settings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** A client of a console's API. For one thread; {@link #close} may be called by another. */
final class ConsoleClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final String base;
  private final String token;
  private final HttpClient client;

  private ConsoleClient(String base, String token, HttpClient client) {
    this.base = base;
    this.token = token;
    this.client = client;
  }

  /**
   * A client, not connected yet.
   *
   * @param url as the server prints it, with the token, unless the environment has that
   * @param tls a directory with {@code ca-cert.pem}, if the server's certificate is of an authority
   *     that this system does not know
   * @throws UsageException if it is none
   */
  static ConsoleClient of(String url, Optional<String> tls, Map<String, String> environment)
      throws UsageException {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw notAnUrl(url);
    }
    String scheme = String.valueOf(uri.getScheme());
    if (!(scheme.equals("http") || scheme.equals("https")) || uri.getHost() == null) {
      throw notAnUrl(url);
    }
    String token = environment.getOrDefault(HttpOption.TOKEN_VARIABLE, "");
    for (String part : String.valueOf(uri.getRawQuery()).split("&")) {
      if (part.startsWith("token=")) {
        token = part.substring("token=".length());
      }
    }
    HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(PATIENCE);
    if (tls.isPresent()) {
      client.sslContext(
          X509Credentials.load(X509Settings.of(Endpoint.CLIENT, Path.of(tls.get()))).context());
    }
    return new ConsoleClient(scheme + "://" + uri.getRawAuthority(), token, client.build());
  }

  private static UsageException notAnUrl(String url) {
    return new UsageException(
        "'" + url + "' is not the URL of a console",
        "'faultdisk daemon --http' prints one: http://127.0.0.1:PORT/?token=TOKEN");
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).timeout(PATIENCE);
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    return request;
  }

  /**
   * Reads the stream of events until it ends, which no event does.
   *
   * @param reader takes the name and the data of each
   * @throws UsageException if there is no console there, or it does not let us in, or it has ended
   */
  void events(BiConsumer<String, JsonValue> reader) throws UsageException {
    try {
      HttpResponse<InputStream> response =
          client.send(request("/events").build(), BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        check(response, body);
        read(body, reader);
      }
      throw new UsageException("the server at " + base + " has ended");
    } catch (ConnectException e) {
      throw new UsageException(
          "there is no server at " + base, "Is it running? The URL changes with each start.");
    } catch (HttpTimeoutException e) {
      throw new UsageException("the server at " + base + " does not answer");
    } catch (IOException e) {
      throw new UsageException("the connection to " + base + " is broken: " + reason(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UsageException("interrupted");
    }
  }

  private static String reason(IOException e) {
    Throwable cause = e;
    for (Throwable below = e.getCause(); below != null; below = below.getCause()) {
      cause = below;
    }
    return String.valueOf(cause.getMessage());
  }

  private void check(HttpResponse<InputStream> response, InputStream body)
      throws UsageException, IOException {
    int status = response.statusCode();
    String type = response.headers().firstValue("Content-Type").orElse("");
    if (status == 200 && type.startsWith("text/event-stream")) {
      return;
    }
    if (status == 401) {
      throw new UsageException(
          token.isEmpty()
              ? "the server at " + base + " wants a token"
              : "the server at " + base + " does not know this token",
          "Take the whole URL that it has printed when it started, in quotes.");
    }
    String error = "";
    if (type.startsWith("application/json")) {
      byte[] answer = body.readNBytes(1 << 16);
      error = Fields.text(parse(new String(answer, StandardCharsets.UTF_8)), "error");
    }
    throw new UsageException(
        error.isEmpty()
            ? "what answers at " + base + " is no console of faultdisk"
            : "the server at " + base + " says: " + error);
  }

  private static void read(InputStream body, BiConsumer<String, JsonValue> reader)
      throws IOException {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
      String name = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("event: ")) {
          name = line.substring("event: ".length());
        } else if (line.startsWith("data: ")) {
          reader.accept(name, parse(line.substring("data: ".length())));
        }
      }
    }
  }

  private static JsonValue parse(String json) {
    try {
      return Json.parse(json);
    } catch (UsageException e) {
      return new JsonNull();
    }
  }

  /** Ends what is under way. */
  @Override
  public void close() {
    client.shutdownNow();
  }
}
