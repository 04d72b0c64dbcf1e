package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in. Requests that no well-behaved client sends are written byte by byte. */
@Timeout(120)
class SecurityTest {
  private static TestConsole console;

  @BeforeAll
  static void start() throws Exception {
    console = new TestConsole();
  }

  @AfterAll
  static void stop() {
    console.close();
  }

  private static int port() {
    return console.server.address().getPort();
  }

  /** Sends these lines and an empty one, and then the body; what comes back. */
  private static String raw(String body, String... lines) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port())) {
      socket.setSoTimeout(60_000);
      String request = String.join("\r\n", lines) + "\r\n\r\n" + body;
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      try {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        socket.shutdownOutput();
        socket.getInputStream().transferTo(answer);
      } catch (SocketException reset) {
        // The server may close with some of it unread; what it said before counts.
      }
      return answer.toString(StandardCharsets.UTF_8);
    }
  }

  private static String auth() {
    return "Authorization: Bearer " + console.server.token();
  }

  private static String get(String path, String... headers) throws IOException {
    String[] lines = new String[headers.length + 2];
    lines[0] = "GET " + path + " HTTP/1.1";
    lines[1] = "Connection: close";
    System.arraycopy(headers, 0, lines, 2, headers.length);
    return raw("", lines);
  }

  private static String host() {
    return "Host: 127.0.0.1:" + port();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/disks",
        "/version",
        "/metrics",
        "/openapi.json",
        "/events",
        "/nodes",
        "/rules/schema",
        "/explorations",
        "/nothing-there",
        "/disks/disk/faults"
      })
  void withoutTheTokenThereIsNothing(String path) throws Exception {
    HttpResponse<String> answer =
        console.send(HttpRequest.newBuilder(URI.create(console.server.base() + path)).build());
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.body()).contains("\"error\":\"this needs the token\"");
    assertThat(answer.headers().firstValue("WWW-Authenticate")).isPresent();
  }

  @Test
  void aWrongTokenIsRefusedHoweverItComes() throws Exception {
    String token = console.server.token();
    for (String wrong :
        List.of(
            "Authorization: Bearer " + token + "x",
            "Authorization: Bearer " + token.substring(1),
            "Authorization: Bearer",
            "Authorization: Basic " + token,
            "Authorization: " + token,
            "Cookie: token=" + token)) {
      assertThat(get("/version", host(), wrong)).as(wrong).startsWith("HTTP/1.1 401 ");
    }
    assertThat(get("/version?token=" + token + "x", host())).startsWith("HTTP/1.1 401 ");
    assertThat(get("/version?token=", host())).startsWith("HTTP/1.1 401 ");
    assertThat(get("/version", host(), auth(), auth())).startsWith("HTTP/1.1 400 ");
    assertThat(get("/version?token=" + token, host())).startsWith("HTTP/1.1 200 ");
    assertThat(get("/version", host(), auth())).startsWith("HTTP/1.1 200 ");
  }

  /** A URL is easily sent by somebody else's page, and remembered in histories and logs. */
  @Test
  void aTokenInTheUrlIsOnlyForReading() throws Exception {
    assertThat(
            raw(
                "{}",
                "POST /reset?token=" + console.server.token() + " HTTP/1.1",
                host(),
                "Content-Type: application/json",
                "Connection: close",
                "Content-Length: 2"))
        .startsWith("HTTP/1.1 401 ");
  }

  @Test
  void onlyHealthAndThePageAreFree() throws Exception {
    assertThat(get("/healthz", host())).startsWith("HTTP/1.1 200 ").contains("{\"status\":\"ok\"}");
  }

  /** Otherwise any web site could make its own name lead here, and be of the same origin. */
  @Test
  void anotherHostIsRefused() throws Exception {
    for (String wrong :
        List.of(
            "Host: evil.example:" + port(),
            "Host: evil.example",
            "Host: 127.0.0.1",
            "Host: 127.0.0.1:1",
            "Host: localhost.evil.example:" + port(),
            "Host: 192.0.2.1:" + port(),
            "Host:",
            "X: y")) {
      assertThat(get("/healthz", wrong)).as(wrong).startsWith("HTTP/1.1 421 ");
      assertThat(get("/version", wrong, auth())).as(wrong).startsWith("HTTP/1.1 421 ");
    }
    assertThat(get("/healthz", host(), "Host: evil.example")).startsWith("HTTP/1.1 400 ");
    for (String right :
        List.of(
            "Host: localhost:" + port(),
            "Host: LOCALHOST:" + port(),
            "Host: [::1]:" + port(),
            "Host: lab.example",
            "Host: lab.example:8443")) {
      assertThat(get("/healthz", right)).as(right).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void requestsFromOtherSitesAreRefused() throws Exception {
    for (String wrong :
        List.of(
            "Origin: http://evil.example",
            "Origin: null",
            "Origin: https://127.0.0.1:" + port(),
            "Origin: http://127.0.0.1",
            "Origin: http://localhost:" + port(),
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Site: same-site")) {
      String answer = get("/version", host(), auth(), wrong);
      assertThat(answer).as(wrong).startsWith("HTTP/1.1 403 ");
      assertThat(answer.toLowerCase(java.util.Locale.ROOT)).doesNotContain("access-control-allow");
    }
    assertThat(get("/version", host(), auth(), "Origin: http://127.0.0.1:" + port()))
        .startsWith("HTTP/1.1 200 ");
    assertThat(get("/version", host(), auth(), "Sec-Fetch-Site: same-origin"))
        .startsWith("HTTP/1.1 200 ");
  }

  @Test
  void aPreflightGetsNothing() throws Exception {
    String answer =
        raw(
            "",
            "OPTIONS /disks HTTP/1.1",
            host(),
            "Origin: http://evil.example",
            "Access-Control-Request-Method: POST",
            "Connection: close");
    assertThat(answer).startsWith("HTTP/1.1 403 ").doesNotContain("Access-Control");
  }

  /** What a form on a page can send without asking. */
  @Test
  void formsAreRefused() throws Exception {
    for (String type :
        List.of(
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "text/plain",
            "text/json")) {
      HttpResponse<String> answer =
          console.send(
              console
                  .request("/reset")
                  .header("Content-Type", type)
                  .POST(HttpRequest.BodyPublishers.ofString("{}"))
                  .build());
      assertThat(answer.statusCode()).as(type).isEqualTo(415);
      assertThat(answer.body()).contains("send 'Content-Type: application/json'");
    }
    assertThat(console.send("POST", "/reset").statusCode()).isEqualTo(415);
  }

  @Test
  void otherMethodsAreNamed() throws Exception {
    HttpResponse<String> answer = console.send("PATCH", "/disks/disk/faults");
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).hasValue("GET, POST, DELETE");
    assertThat(answer.body())
        .contains("there is no PATCH of /disks/disk/faults; there is GET, POST, DELETE");
    assertThat(console.send("HEAD", "/events").statusCode()).isEqualTo(405);
    assertThat(console.send("TRACE", "/version").statusCode()).isEqualTo(405);
  }

  @Test
  void aHeadIsAGetWithoutWhatItWouldSay() throws Exception {
    HttpResponse<String> answer = console.send("HEAD", "/version");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    assertThat(raw("", "HEAD /disks HTTP/1.1", host(), "Connection: close"))
        .startsWith("HTTP/1.1 401 ")
        .endsWith("\r\n\r\n");
  }

  @Test
  void bodiesHaveALimit() throws Exception {
    String big = "{\"kind\":\"" + "x".repeat(FrontDesk.BODY_BYTES_MAX) + "\"}";
    HttpResponse<String> answer = console.sendJson("POST", "/rules/check", big);
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body()).contains("longer than 1 MiB");
    String most = " ".repeat(FrontDesk.BODY_BYTES_MAX - 2) + "{}";
    assertThat(console.sendJson("POST", "/rules/check", most).statusCode()).isEqualTo(400);
  }

  @Test
  void headersHaveALimit() throws Exception {
    assertThat(get("/healthz", host(), "X: " + "y".repeat(100_000))).doesNotContain(" 200 ");
    assertThat(get("/" + "y".repeat(100_000), host())).doesNotContain(" 200 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../../../etc/passwd",
        "/..%2f..%2fopenapi.json",
        "/page/../openapi.json",
        "/%2e%2e/openapi.json",
        "/index.html/..",
        "//etc/passwd",
        "/./index.html",
        "/index.html%00.png",
        "/.index.html",
        "/INDEX.HTML",
        "/ConsoleServer.class",
        "/openapi.json",
        "/index.html;x.js",
        "/\\..\\index.html"
      })
  void noFileButThePagesOwn(String path) throws Exception {
    String answer = get(path, host());
    assertThat(answer).doesNotStartWith("HTTP/1.1 200 ");
    assertThat(answer).doesNotContain("root:");
  }

  @Test
  void everyAnswerForbidsWhatItDoesNotNeed() throws Exception {
    for (HttpResponse<String> answer :
        List.of(console.send("GET", "/disks"), console.send("GET", "/nothing"))) {
      assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
      assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
      assertThat(answer.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
      assertThat(answer.headers().firstValue("X-Frame-Options")).hasValue("DENY");
      assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
          .startsWith("default-src 'none'");
      assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
      assertThat(answer.headers().map().keySet())
          .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).startsWith("access-control"));
    }
  }

  @Test
  void whatClientsSendComesBackOnlyAsJson() throws Exception {
    HttpResponse<String> answer = console.send("GET", "/disks/%3Cscript%3E%0A%22");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(answer.body()).contains("'<script>\\n\\\"'");
  }

  @Test
  void aMistakeOfOursIsOneLineAndNoTrace() {
    assertThat(console.complaints).isEmpty();
    Answer answer = ApiException.of(500, "x", "").answer();
    assertThat(new String(answer.body(), StandardCharsets.UTF_8)).isEqualTo("{\"error\":\"x\"}");
  }

  @Test
  void aTokenMustNotBeGuessable() {
    ConsoleSettings settings = ConsoleSettings.of(new InetSocketAddress("127.0.0.1", 0), "1");
    assertThat(settings.token().length()).isGreaterThanOrEqualTo(22);
    assertThat(settings.token())
        .isNotEqualTo(ConsoleSettings.of(new InetSocketAddress("127.0.0.1", 0), "1").token());
    for (String bad : List.of("", "short", "with blank in it 123", "with/slash/1234567890")) {
      assertThatThrownBy(() -> settings.withToken(bad))
          .isInstanceOf(UsageException.class)
          .hasMessage(
              "a token needs at least 16 characters, which are letters, digits, '-' or '_'");
    }
  }

  @Test
  void whoCannotListenSaysWhere() {
    assertThatThrownBy(
            () ->
                ConsoleServer.start(
                    ConsoleSettings.of(console.server.address(), "1"),
                    console.storage,
                    Explorations.none(),
                    complaint -> {}))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("Could not listen on ")
        .hasMessageContaining(":" + port() + " for HTTP: ");
    assertThatThrownBy(
            () ->
                ConsoleServer.start(
                    ConsoleSettings.of(InetSocketAddress.createUnresolved("no.such.host", 1), "1"),
                    console.storage,
                    Explorations.none(),
                    complaint -> {}))
        .hasMessage("there is no host 'no.such.host'");
  }
}
