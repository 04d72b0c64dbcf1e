package io.faultdisk.cli.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Tools;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of our qemu-nbd with TLS: those of libnbd, the real qemu-io and qemu-nbd, and ours. */
@Timeout(300)
class ServerTest {
  private static final String X509 = "tls-creds-x509,id=t,endpoint=server,dir=%s/good";
  private static final String PSK = "tls-creds-psk,id=t,endpoint=server,dir=%s/keys";

  @TempDir Path root;
  private Path socket;
  private Path image;

  @BeforeEach
  void files() throws IOException {
    TlsFiles.write(root);
    socket = root.resolve("s");
    byte[] data = new byte[4 << 20];
    new Random(7).nextBytes(data);
    image = Files.write(root.resolve("disk.img"), data);
  }

  private OurServer serve(String creds, String... options) {
    List<String> all =
        new ArrayList<>(List.of("--object", creds.formatted(root), "--tls-creds", "t"));
    all.addAll(0, List.of(options));
    return OurServer.onSocket(socket, image, all);
  }

  /** Runs a program of the system; skipped if it is not installed. */
  private ToolOutput run(String... command) {
    Path program = Path.of("/usr/bin", command[0]);
    if (!Files.isExecutable(program)) {
      System.err.println("skipped: no " + program);
    }
    Assumptions.assumeTrue(Files.isExecutable(program), "no " + program);
    List<String> args = List.of(command).subList(1, command.length);
    return Tools.real(new ToolCall(program.toString(), args), root);
  }

  private String x509Uri(String directory, String more) {
    return "nbds+unix:///e?socket="
        + socket
        + "&tls-certificates="
        + root.resolve(directory)
        + "&tls-hostname=localhost"
        + more;
  }

  private String pskUri(String directory, String user) {
    return "nbds+unix://"
        + user
        + "@/e?socket="
        + socket
        + "&tls-psk-file="
        + root.resolve(directory).resolve("keys.psk");
  }

