package io.faultdisk.nbd.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.nbd.Transport;
import io.faultdisk.testkit.Certificates;
import io.faultdisk.testkit.RandomCases;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes in at one end comes out at the other, whichever kind of TLS is between. */
@Timeout(120)
class TransportsTest {
  @TempDir static Path directory;

  /** A way to encrypt. */
  enum Kind {
    CERTIFICATE_13(true, new TlsVersions(false, true)),
    CERTIFICATE_12(true, new TlsVersions(true, false)),
    KEY_13(false, new TlsVersions(false, true)),
    KEY_12(false, new TlsVersions(true, false));

    private final boolean certificate;
    private final TlsVersions versions;

    Kind(boolean certificate, TlsVersions versions) {
      this.certificate = certificate;
      this.versions = versions;
    }

    TlsCredentials credentials(Endpoint endpoint) throws Exception {
      if (certificate) {
        return X509Credentials.load(X509Settings.of(endpoint, directory).withVersions(versions));
      }
      Path keys = directory.resolve("keys.psk");
      return endpoint == Endpoint.SERVER
          ? PskCredentials.ofServer(keys, "keys.psk", versions)
          : PskCredentials.ofClient(keys, "keys.psk", "alice", versions);
    }

    /** A connection on which a byte has come to the client, with all that came before. */
    Ends connect(Ends plain) throws Exception {
      TlsCredentials server = credentials(Endpoint.SERVER);
      TlsCredentials client = credentials(Endpoint.CLIENT);
      Ends ends =
          plain.upgrade(
              transport -> client.connect(transport, Optional.of("localhost")),
              transport -> server.accept(transport, name -> true));
      ends.server().send(ByteBuffer.allocate(1));
      assertThat(ends.client().receive(ByteBuffer.allocate(1))).isEqualTo(1);
      return ends;
    }
  }

  @BeforeAll
  static void files() throws IOException {
    Certificates ca = Certificates.authority("Test CA");
    ca.write(directory);
    ca.issue("CN=localhost").host("localhost").write(directory, "server");
    ca.issue("CN=client1,O=Test").write(directory, "client");
    Files.writeString(directory.resolve("keys.psk"), "bob:00\nalice:0123456789abcdef\n");
  }

  /** A stream of bytes that can be checked without keeping it. */
  private static void fill(ByteBuffer buffer, int at) {
    while (buffer.hasRemaining()) {
      buffer.put((byte) (at * 31 + (at >> 8)));
      at++;
    }
  }

  private static Void send(Transport to, RandomGenerator random, int bytes) throws IOException {
    int at = 0;
    while (at < bytes) {
      int piece = Math.min(bytes - at, 1 + random.nextInt(random.nextBoolean() ? 100 : 300_000));
      ByteBuffer buffer =
          random.nextBoolean() ? ByteBuffer.allocate(piece) : ByteBuffer.allocateDirect(piece);
      fill(buffer, at);
      to.send(buffer.flip());
      at += piece;
    }
    return null;
  }

  private static Void receive(Transport from, RandomGenerator random, int bytes)
      throws IOException {
    int at = 0;
    while (at < bytes) {
      int room = 1 + random.nextInt(random.nextBoolean() ? 100 : 300_000);
      ByteBuffer buffer =
          random.nextBoolean() ? ByteBuffer.allocate(room) : ByteBuffer.allocateDirect(room);
      int count = from.receive(buffer);
      assertThat(count).isPositive().isEqualTo(buffer.position());
      ByteBuffer expected = ByteBuffer.allocate(count);
      fill(expected, at);
      assertThat(buffer.flip()).isEqualTo(expected.flip());
      at += count;
    }
    assertThat(at).isEqualTo(bytes);
    return null;
  }

