package io.faultdisk.cli.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Clients of the real qemu-nbd with TLS: our qemu-io says what the real qemu-io says, up to where
 * only the words of the libraries differ.
 */
@Timeout(120)
class ClientConformanceTest {
  private static final String X509_SERVER =
      "--object tls-creds-x509,id=t,endpoint=server,dir=%s/good --tls-creds t";
  private static final String PSK_SERVER =
      "--object tls-creds-psk,id=t,endpoint=server,dir=%s/keys --tls-creds t";

  @TempDir Path root;
  private Path socket;
  private Path image;

  @BeforeEach
  void files() throws IOException {
    TlsFiles.write(root);
    socket = root.resolve("s");
    image = Files.write(root.resolve("disk.img"), new byte[1 << 20]);
  }

  private RealServer serve(String options) throws IOException {
    List<String> words = new ArrayList<>();
    if (!options.isEmpty()) {
      words.addAll(List.of(options.formatted(root).split(" ")));
    }
    return RealServer.start(root, socket, image, words);
  }

  private ToolCall io(String objects, String options) {
    List<String> args = new ArrayList<>();
    for (String object : objects.isEmpty() ? new String[0] : objects.split(" ")) {
      args.add("--object");
      args.add(object.formatted(root));
    }
    args.add("--image-opts");
    args.add("driver=nbd,server.type=unix,server.path=" + socket + ",export=e" + options);
    for (String command : List.of("write -q -P 3 0 512", "read -P 3 -v 0 32")) {
      args.add("-c");
      args.add(command);
    }
    return new ToolCall("qemu-io", args);
  }

  private static String firstLine(ToolOutput output) {
    return (output.stdout() + output.stderr()).lines().findFirst().orElse("");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          good     | ,tls-hostname=localhost | 00000000:  03 03
          good     | ,tls-hostname=other     | Certificate does not match the hostname other
          good     |                         | No hostname for certificate validation
          other-ca | ,tls-hostname=localhost | The certificate hasn't got a known issuer
          """)
  void certificates(String directory, String options, String expected) throws Exception {
    try (RealServer server = serve(X509_SERVER)) {
      ToolCall call =
          io(
              "tls-creds-x509,id=c,endpoint=client,dir=%s/" + directory,
              ",tls-creds=c" + (options == null ? "" : options));
      ToolOutput real = Tools.real(call, root);
      ToolOutput ours = Tools.ours(call, root);
      assertThat(firstLine(real)).contains(expected);
      assertThat(firstLine(ours)).isEqualTo(firstLine(real));
      assertThat(ours.exitCode()).isEqualTo(real.exitCode());
    }
  }

  @Test
  void aServerThatWantsACertificateGetsNone() throws Exception {
    try (RealServer server = serve(X509_SERVER)) {
      ToolCall call =
          io(
              "tls-creds-x509,id=c,endpoint=client,dir=%s/only-ca",
              ",tls-creds=c,tls-hostname=localhost");
      // What it looks like depends on when the server hangs up.
      assertThat(firstLine(Tools.real(call, root))).contains("TLS channel");
      ToolOutput ours = Tools.ours(call, root);
      assertThat(firstLine(ours)).contains("TLS channel");
      assertThat(ours.exitCode()).isEqualTo(1);
    }
  }

  @Test
  void anExpiredServer() throws Exception {
    String options =
        "--object tls-creds-x509,id=t,endpoint=server,dir=%s/expired,sanity-check=no,"
            + "verify-peer=no --tls-creds t";
    try (RealServer server = serve(options)) {
      String known = "tls-creds-x509,id=c,endpoint=client,dir=%s/good";
      String host = ",tls-creds=c,tls-hostname=localhost";
      ToolOutput ours = Tools.ours(io(known, host), root);
      assertThat(firstLine(Tools.real(io(known, host), root)))
          .isEqualTo("qemu-io: can't open: The certificate is not trusted");
      assertThat(firstLine(ours))
          .isEqualTo("qemu-io: can't open: The certificate is not trusted: it has expired");
      ToolOutput blind = Tools.ours(io(known + ",verify-peer=no", ",tls-creds=c"), root);
      assertThat(firstLine(blind)).startsWith("00000000:  03 03");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "keys, alice, true",
    "keys, bob, true",
    "wrong-keys, alice, false",
    "wrong-keys, carol, false",
  })
  void keys(String directory, String user, boolean good) throws Exception {
    try (RealServer server = serve(PSK_SERVER)) {
      ToolCall call =
          io(
              "tls-creds-psk,id=c,endpoint=client,username=" + user + ",dir=%s/" + directory,
              ",tls-creds=c");
      ToolOutput real = Tools.real(call, root);
      ToolOutput ours = Tools.ours(call, root);
      String expected = good ? "00000000:  03 03" : "qemu-io: can't open: TLS handshake failed: ";
      assertThat(firstLine(real)).startsWith(expected);
      assertThat(firstLine(ours)).startsWith(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({"NORMAL:-VERS-TLS1.3", "NORMAL:-VERS-ALL:+VERS-TLS1.3"})
  void versions(String priority) throws Exception {
    for (String options : List.of(X509_SERVER, PSK_SERVER)) {
      String creds =
          options.equals(X509_SERVER)
              ? "tls-creds-x509,id=c,dir=%s/good"
              : "tls-creds-psk,id=c,dir=%s/keys,username=alice";
      try (RealServer server = serve(options)) {
        ToolOutput ours =
            Tools.ours(
                io(creds + ",priority=" + priority, ",tls-creds=c,tls-hostname=localhost"), root);
        assertThat(firstLine(ours)).startsWith("00000000:  03 03");
      }
      Files.deleteIfExists(socket);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                           | ,tls-creds=c
          secret,id=c,data=x                           | ,tls-creds=c
          tls-creds-x509,id=c,endpoint=server,dir=%s/good | ,tls-creds=c
          ''                                           | ''
          """)
  void mistakes(String objects, String options) throws Exception {
    try (RealServer server = serve(X509_SERVER)) {
      ToolCall call = io(objects, options);
      ToolOutput real = Tools.real(call, root);
      assertThat(real.exitCode()).isEqualTo(1);
      ToolOutput ours = Tools.ours(call, root);
      assertThat(ours.stderr()).isEqualTo(real.stderr());
      assertThat(ours.exitCode()).isEqualTo(1);
    }
  }

