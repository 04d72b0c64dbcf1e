package io.faultdisk.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.security.auth.x500.X500Principal;

/**
 * A certificate authority for tests, and what it signs: files in a directory, named as QEMU and
 * libnbd want them. Making a key takes time, so all certificates but those of authorities are for
 * the same one. Any thread.
 *
 * <pre>
 *   Certificates ca = Certificates.authority("Test CA");
 *   ca.write(directory);                                   // ca-cert.pem
 *   ca.issue("CN=localhost").host("localhost").write(directory, "server");
 *   ca.issue("CN=client1,O=Test").expired().write(directory, "client");
 * </pre>
 */
public final class Certificates {
  private static final AtomicInteger SERIAL = new AtomicInteger(1);
  private static final byte[] SHA256_WITH_RSA = hex("300d06092a864886f70d01010b0500");
  private static final byte[] TRUE = hex("0101ff");
  private static final String BASIC_CONSTRAINTS = "551d13";
  private static final String KEY_USAGE = "551d0f";
  private static final String ALTERNATIVE_NAME = "551d11";

  private final X500Principal name;
  private final KeyPair keys;

  private Certificates(String name) {
    this.name = new X500Principal(name);
    this.keys = newKeys();
  }

  /** A new authority that signs itself. */
  public static Certificates authority(String commonName) {
    return new Certificates("CN=" + commonName);
  }

  private static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes {@code ca-cert.pem}. */
  public void write(Path directory) throws IOException {
    byte[] constraints = tagged(0x30, TRUE);
    Request own = new Request(name, keys);
    own.extensions.add(extension(BASIC_CONSTRAINTS, true, constraints));
    own.extensions.add(extension(KEY_USAGE, true, hex("03020106")));
    writePem(directory.resolve("ca-cert.pem"), "CERTIFICATE", own.sign());
  }

  /** A certificate that this authority signs; the name as in RFC 2253. */
  public Request issue(String subject) {
    return new Request(new X500Principal(subject), Shared.KEYS);
  }

  /** Made when needed. */
  private static final class Shared {
    static final KeyPair KEYS = newKeys();
  }

  /** What a certificate is to say. */
  public final class Request {
    private final X500Principal subject;
    private final KeyPair subjectKeys;
    private final List<byte[]> extensions = new ArrayList<>();
    private final ByteArrayOutputStream names = new ByteArrayOutputStream();
    private Instant from = Instant.EPOCH.plus(Duration.ofDays(365 * 50L));
    private Instant to = Instant.EPOCH.plus(Duration.ofDays(365 * 100L));

    private Request(X500Principal subject, KeyPair subjectKeys) {
      this.subject = subject;
      this.subjectKeys = subjectKeys;
    }

    /** It is for a host of this name, too. */
    public Request host(String host) {
      names.writeBytes(tagged(0x82, host.getBytes(StandardCharsets.US_ASCII)));
      return this;
    }

    /** It is for an IPv4 address, too. */
    public Request address(int a, int b, int c, int d) {
      names.writeBytes(tagged(0x87, new byte[] {(byte) a, (byte) b, (byte) c, (byte) d}));
      return this;
    }

    /** It has not been good since the year 2000. */
    public Request expired() {
      from = Instant.parse("1999-01-01T00:00:00Z");
      to = Instant.parse("2000-01-01T00:00:00Z");
      return this;
    }

    /** It will be good in the year 2090. */
    public Request inFuture() {
      from = Instant.parse("2090-01-01T00:00:00Z");
      to = Instant.parse("2091-01-01T00:00:00Z");
      return this;
    }

    /** It says that it is an authority itself. */
    public Request asAuthority() {
      extensions.add(extension(BASIC_CONSTRAINTS, true, tagged(0x30, TRUE)));
      return this;
    }

    /** Writes {@code ROLE-cert.pem} and {@code ROLE-key.pem}. */
    public void write(Path directory, String role) throws IOException {
      writePem(directory.resolve(role + "-cert.pem"), "CERTIFICATE", sign());
      writePem(
          directory.resolve(role + "-key.pem"),
          "PRIVATE KEY",
          subjectKeys.getPrivate().getEncoded());
    }

    private byte[] sign() {
      List<byte[]> all = new ArrayList<>(extensions);
      if (names.size() > 0) {
        all.add(extension(ALTERNATIVE_NAME, false, tagged(0x30, names.toByteArray())));
      }
      byte[] serial = BigInteger.valueOf(SERIAL.getAndIncrement()).toByteArray();
      byte[] body =
          tagged(
              0x30,
              hex("a003020102"),
              tagged(0x02, serial),
              SHA256_WITH_RSA,
              name.getEncoded(),
              tagged(0x30, time(from), time(to)),
              subject.getEncoded(),
              subjectKeys.getPublic().getEncoded(),
              all.isEmpty() ? new byte[0] : tagged(0xa3, tagged(0x30, all.toArray(new byte[0][]))));
      return tagged(0x30, body, SHA256_WITH_RSA, tagged(0x03, new byte[1], signature(body)));
    }
  }

  private byte[] signature(byte[] body) {
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(keys.getPrivate());
      signature.update(body);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] extension(String id, boolean critical, byte[] value) {
    return tagged(0x30, tagged(0x06, hex(id)), critical ? TRUE : new byte[0], tagged(0x04, value));
  }

  private static byte[] time(Instant when) {
    String text =
        DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC).format(when);
    boolean old = when.isBefore(Instant.parse("2050-01-01T00:00:00Z"));
    return tagged(
        old ? 0x17 : 0x18, (old ? text.substring(2) : text).getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] tagged(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    int bytes = content.size();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (bytes >= 0x100) {
      out.write(0x82);
      out.write(bytes >> 8);
    } else if (bytes >= 0x80) {
      out.write(0x81);
    }
    out.write(bytes);
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  /** Writes one block of a PEM file. */
  public static void writePem(Path file, String label, byte[] der) throws IOException {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Files.writeString(
        file, "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n");
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }
}
