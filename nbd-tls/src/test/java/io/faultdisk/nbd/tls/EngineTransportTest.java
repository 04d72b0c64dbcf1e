package io.faultdisk.nbd.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.testkit.Certificates;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a peer may want after the handshake, and what it may not. */
@Timeout(60)
class EngineTransportTest {
  @TempDir Path directory;
  private TlsCredentials server;

  @BeforeEach
  void files() throws Exception {
    Certificates ca = Certificates.authority("Test CA");
    ca.write(directory);
    ca.issue("CN=localhost").host("localhost").write(directory, "server");
    ca.issue("CN=client1,O=Test").write(directory, "client");
    server =
        X509Credentials.load(X509Settings.of(Endpoint.SERVER, directory).withVerifyPeer(false));
  }

  private static SSLEngine engine(String version) throws Exception {
    SSLContext context = SSLContext.getInstance(version);
    context.init(null, new TrustManager[] {CertificateTrust.blind()}, null);
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(true);
    engine.setEnabledProtocols(new String[] {version});
    return engine;
  }

  private Ends connect(SSLEngine engine) throws Exception {
    return Ends.plain()
        .upgrade(
            plain -> {
              EngineTransport client = new EngineTransport(plain, engine);
              client.shakeHands();
              return client;
            },
            plain -> server.accept(plain, name -> true));
  }

  private static void exchange(Ends ends, int value) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(100_000).put(99_999, (byte) value);
    CompletableFuture<Boolean> received =
        Ends.async(() -> ends.server().receiveFully(buffer.duplicate().clear()));
    ends.client().send(ByteBuffer.allocate(100_000).put(0, (byte) value));
    assertThat(Ends.get(received)).isTrue();
    assertThat(buffer.get(0)).isEqualTo((byte) value);
    ends.server().send(ByteBuffer.allocate(1).put(0, (byte) value));
    ByteBuffer answer = ByteBuffer.allocate(1);
    assertThat(ends.client().receive(answer)).isEqualTo(1);
    assertThat(answer.get(0)).isEqualTo((byte) value);
  }

  @Test
  void newKeysAsOftenAsThePeerLikes() throws Exception {
    SSLEngine engine = engine("TLSv1.3");
    try (Ends ends = connect(engine)) {
      for (int i = 1; i <= 5; i++) {
        exchange(ends, i);
        engine.beginHandshake(); // in TLS 1.3, that asks for new keys on both sides
      }
      exchange(ends, 6);
    }
  }

  @Test
  void noSecondHandshake() throws Exception {
    SSLEngine engine = engine("TLSv1.2");
    try (Ends ends = connect(engine)) {
      exchange(ends, 1);
      engine.beginHandshake();
      CompletableFuture<Void> sending =
          Ends.async(
              () -> {
                ends.client().send(ByteBuffer.allocate(1));
                return null;
              });
      assertThatThrownBy(() -> ends.server().receive(ByteBuffer.allocate(1)))
          .hasMessage("the peer wants to shake hands again");
      ends.close();
      sending.exceptionally(e -> null).get();
    }
  }

  @Test
  void theNameOfAPeerIsInTheOrderOfItsCertificate() throws Exception {
    TlsCredentials asks = X509Credentials.load(X509Settings.of(Endpoint.SERVER, directory));
    TlsCredentials client = X509Credentials.load(X509Settings.of(Endpoint.CLIENT, directory));
    String[] seen = new String[1];
    assertThatThrownBy(
            () ->
                Ends.plain()
                    .upgrade(
                        plain -> client.connect(plain, Optional.of("localhost")),
                        plain ->
                            asks.accept(
                                plain,
                                name -> {
                                  seen[0] = name;
                                  return false;
                                })))
        .isInstanceOf(TlsException.class)
        .hasMessage("TLS x509 authz check for O=Test,CN=client1 is denied");
    assertThat(seen[0]).isEqualTo("O=Test,CN=client1");
  }
}
