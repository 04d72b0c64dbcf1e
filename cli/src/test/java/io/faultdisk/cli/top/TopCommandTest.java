package io.faultdisk.cli.top;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Messages;
import io.faultdisk.block.Permission;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Main;
import io.faultdisk.cli.Signals;
import io.faultdisk.cli.Stdio;
import io.faultdisk.cli.own.OwnCommands;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.console.ConsoleServer;
import io.faultdisk.console.ConsoleSettings;
import io.faultdisk.console.DaemonStorage;
import io.faultdisk.console.Explorations;
import io.faultdisk.daemon.DiskRequest;
import io.faultdisk.daemon.StorageDaemon;
import io.faultdisk.daemon.disk.FaultSpec;
import io.faultdisk.nbd.tls.Endpoint;
import io.faultdisk.nbd.tls.X509Credentials;
import io.faultdisk.nbd.tls.X509Settings;
import io.faultdisk.rules.Dialect;
import io.faultdisk.testkit.Certificates;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code top} on a server in this process. */
@Timeout(240)
class TopCommandTest {
  private StorageDaemon daemon;
  private ConsoleServer server;
  private BlockBackend user;
  private Thread load;
  private final AtomicBoolean stop = new AtomicBoolean();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** What Ctrl-C does. */
  private final AtomicReference<Runnable> told = new AtomicReference<>();

