package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultdisk.testkit.RandomCases;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever clients do, requests of the disk and other clients are served. */
@Timeout(240)
class HostileClientsTest {
  private TestConsole console;
  private Thread dataPath;
  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong requests = new AtomicLong();
  private final List<Throwable> failures = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    console = new TestConsole();
    dataPath =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    ByteBuffer buffer = ByteBuffer.allocate(4096);
                    while (!stop.get()) {
                      console.storage.user("disk").read(0, buffer.clear());
                      requests.incrementAndGet();
                    }
                  } catch (IOException e) {
                    failures.add(e);
                  }
                });
  }

  @AfterEach
  void end() throws Exception {
    stop.set(true);
    dataPath.join();
    console.close();
    assertThat(failures).isEmpty();
    assertThat(console.complaints).isEmpty();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", console.server.address().getPort());
    socket.setSoTimeout(60_000);
    return socket;
  }

  /** The disk goes on, and a client who behaves gets an answer. */
  private void assertServed() throws Exception {
    long before = requests.get();
    assertThat(console.get("/healthz").toString()).contains("ok");
    assertThat(console.get("/disks").toString()).contains("disk");
    await().atMost(Duration.ofSeconds(30)).until(() -> requests.get() > before + 1000);
  }

  @Test
  void noise() throws Exception {
    RandomCases.run(
        "noise is survived",
        200,
        random -> {
          byte[] noise = new byte[random.nextInt(2000) + 1];
          random.nextBytes(noise);
          String start =
              List.of("", "GET ", "GET / HTTP/1.1\r\n", "POST /disks HTTP/1.1\r\nHost: ")
                  .get(random.nextInt(4));
          try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(start.getBytes(StandardCharsets.US_ASCII));
            out.write(noise);
            out.flush();
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
          } catch (SocketException reset) {
            // Fine: it has had enough.
          }
        });
    assertServed();
  }

  @Test
  void idleAndHalfRequests() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 500; i++) {
        Socket socket = connect();
        sockets.add(socket);
        String begun =
            switch (i % 4) {
              case 0 -> "";
              case 1 -> "GET /dis";
              case 2 -> "GET /disks HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ";
              default ->
                  "POST /rules/check HTTP/1.1\r\nHost: 127.0.0.1:"
                      + console.server.address().getPort()
                      + "\r\nAuthorization: Bearer "
                      + console.server.token()
                      + "\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"kin";
            };
        socket.getOutputStream().write(begun.getBytes(StandardCharsets.US_ASCII));
      }
      assertServed();
      // Each of them is cut off in the end: it has so many seconds for a whole request.
      for (Socket socket : List.of(sockets.get(1), sockets.get(2), sockets.get(3))) {
        assertThat(end(socket)).isTrue();
      }
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    assertServed();
  }

  private static boolean end(Socket socket) throws IOException {
    try {
      socket.getInputStream().readAllBytes();
      return true;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Test
  void moreConnectionsThanAreAllowed() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 1200; i++) {
        sockets.add(connect());
      }
      long before = requests.get();
      await().atMost(Duration.ofSeconds(30)).until(() -> requests.get() > before + 1000);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> console.get("/healthz").toString().contains("ok"));
    assertServed();
  }

  /** They ask for much and read nothing of it. */
  @Test
  void clientsWhoDoNotRead() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 50; i++) {
        Socket socket = connect();
        sockets.add(socket);
        String request =
            "GET /events?token="
                + console.server.token()
                + " HTTP/1.1\r\nHost: 127.0.0.1:"
                + console.server.address().getPort()
                + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      }
      assertServed();
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    assertServed();
  }
}
