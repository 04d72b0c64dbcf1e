package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.nbd.tls.Endpoint;
import io.faultdisk.nbd.tls.X509Credentials;
import io.faultdisk.nbd.tls.X509Settings;
import io.faultdisk.testkit.Certificates;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The console over TLS, with the files that {@code --object tls-creds-x509} takes. */
@Timeout(120)
class EncryptionTest {
  @TempDir static Path directory;
  private MemoryStorage storage;
  private ConsoleServer server;

  @BeforeAll
  static void files() throws IOException {
    Certificates ca = Certificates.authority("Test CA");
    ca.write(directory);
    ca.issue("CN=localhost").host("localhost").write(directory, "server");
    ca.issue("CN=client1,O=Test").write(directory, "client");
  }

  private void start(boolean verifyPeer) throws Exception {
    storage = new MemoryStorage();
    X509Credentials credentials =
        X509Credentials.load(
            X509Settings.of(Endpoint.SERVER, directory).withVerifyPeer(verifyPeer));
    server =
        ConsoleServer.start(
            ConsoleSettings.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "1.2.3")
                .withTls(credentials),
            storage,
            Explorations.none(),
            complaint -> {});
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
      storage.close();
    }
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(
            URI.create("https://localhost:" + server.address().getPort() + path))
        .header("Authorization", "Bearer " + server.token())
        .build();
  }

  private static HttpClient client() throws Exception {
    return HttpClient.newBuilder()
        .sslContext(X509Credentials.load(X509Settings.of(Endpoint.CLIENT, directory)).context())
        .build();
  }

  @Test
  void answersAndEventsAreEncrypted() throws Exception {
    start(false);
    assertThat(server.url()).startsWith("https://");
    try (HttpClient client = client()) {
      assertThat(client.send(request("/disks"), BodyHandlers.ofString()).body()).contains("disk");
      HttpResponse<InputStream> events =
          client.send(request("/events"), BodyHandlers.ofInputStream());
      try (InputStream body = events.body()) {
        assertThat(new String(body.readNBytes(12), java.nio.charset.StandardCharsets.US_ASCII))
            .isEqualTo("event: hello");
      }
    }
  }

  @Test
  void clientsWithoutCertificateAreRefusedIfTheyAreToShowOne() throws Exception {
    start(true);
    try (HttpClient client = client()) {
      assertThat(client.send(request("/version"), BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
    }
    try (HttpClient without = HttpClient.newBuilder().sslContext(trustOnly()).build()) {
      assertThatThrownBy(() -> without.send(request("/version"), BodyHandlers.ofString()))
          .isInstanceOf(IOException.class);
    }
  }

  private static javax.net.ssl.SSLContext trustOnly() throws Exception {
    Path only = java.nio.file.Files.createTempDirectory(directory, "trust");
    java.nio.file.Files.copy(directory.resolve("ca-cert.pem"), only.resolve("ca-cert.pem"));
    return X509Credentials.load(X509Settings.of(Endpoint.CLIENT, only)).context();
  }

  @Test
  void credentialsOfClientsAreRefused() throws Exception {
    X509Credentials clients = X509Credentials.load(X509Settings.of(Endpoint.CLIENT, directory));
    assertThatThrownBy(
            () -> ConsoleSettings.of(new InetSocketAddress("127.0.0.1", 0), "1").withTls(clients))
        .hasMessage("a server needs TLS credentials with endpoint=server");
  }
}