  private void assertRefused(OurServer server, ToolOutput client, String message) {
    assertThat(client.exitCode()).as(client.toString()).isNotZero();
    Awaitility.await()
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> server.messages().contains(message));
    assertThat(server.messages()).doesNotContain("Exception");
  }

  @Test
  void libnbdWithCertificates() throws IOException {
    try (OurServer server = serve(X509)) {
      String uri = x509Uri("good", "");
      assertThat(run("nbdinfo", uri).stdout())
          .contains("protocol: newstyle-fixed with TLS, using structured packets")
          .contains("export-size: 4194304 (4M)");
      Path copy = root.resolve("copy");
      ToolOutput copied = run("nbdcopy", "--connections=4", "--requests=64", uri, copy.toString());
      assertThat(copied.exitCode()).as(copied.toString()).isZero();
      assertThat(Files.mismatch(image, copy)).isEqualTo(-1);
      assertThat(server.messages()).isEmpty();
    }
  }

  @Test
  void libnbdWithKeys() throws IOException {
    try (OurServer server = serve(PSK)) {
      assertThat(run("nbdinfo", pskUri("keys", "alice")).stdout()).contains("with TLS");
      Path source = root.resolve("source");
      byte[] data = new byte[4 << 20];
      new Random(8).nextBytes(data);
      Files.write(source, data);
      ToolOutput copied = run("nbdcopy", "--flush", source.toString(), pskUri("keys", "bob"));
      assertThat(copied.exitCode()).as(copied.toString()).isZero();
      assertThat(Files.mismatch(image, source)).isEqualTo(-1);
      assertThat(server.messages()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"wrong-keys, alice", "wrong-keys, carol"})
  void libnbdWithWrongKeys(String directory, String user) {
    try (OurServer server = serve(PSK)) {
      assertRefused(server, run("nbdinfo", pskUri(directory, user)), "TLS handshake failed");
    }
  }

  @Test
  void libnbdWithACertificateOfAnotherAuthority() {
    try (OurServer server = serve(X509)) {
      String uri = x509Uri("other-ca", "&tls-verify-peer=false");
      assertRefused(server, run("nbdinfo", uri), "The certificate hasn't got a known issuer");
    }
  }

  @Test
  void libnbdWithoutACertificate() {
    try (OurServer server = serve(X509)) {
      String uri = x509Uri("only-ca", "");
      assertRefused(server, run("nbdinfo", uri), "Verify failed: No certificate was found.");
    }
  }

  @Test
  void libnbdWithAnExpiredCertificate() {
    try (OurServer server = serve(X509)) {
      assertRefused(
          server, run("nbdinfo", x509Uri("expired", "")), "The certificate is not trusted");
    }
  }

  /** Of libnbd we know that it does not look at a server's certificate on a Unix socket. */
  @Test
  void qemuThatDoesNotTrustTheServer() {
    try (OurServer server = serve(X509 + ",verify-peer=no")) {
      ToolOutput stranger = Tools.real(io("tls-creds-x509,id=c,dir=%s/other-ca", ""), root);
      assertThat(stranger.stderr()).contains("The certificate hasn't got a known issuer");
      String known = "tls-creds-x509,id=c,dir=%s/only-ca";
      ToolOutput other = Tools.real(io(known, ",tls-hostname=other"), root);
      assertThat(other.stderr()).contains("Certificate does not match the hostname other");
      assertThat(Tools.real(io(known, ""), root).exitCode()).isZero();
      assertThat(server.messages()).doesNotContain("Exception");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {X509, PSK})
  void withoutTlsNothingIsServed(String creds) {
    try (OurServer server = serve(creds)) {
      ToolCall plain =
          new ToolCall(
              "qemu-io",
              List.of("-r", "-f", "raw", "-c", "read 0 512", "nbd+unix:///e?socket=" + socket));
      ToolOutput real = Tools.real(plain, root);
      assertThat(real.stderr()).contains("TLS negotiation required before option 7 (go)");
      assertThat(Tools.ours(plain, root)).isEqualTo(real);
      assertThat(run("nbdinfo", "nbd+unix:///e?socket=" + socket).exitCode()).isNotZero();
    }
  }

  private ToolCall io(String object, String options) {
    return new ToolCall(
        "qemu-io",
        List.of(
            "--object",
            object.formatted(root),
            "--image-opts",
            "driver=nbd,server.type=unix,server.path="
                + socket
                + ",export=e,tls-creds=c"
                + (options.contains("tls-hostname") ? "" : ",tls-hostname=localhost")
                + options,
            "-c",
            "write -q -P 5 1M 1M",
            "-c",
            "read -q -P 5 1M 1M"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",priority=NORMAL:-VERS-TLS1.3"})
  void qemuAndOursAsClients(String priority) {
    for (String creds : List.of(X509, PSK)) {
      String object =
          creds.equals(X509)
              ? "tls-creds-x509,id=c,dir=%s/good"
              : "tls-creds-psk,id=c,dir=%s/keys,username=alice";
      try (OurServer server = serve(creds + priority)) {
        ToolOutput nothing = new ToolOutput("", "", 0);
        assertThat(Tools.real(io(object, ""), root)).isEqualTo(nothing);
        assertThat(Tools.ours(io(object, ""), root)).isEqualTo(nothing);
        assertThat(server.messages()).isEmpty();
      }
    }
  }

  @Test
  void onlyWhomTheListAllows() {
    String[] allowed = {"--object", "authz-simple,id=z,identity=O=Test,,CN=client1"};
    String[] denied = {
      "--object",
      "authz-list,id=z,policy=allow,rules.0.match=O=Te*,rules.0.policy=deny,rules.0.format=glob"
    };
    String object = "tls-creds-x509,id=c,dir=%s/good";
    try (OurServer server = serve(X509, allowed[0], allowed[1], "--tls-authz", "z")) {
      assertThat(Tools.real(io(object, ""), root).exitCode()).isZero();
    }
    try (OurServer server = serve(X509, denied[0], denied[1], "--tls-authz", "z")) {
      assertRefused(
          server,
          Tools.real(io(object, ""), root),
          "TLS x509 authz check for O=Test,CN=client1 is denied");
    }
  }

  @Test
  void listsOverTls() {
    try (OurServer server = serve(X509)) {
      List<String> args =
          List.of(
              "-L",
              "-k",
              socket.toString(),
              "--object",
              "tls-creds-x509,id=c,dir=" + root.resolve("good"),
              "--tls-creds",
              "c",
              "--tls-hostname",
              "localhost");
      ToolOutput real = Tools.real(new ToolCall("qemu-nbd", args), root);
      assertThat(real.stdout()).contains("export: 'e'");
      assertThat(Tools.ours(new ToolCall("qemu-nbd", args), root)).isEqualTo(real);
    }
  }

  /** The port is free when it is looked for; should somebody take it, the server says so. */
  @Test
  void libnbdOverTcp() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    List<String> options =
        List.of("--object", X509.formatted(root) + ",verify-peer=no", "--tls-creds", "t");
    List<String> where = List.of("-b", "127.0.0.1", "-p", Integer.toString(port));
    try (OurServer server = new OurServer(where, image, options)) {
      String uri =
          "nbds://localhost:%d/e?tls-certificates=%s".formatted(port, root.resolve("only-ca"));
      Awaitility.await()
          .atMost(30, TimeUnit.SECONDS)
          .untilAsserted(() -> assertThat(run("nbdinfo", "--size", uri).exitCode()).isZero());
      ToolCall ours = new ToolCall("io", List.of("-r", "-f", "raw", "-c", "read -q 0 64k", uri));
      assertThat(Tools.ours(ours, root)).isEqualTo(new ToolOutput("", "", 0));
    }
  }
}