  @BeforeEach
  void start() throws Exception {
    daemon =
        new StorageDaemon(
            Dialect.FAULTDISK,
            objects -> Drivers.all(Dialect.FAULTDISK),
            Messages.to(_ -> {}),
            (image, command) -> "");
    daemon.addDisk(
        new DiskRequest("vda", "memory:1M", Optional.of("raw"), Optional.empty(), false, false));
    daemon
        .disks()
        .require("vda")
        .add(new FaultSpec("inject-error", Map.of("sector", "8", "errno", "ENOSPC")));
    user =
        daemon
            .graph()
            .use(
                daemon.graph().node("vda").orElseThrow(),
                new Permission.Wish(Permission.CONSISTENT_READ, Permission.ALL),
                false);
    server =
        ConsoleServer.start(
            ConsoleSettings.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "1.2.3"),
            new DaemonStorage(daemon),
            Explorations.none(),
            complaint -> {});
    load = Thread.ofPlatform().start(this::load);
  }

  private void load() {
    ByteBuffer buffer = ByteBuffer.allocate(512);
    for (int i = 0; !stop.get(); i++) {
      try {
        user.read(i % 2048 * 512L, buffer.clear());
      } catch (BlockIoException injected) {
        // Meant to happen.
      }
    }
  }

  @AfterEach
  void end() throws Exception {
    stop.set(true);
    load.join();
    server.close();
    user.close();
    daemon.close();
  }

  private int run(boolean terminal, String... args) {
    Stdio stdio = new Stdio(new ByteArrayInputStream(new byte[0]), out, err, false);
    Signals signals =
        new Signals() {
          @Override
          public void raise(int number) {}

          @Override
          public Termination onTermination(Runnable runnable) {
            told.set(runnable);
            return () -> {};
          }
        };
    Console console = new Console("faultdisk", stdio, terminal);
    int code = OwnCommands.run(List.of(args), console, signals);
    console.flush();
    return code;
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aBlockTellsWhatEachDiskDoes() {
    assertThat(run(false, "top", server.url(), "--once")).isZero();
    assertThat(err()).isEmpty();
    assertThat(out())
        .containsPattern(
            "(?m)^vda  1 MiB  power on  state 1  in flight \\d+  suspended 0  p50 .+  p99 .+$")
        .containsPattern("(?m)^  read +[1-9]\\d* /s +\\d+\\.\\d MB/s$")
        .containsPattern("(?m)^  armed fault \\d+ +hits [1-9]\\d* +ENOSPC to ")
        .containsPattern(
            "(?m)^  \\d\\d:\\d\\d:\\d\\d\\.\\d{3} inject-error read of 512 at 4096: ENOSPC$");
  }

  @Test
  void jsonIsForPrograms() throws Exception {
    assertThat(run(false, "top", "--json", "--once", server.url())).isZero();
    var look = Json.parse(out().strip());
    assertThat(look).isInstanceOf(JsonObject.class);
    var disk = Fields.elements(look, "disks").get(0);
    assertThat(Fields.text(disk, "name")).isEqualTo("vda");
    assertThat(Fields.number(Fields.members(disk, "rates").get("read"), "requests-per-second"))
        .isPositive();
    var fault = Fields.elements(disk, "faults").get(0);
    assertThat(Fields.bool(fault, "armed")).isTrue();
    assertThat(Fields.number(fault, "injected")).isPositive();
  }

  @Test
  void onATerminalLinesAreDrawnAnewUntilItIsInterrupted() throws Exception {
    CompletableFuture<Integer> code =
        CompletableFuture.supplyAsync(() -> run(true, "top", server.url()));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> out().split("\u001b\\[H\u001b\\[J", -1).length > 2);
    told.get().run();
    assertThat(code.get()).isZero();
    assertThat(err()).isEmpty();
  }

  @Test
  void elsewhereThereIsABlockEachTime() throws Exception {
    CompletableFuture<Integer> code =
        CompletableFuture.supplyAsync(() -> run(false, "top", server.url()));
    await().atMost(Duration.ofSeconds(60)).until(() -> out().split("\nvda|^vda", -1).length > 2);
    told.get().run();
    assertThat(code.get()).isZero();
    assertThat(out()).doesNotContain("\u001b");
  }

  /** {@code top URL | head}. */
  @Test
  void itEndsWhenNobodyReadsAnyMore() {
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int oneByte) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    Stdio stdio = new Stdio(new ByteArrayInputStream(new byte[0]), closed, err, false);
    assertThat(Main.run(List.of("top", server.url()), stdio)).isZero();
    assertThat(err()).isEmpty();
  }

  @Test
  void theEndOfTheServerIsTold() throws Exception {
    CompletableFuture<Integer> code =
        CompletableFuture.supplyAsync(() -> run(false, "top", server.url()));
    await().atMost(Duration.ofSeconds(60)).until(() -> out().contains("vda"));
    server.close();
    assertThat(code.get()).isEqualTo(1);
    assertThat(err()).startsWith("faultdisk: the ").contains(server.base()).hasLineCount(1);
  }

  @Test
  void tokensAreAskedFor() {
    assertThat(run(false, "top", server.base())).isEqualTo(1);
    assertThat(run(false, "top", server.url() + "x")).isEqualTo(1);
    assertThat(err())
        .isEqualTo(
            "faultdisk: the server at "
                + server.base()
                + " wants a token\n"
                + "Take the whole URL that it has printed when it started, in quotes.\n"
                + "faultdisk: the server at "
                + server.base()
                + " does not know this token\n"
                + "Take the whole URL that it has printed when it started, in quotes.\n");
  }

  @Test
  void whatIsNoConsoleIsNamed() throws Exception {
    for (String bad : List.of("127.0.0.1:80", "ftp://x", "http://", "no url", "vda")) {
      assertThat(run(false, "top", bad)).isEqualTo(1);
      assertThat(err()).contains("faultdisk: '" + bad + "' is not the URL of a console\n");
    }
    // Nobody listens there, and nobody else can.
    try (Socket taken = new Socket()) {
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      String base = "http://127.0.0.1:" + taken.getLocalPort();
      assertThat(run(false, "top", base + "/?token=x")).isEqualTo(1);
      assertThat(err()).contains("faultdisk: there is no server at " + base + "\n");
    }
    assertThat(run(false, "top", "--interval", "0", server.url())).isEqualTo(2);
    assertThat(err()).contains("--interval: '0' is not from 1 to 3600");
  }

  @Test
  void encryptedWithCertificatesOfOnesOwn(@TempDir Path directory) throws Exception {
    Certificates ca = Certificates.authority("Test CA");
    ca.write(directory);
    ca.issue("CN=localhost").host("localhost").write(directory, "server");
    X509Credentials credentials =
        X509Credentials.load(X509Settings.of(Endpoint.SERVER, directory).withVerifyPeer(false));
    ConsoleSettings settings =
        ConsoleSettings.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "1")
            .withTls(credentials);
    Path trust = Files.createDirectory(directory.resolve("trust"));
    Files.copy(directory.resolve("ca-cert.pem"), trust.resolve("ca-cert.pem"));
    try (ConsoleServer encrypted =
        ConsoleServer.start(
            settings, new DaemonStorage(daemon), Explorations.none(), complaint -> {})) {
      String url =
          "https://localhost:" + encrypted.address().getPort() + "/?token=" + encrypted.token();
      assertThat(run(false, "top", "--once", "--tls-dir", trust.toString(), url)).isZero();
      assertThat(out()).contains("vda  1 MiB");
      assertThat(run(false, "top", "--once", url)).isEqualTo(1);
      assertThat(err()).startsWith("faultdisk: the connection to https://localhost:");
    }
  }

  @Test
  void anotherHttpServerIsNoConsole() throws IOException {
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 2);
          exchange.getResponseBody().write(new byte[] {'o', 'k'});
          exchange.close();
        });
    other.start();
    try {
      String base = "http://127.0.0.1:" + other.getAddress().getPort();
      assertThat(run(false, "top", base)).isEqualTo(1);
      assertThat(err())
          .isEqualTo("faultdisk: what answers at " + base + " is no console of faultdisk\n");
    } finally {
      other.stop(0);
    }
  }
}
