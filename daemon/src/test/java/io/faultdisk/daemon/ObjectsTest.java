package io.faultdisk.daemon;

import static io.faultdisk.daemon.TestDaemon.options;
import static io.faultdisk.daemon.TestDaemon.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.nbd.server.ListenAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** User objects that come and go. Texts observed with qemu-storage-daemon 7.2. */
class ObjectsTest {
  @TempDir Path directory;
  private TestDaemon test;
  private StorageDaemon daemon;

  @BeforeEach
  void start() {
    test = new TestDaemon(directory);
    daemon = test.daemon;
  }

  @AfterEach
  void stop() {
    test.close();
  }

  private void add(String type, String json) throws Exception {
    daemon.addObject(type, options(json));
  }

  @Test
  void refusals() throws Exception {
    add("secret", "{'id':'s0','data':'abc'}");
    assertThat(refusal(() -> add("secret", "{'id':'s0','data':'abc'}")))
        .isEqualTo("attempt to add duplicate property 's0' to object (type 'container')");
    assertThat(refusal(() -> add("secret", "{'id':'1x','data':'abc'}")))
        .isEqualTo("Parameter 'id' expects an identifier");
    assertThat(refusal(() -> add("secret", "{'data':'abc'}")))
        .isEqualTo("Parameter 'id' is missing");
    assertThat(refusal(() -> add("secret", "{'id':'s1'}")))
        .isEqualTo("Either 'file' or 'data' must be provided");
    assertThat(refusal(() -> add("secret", "{'id':'s1','data':'a','foo':1}")))
        .isEqualTo("Parameter 'foo' is unexpected");
    assertThat(refusal(() -> add("secret", "{'id':'s1','data':'!!','format':'base64'}")))
        .isEqualTo("Base64 data contains invalid characters");
    assertThat(refusal(() -> add("nosuch", "{'id':'s1'}")))
        .isEqualTo("Parameter 'qom-type' does not accept value 'nosuch'");
    assertThat(refusal(() -> daemon.deleteObject("s1"))).isEqualTo("object 's1' not found");
    daemon.deleteObject("s0");
    add("secret", "{'id':'s0','data':'abc'}");
  }

  @Test
  void credentialsOfAServerCanGoWhileItRuns() throws Exception {
    Files.writeString(directory.resolve("keys.psk"), "me:00112233445566778899aabbccddeeff\n");
    String dir = "'dir':'%s'".formatted(directory);
    add("tls-creds-psk", "{'id':'p0','endpoint':'server',%s}".formatted(dir));
    add("tls-creds-psk", "{'id':'p1','endpoint':'client','username':'me',%s}".formatted(dir));
    add("secret", "{'id':'s0','data':'abc'}");
    assertThat(start("p1")).isEqualTo("Expected TLS credentials for a server endpoint");
    assertThat(start("s0")).isEqualTo("Object with id 's0' is not TLS credentials");
    daemon.startNbdServer(request("p0"));
    daemon.deleteObject("p0");
    daemon.stopNbdServer();
    assertThat(start("p0")).isEqualTo("No TLS credentials with id 'p0'");
  }

  private String start(String credentials) {
    return refusal(() -> daemon.startNbdServer(request(credentials)));
  }

  private NbdServerRequest request(String credentials) {
    return new NbdServerRequest(
        new ListenAddress.Unix(directory.resolve("nbd").toString()),
        Optional.of(credentials),
        Optional.of("nobody yet"),
        0);
  }

  @Test
  void aThreadObjectIsKnownToExports() throws Exception {
    test.addFile("f0");
    daemon.startNbdServer(
        NbdServerRequest.at(new ListenAddress.Unix(directory.resolve("nbd").toString())));
    assertThat(refusal(() -> daemon.addExport(onThread()))).isEqualTo("iothread \"t\" not found");
    add("iothread", "{'id':'t'}");
    daemon.addExport(onThread());
  }

  private static ExportRequest onThread() {
    return new ExportRequest(
        "e",
        "f0",
        Optional.empty(),
        Optional.empty(),
        false,
        false,
        false,
        List.of(),
        Optional.of("t"));
  }
}
