package io.faultdisk.cli.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Tools;
import io.faultdisk.testkit.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What our tools say about {@code --object} is what the real ones say. */
class ObjectsConformanceTest {
  private static final String X509 = "tls-creds-x509,id=t,";
  private static final String PSK = "tls-creds-psk,id=t,";

  @TempDir static Path root;

  @BeforeAll
  static void files() throws IOException {
    TlsFiles.write(root);
    Files.write(root.resolve("disk.img"), new byte[1 << 20]);
    Files.createDirectory(root.resolve("empty"));
    variant("bad-certificate", "server-cert.pem", "garbage");
    variant("bad-ca", "ca-cert.pem", "garbage");
    Files.delete(variant("no-key", "server-key.pem", ""));
    Files.copy(
        root.resolve("good/server-cert.pem"),
        variant("ca-is-none", "ca-cert.pem", ""),
        StandardCopyOption.REPLACE_EXISTING);
    Files.copy(
        root.resolve("other-ca/ca-cert.pem"),
        variant("other-issuer", "ca-cert.pem", ""),
        StandardCopyOption.REPLACE_EXISTING);
    Certificates ca = Certificates.authority("Third CA");
    Path future = Files.createDirectory(root.resolve("future"));
    ca.write(future);
    ca.issue("CN=localhost").inFuture().write(future, "server");
    Path authority = Files.createDirectory(root.resolve("authority"));
    ca.write(authority);
    ca.issue("CN=localhost").asAuthority().write(authority, "server");
    Path lines = Files.createDirectory(root.resolve("lines"));
    Files.writeString(lines.resolve("keys.psk"), "nocolon\nalice:zz\nbob:abc\ncarol:\n");
  }

  private static Path variant(String name, String file, String content) throws IOException {
    Path directory = Files.createDirectory(root.resolve(name));
    for (String each : List.of("ca-cert.pem", "server-cert.pem", "server-key.pem")) {
      Files.copy(root.resolve("good").resolve(each), directory.resolve(each));
    }
    return Files.writeString(directory.resolve(file), content);
  }

  private static ToolCall call(String... objects) {
    List<String> args = new ArrayList<>(List.of("info", "-f", "raw"));
    for (String object : objects) {
      args.add("--object");
      args.add(object.replace("dir=", "dir=" + root + "/"));
    }
    args.add(root.resolve("disk.img").toString());
    return new ToolCall("qemu-img", args);
  }

  private static void assertSame(String... objects) {
    Assumptions.assumeTrue(
        Tools.realToolsExist(), "qemu-img is not installed (Debian: apt install qemu-utils)");
    ToolOutput real = Tools.real(call(objects), root);
    assertThat(Tools.ours(call(objects), root)).isEqualTo(real);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        X509 + "endpoint=server",
        X509 + "dir=nonexistent",
        X509 + "dir=empty,endpoint=server",
        X509 + "dir=good,endpoint=foo",
        X509 + "dir=good,bogus=1",
        X509 + "dir=good,verify-peer=foo",
        X509 + "dir=good,passwordid=zz",
        X509 + "dir=good,endpoint=server",
        X509 + "dir=good",
        X509 + "dir=only-ca",
        X509 + "dir=bad-certificate,endpoint=server",
        X509 + "dir=bad-ca,endpoint=server",
        X509 + "dir=no-key,endpoint=server",
        X509 + "dir=ca-is-none,endpoint=server",
        X509 + "dir=other-issuer,endpoint=server",
        X509 + "dir=expired,endpoint=server",
        X509 + "dir=expired",
        X509 + "dir=expired,sanity-check=no",
        X509 + "dir=future,endpoint=server",
        X509 + "dir=authority,endpoint=server",
        PSK + "endpoint=server",
        PSK + "verify-peer=on",
        PSK + "verify-peer=maybe",
        PSK + "dir=empty,endpoint=server",
        PSK + "dir=keys,endpoint=server,username=alice",
        PSK + "dir=keys,endpoint=server",
        PSK + "dir=keys",
        PSK + "dir=keys,username=alice",
        PSK + "dir=lines,username=nocolon",
        PSK + "dir=lines,username=alice",
        PSK + "dir=lines,username=bob",
        PSK + "dir=lines,username=carol",
        "secret,id=s",
        "secret,id=s,data=a,file=b",
        "secret,id=s,data=a,format=hex",
        "secret,id=s,data=a",
        "authz-simple,id=z",
        "authz-simple,id=z,identity=a",
        "authz-list,id=z,policy=foo",
        "authz-list,id=z,rules.0.policy=allow",
        "authz-list,id=z,rules.0.match=a",
        "authz-list,id=z,policy=deny,rules.0.match=a*,rules.0.policy=allow,rules.0.format=glob",
        "tls-creds-x509",
        "tls-creds-x509,id=9",
        "nonesuch,id=a",
        "id=a",
      })
  void oneObject(String object) {
    assertSame(object);
  }

  @Test
  void severalObjects() {
    assertSame("secret,id=a,data=x", "secret,id=a,data=y");
    assertSame("secret,id=a,data=x", X509 + "dir=good,passwordid=a");
    assertSame(X509 + "dir=good", "tls-creds-x509,id=u,dir=good,passwordid=t");
  }

  @Test
  void whatWeDoNotHaveIsRefused() {
    assertThat(Tools.ours(call("tls-creds-anon,id=a"), root).stderr())
        .startsWith("qemu-img: tls-creds-anon is not supported");
    assertThat(Tools.ours(call("secret,id=a,data=x,keyid=b"), root).stderr())
        .startsWith("qemu-img: secrets that are encrypted");
    assertThat(Tools.ours(call(X509 + "dir=good,priority=BOGUS"), root).stderr())
        .startsWith("qemu-img: priority 'BOGUS': 'BOGUS' is not supported");
  }
}