  @ParameterizedTest
  @EnumSource
  void bothDirectionsAtOnce(Kind kind) {
    RandomCases.run(
        "streams in both directions",
        5,
        random -> {
          int up = random.nextInt(3_000_000);
          int down = random.nextInt(3_000_000);
          RandomGenerator first = new java.util.Random(random.nextLong());
          RandomGenerator second = new java.util.Random(random.nextLong());
          RandomGenerator third = new java.util.Random(random.nextLong());
          try (Ends ends = kind.connect(Ends.plain())) {
            CompletableFuture<Void> a = Ends.async(() -> send(ends.client(), first, up));
            CompletableFuture<Void> b = Ends.async(() -> send(ends.server(), second, down));
            CompletableFuture<Void> c = Ends.async(() -> receive(ends.client(), third, down));
            receive(ends.server(), random, up);
            Ends.get(a);
            Ends.get(b);
            Ends.get(c);
            ends.client().stopSending();
            assertThat(ends.server().receive(ByteBuffer.allocate(1))).isEqualTo(-1);
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void aSenderWhosePeerDoesNotReadIsFreedByClosing(Kind kind) throws Exception {
    try (Ends ends = kind.connect(Ends.plain())) {
      ByteBuffer much = ByteBuffer.allocateDirect(64 << 20);
      Thread[] sender = new Thread[1];
      CompletableFuture<Void> sending =
          Ends.async(
              () -> {
                sender[0] = Thread.currentThread();
                ends.client().send(much);
                return null;
              });
      int before = -1;
      while (much.position() == 0 || much.position() != before) {
        before = much.position(); // it gets stuck when the buffers of the system are full
        Thread.onSpinWait();
      }
      ends.client().close();
      assertThatThrownBy(() -> Ends.get(sending)).isInstanceOf(IOException.class);
      assertThat(much.hasRemaining()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aReceiverIsFreedByClosing(Kind kind) throws Exception {
    try (Ends ends = kind.connect(Ends.plain())) {
      CompletableFuture<Integer> receiving =
          Ends.async(() -> ends.server().receive(ByteBuffer.allocate(1)));
      ends.client().send(ByteBuffer.allocate(1));
      assertThat(Ends.get(receiving)).isEqualTo(1);
      CompletableFuture<Integer> waiting =
          Ends.async(() -> ends.server().receive(ByteBuffer.allocate(1)));
      ends.server().close();
      assertThatThrownBy(() -> Ends.get(waiting)).isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPeerThatJustHangsUpIsAtItsEnd(Kind kind) throws Exception {
    try (Ends ends = kind.connect(Ends.plain())) {
      ends.client().send(ByteBuffer.allocate(100));
      ends.client().close();
      ByteBuffer all = ByteBuffer.allocate(1000);
      assertThat(ends.server().receive(all)).isEqualTo(100);
      assertThat(ends.server().receive(all)).isEqualTo(-1);
      assertThat(ends.server().receive(all)).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoStopsReceivingIsAtTheEnd(Kind kind) throws Exception {
    try (Ends ends = kind.connect(Ends.plain())) {
      CompletableFuture<Integer> waiting =
          Ends.async(() -> ends.server().receive(ByteBuffer.allocate(1)));
      ends.server().stopReceiving();
      assertThat(Ends.get(waiting)).isEqualTo(-1);
      ends.server().send(ByteBuffer.allocate(50_000));
      ends.server().stopSending();
      ByteBuffer all = ByteBuffer.allocate(50_001);
      assertThat(ends.client().receiveFully(all.limit(50_000))).isTrue();
      assertThat(ends.client().receive(all.clear())).isEqualTo(-1);
    }
  }

  /** A transport whose sender damages what it sends, once it is told to. */
  private static final class Damaging implements Transport {
    private final Transport to;
    private volatile int lost = -1;
    private volatile int flipped = -1;

    Damaging(Transport to) {
      this.to = to;
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
      return to.receive(target);
    }

    @Override
    public void send(ByteBuffer source) throws IOException {
      ByteBuffer copy = ByteBuffer.allocate(source.remaining()).put(source).flip();
      if (flipped >= 0) {
        copy.put(flipped, (byte) (copy.get(flipped) ^ 4));
      }
      if (lost >= 0) {
        copy.limit(copy.limit() - lost);
      }
      to.send(copy);
    }

    @Override
    public void stopReceiving() {
      to.stopReceiving();
    }

    @Override
    public void stopSending() throws IOException {
      to.stopSending();
    }

    @Override
    public String peer() {
      return to.peer();
    }

    @Override
    public void close() {
      to.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTruncatedRecordIsAnError(Kind kind) throws Exception {
    Ends plain = Ends.plain();
    Damaging damaging = new Damaging(plain.client());
    try (Ends ends = kind.connect(new Ends(damaging, plain.server()))) {
      ends.client().send(ByteBuffer.allocate(100));
      damaging.lost = 3;
      ends.client().send(ByteBuffer.allocate(100));
      ends.client().close();
      ByteBuffer all = ByteBuffer.allocate(200);
      assertThat(ends.server().receive(all)).isEqualTo(100);
      assertThatThrownBy(() -> ends.server().receive(all))
          .isInstanceOf(EOFException.class)
          .hasMessageContaining("in the middle of a TLS record");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aDamagedRecordIsAnError(Kind kind) throws Exception {
    Ends plain = Ends.plain();
    Damaging damaging = new Damaging(plain.client());
    try (Ends ends = kind.connect(new Ends(damaging, plain.server()))) {
      damaging.flipped = 40;
      ends.client().send(ByteBuffer.allocate(100));
      ByteBuffer all = ByteBuffer.allocate(200);
      assertThatThrownBy(() -> ends.server().receive(all)).isInstanceOf(IOException.class);
      assertThat(all.position()).isZero();
      assertThatThrownBy(() -> ends.server().send(ByteBuffer.allocate(1)))
          .isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void garbageInPlaceOfAHandshakeIsRefused(Kind kind) throws Exception {
    TlsCredentials server = kind.credentials(Endpoint.SERVER);
    TlsCredentials client = kind.credentials(Endpoint.CLIENT);
    RandomCases.run(
        "garbage",
        20,
        random -> {
          byte[] garbage = new byte[random.nextInt(40_000)];
          random.nextBytes(garbage);
          if (random.nextBoolean() && garbage.length > 5) {
            ByteBuffer.wrap(garbage).put((byte) 22).putShort((short) 0x301).putShort((short) 999);
          }
          boolean toServer = random.nextBoolean();
          try (Ends plain = Ends.plain()) {
            Transport noisy = toServer ? plain.client() : plain.server();
            noisy.send(ByteBuffer.wrap(garbage));
            noisy.stopSending();
            assertThatThrownBy(
                    () -> {
                      if (toServer) {
                        server.accept(plain.server(), name -> true);
                      } else {
                        client.connect(plain.client(), Optional.of("localhost"));
                      }
                    })
                .isInstanceOf(TlsException.class)
                .hasMessageStartingWith("TLS handshake failed: ");
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }
}
