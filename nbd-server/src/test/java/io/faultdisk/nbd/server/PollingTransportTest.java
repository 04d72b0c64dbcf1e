package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Clock;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Waits of both directions begin and end as they should, however long they take. */
@Timeout(120)
class PollingTransportTest {
  private static final int MUCH = 8 << 20;

  @TempDir Path directory;

  private SocketChannel client;
  private PollingTransport transport;

  @BeforeEach
  void connect() throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address);
      client = SocketChannel.open(address);
      transport = new PollingTransport(server.accept(), Clock.system());
    }
  }

  @AfterEach
  void close() throws IOException {
    transport.close();
    client.close();
  }

  private CompletableFuture<Integer> receiving(ByteBuffer target) {
    CompletableFuture<Integer> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(transport.receive(target));
              } catch (IOException e) {
                result.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  /** Neither the watching nor the sleep that follows a pause loses or doubles a byte. */
  @Test
  void receivesWhatComesQuicklyAndAfterPauses() throws Exception {
    for (int i = 0; i < 2000; i++) {
      ByteBuffer target = ByteBuffer.allocateDirect(16);
      if (i % 500 == 0) {
        CompletableFuture<Integer> waiting = receiving(target);
        client.write(ByteBuffer.wrap(new byte[] {(byte) i}));
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo(1);
      } else {
        client.write(ByteBuffer.wrap(new byte[] {(byte) i}));
        assertThat(transport.receive(target)).isEqualTo(1);
      }
      assertThat(target.get(0)).isEqualTo((byte) i);
    }
  }

  @Test
  void theEndOfTheClientIsReportedAgainAndAgain() throws Exception {
    client.shutdownOutput();
    assertThat(transport.receive(ByteBuffer.allocateDirect(1))).isEqualTo(-1);
    assertThat(transport.receive(ByteBuffer.allocateDirect(1))).isEqualTo(-1);
  }

  @Test
  void whoReceivesIsToldToStop() throws Exception {
    CompletableFuture<Integer> waiting = receiving(ByteBuffer.allocateDirect(1));
    transport.stopReceiving();
    assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo(-1);
  }

  @Test
  void whoReceivesLearnsOfTheClose() {
    CompletableFuture<Integer> waiting = receiving(ByteBuffer.allocateDirect(1));
    transport.close();
    assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(IOException.class);
  }

  @Test
  void sendsMoreThanTheSocketHolds() throws Exception {
    ByteBuffer source = ByteBuffer.allocateDirect(MUCH);
    for (int i = 0; i < MUCH; i += Long.BYTES) {
      source.putLong(i, i * 31L);
    }
    CompletableFuture<ByteBuffer> received =
        CompletableFuture.supplyAsync(
            () -> {
              ByteBuffer all = ByteBuffer.allocateDirect(MUCH);
              try {
                while (all.hasRemaining() && client.read(all) >= 0) {
                  // Until all is there.
                }
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
              return all.flip();
            });
    transport.send(source);
    assertThat(received.get(30, TimeUnit.SECONDS)).isEqualTo(source.flip());
  }

  @Test
  void whoSendsLearnsOfTheClose() {
    CompletableFuture<Void> sending =
        CompletableFuture.runAsync(
            () -> {
              try {
                transport.send(ByteBuffer.allocateDirect(MUCH));
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    transport.close();
    assertThatThrownBy(() -> sending.get(30, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(IOException.class);
  }
}