  @Test
  void aServerWithoutTls() throws Exception {
    try (RealServer server = serve("")) {
      ToolCall call =
          io(
              "tls-creds-x509,id=c,endpoint=client,dir=%s/good",
              ",tls-creds=c,tls-hostname=localhost");
      assertThat(Tools.ours(call, root)).isEqualTo(Tools.real(call, root));
    }
  }

  @Test
  void urisOfOurOwn() throws Exception {
    List<String> x509 =
        List.of(
            "nbds+unix:///e?socket="
                + socket
                + "&tls-hostname=localhost&tls-certificates="
                + root.resolve("good"),
            "nbds+unix:///e?socket="
                + socket
                + "&tls-verify-peer=false&tls-certificates="
                + root.resolve("good"));
    List<String> psk =
        List.of(
            "nbds+unix://alice@/e?socket="
                + socket
                + "&tls-psk-file="
                + root.resolve("keys/keys.psk"),
            "nbds+unix:///e?socket="
                + socket
                + "&tls-username=bob&tls-psk-file="
                + root.resolve("keys/keys.psk"));
    try (RealServer server = serve(X509_SERVER)) {
      for (String uri : x509) {
        assertReads("io", uri);
      }
    }
    Files.deleteIfExists(socket);
    try (RealServer server = serve(PSK_SERVER)) {
      for (String uri : psk) {
        assertReads("io", uri);
      }
    }
    ToolCall notOurs = new ToolCall("qemu-io", List.of("-r", psk.get(0)));
    assertThat(firstLine(Tools.ours(notOurs, root))).contains("Unknown protocol 'nbds+unix'");
  }

  private void assertReads(String tool, String uri) {
    ToolCall call = new ToolCall(tool, List.of("-r", "-f", "raw", "-c", "read -q -P 0 0 4k", uri));
    ToolOutput output = Tools.ours(call, root);
    assertThat(output.stdout() + output.stderr()).as(uri).isEmpty();
    assertThat(output.exitCode()).isZero();
  }
}
