package io.faultdisk.cli.tls;

import io.faultdisk.testkit.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Directories with certificates and keys, good ones and bad ones:
 *
 * <pre>
 *   good        everything for both ends
 *   only-ca     a client that shows nothing
 *   other-ca    the same again, from another authority
 *   expired     of the same authority as good, but too old
 *   keys        keys.psk with alice and bob
 *   wrong-keys  alice has another key; bob is carol
 * </pre>
 */
final class TlsFiles {
  private TlsFiles() {}

  static void write(Path root) throws IOException {
    Certificates ca = Certificates.authority("Test CA");
    both(ca, Files.createDirectory(root.resolve("good")));
    ca.write(Files.createDirectory(root.resolve("only-ca")));
    both(Certificates.authority("Other CA"), Files.createDirectory(root.resolve("other-ca")));
    Path expired = Files.createDirectory(root.resolve("expired"));
    ca.write(expired);
    ca.issue("CN=localhost").host("localhost").expired().write(expired, "server");
    ca.issue("CN=client1,O=Test").expired().write(expired, "client");
    keys(
        root.resolve("keys"), "alice:0123456789abcdef0123456789abcdef\nbob:00112233445566778899\n");
    keys(
        root.resolve("wrong-keys"),
        "alice:1123456789abcdef0123456789abcdef\ncarol:00112233445566778899\n");
  }

  private static void both(Certificates ca, Path directory) throws IOException {
    ca.write(directory);
    ca.issue("CN=localhost").host("localhost").address(127, 0, 0, 1).write(directory, "server");
    ca.issue("CN=client1,O=Test").write(directory, "client");
  }

  private static void keys(Path directory, String lines) throws IOException {
    Files.createDirectory(directory);
    Files.writeString(directory.resolve("keys.psk"), lines);
  }
}
