package io.faultdisk.daemon.objects;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.nbd.Encryptions.UriParameters;
import io.faultdisk.block.options.Options;
import io.faultdisk.nbd.tls.Endpoint;
import io.faultdisk.nbd.tls.PskCredentials;
import io.faultdisk.nbd.tls.TlsCredentials;
import io.faultdisk.nbd.tls.TlsVersions;
import io.faultdisk.nbd.tls.X509Credentials;
import io.faultdisk.nbd.tls.X509Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Makes each type of user object of its options. Stateless. */
final class ObjectTypes {
  private static final Set<String> KNOWN =
      Set.of(
          "authz-list",
          "authz-list-file",
          "authz-simple",
          "secret",
          "tls-creds-anon",
          "tls-creds-psk",
          "tls-creds-x509");

  private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/=\\n]*");

  private ObjectTypes() {}

  static boolean isKnown(String type) {
    return KNOWN.contains(type);
  }

  static UserObjects.UserObject make(String type, Options options, UserObjects others)
      throws UsageException {
    UserObjects.UserObject made =
        switch (type) {
          case "secret" -> secret(options);
          case "tls-creds-x509" -> new UserObjects.Tls(x509(options, others));
          case "tls-creds-psk" -> new UserObjects.Tls(psk(options));
          case "authz-simple" -> new UserObjects.Authorization(AuthorizationList.simple(options));
          case "authz-list" -> new UserObjects.Authorization(AuthorizationList.of(options));
          case "tls-creds-anon" ->
              throw new UsageException(
                  "tls-creds-anon is not supported, since neither end would know whom it talks to;"
                      + " use tls-creds-psk or tls-creds-x509");
          case "authz-list-file" ->
              throw new UsageException("authz-list-file is not supported; use authz-list");
          default -> throw new IllegalStateException(type);
        };
    UserObjects.requireNoMore(options);
    return made;
  }

  private static UserObjects.Secret secret(Options options) throws UsageException {
    Optional<String> data = options.take("data");
    Optional<String> file = options.take("file");
    String format = options.take("format").orElse("raw");
    if (!format.equals("raw") && !format.equals("base64")) {
      throw new UsageException("Parameter 'format' does not accept value '" + format + "'");
    }
    if (options.has("keyid")) {
      throw new UsageException("secrets that are encrypted ('keyid') are not supported");
    }
    if (data.isPresent() && file.isPresent()) {
      throw new UsageException("'file' and 'data' are mutually exclusive");
    }
    byte[] bytes;
    if (data.isPresent()) {
      bytes = data.get().getBytes(StandardCharsets.UTF_8);
    } else if (file.isPresent()) {
      bytes = content(file.get());
    } else {
      throw new UsageException("Either 'file' or 'data' must be provided");
    }
    return new UserObjects.Secret(utf8(format.equals("raw") ? bytes : decoded(bytes)));
  }

  private static byte[] content(String file) throws UsageException {
    try {
      return Files.readAllBytes(Path.of(file));
    } catch (IOException e) {
      throw new UsageException(
          "Unable to read %s: Failed to open file “%s”: %s"
              .formatted(
                  file,
                  file,
                  Files.exists(Path.of(file)) ? "Permission denied" : "No such file or directory"));
    }
  }

  private static byte[] decoded(byte[] base64) throws UsageException {
    if (!BASE64.matcher(new String(base64, StandardCharsets.ISO_8859_1)).matches()) {
      throw new UsageException("Base64 data contains invalid characters");
    }
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          "Base64 data '" + new String(base64, StandardCharsets.UTF_8) + "' is not valid");
    }
  }

  private static String utf8(byte[] bytes) throws UsageException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new UsageException("Data from secret is not valid UTF-8");
    }
  }

  private static TlsCredentials x509(Options options, UserObjects others) throws UsageException {
    Optional<String> dir = options.take("dir");
    Endpoint endpoint = endpoint(options);
    boolean verify = UserObjects.bool(options, "verify-peer", true);
    boolean check = UserObjects.bool(options, "sanity-check", true);
    Optional<String> passwordId = options.take("passwordid");
    TlsVersions versions = versions(options);
    UserObjects.requireNoMore(options);
    if (dir.isEmpty()) {
      throw new UsageException("Missing 'dir' property value");
    }
    X509Settings settings =
        new X509Settings(
            endpoint,
            Optional.of(Path.of(dir.get())),
            dir.get(),
            verify,
            check,
            Optional.empty(),
            versions);
    return X509Credentials.load(
        passwordId.isPresent() ? settings.withPassword(others.secret(passwordId.get())) : settings);
  }

  private static TlsCredentials psk(Options options) throws UsageException {
    Optional<String> dir = options.take("dir");
    Endpoint endpoint = endpoint(options);
    var unused = UserObjects.bool(options, "verify-peer", true); // a key is always verified
    Optional<String> user = options.take("username");
    TlsVersions versions = versions(options);
    UserObjects.requireNoMore(options);
    if (dir.isEmpty()) {
      throw new UsageException("Missing 'dir' property value");
    }
    Path file = Path.of(dir.get(), "keys.psk");
    String name = dir.get() + "/keys.psk";
    if (endpoint == Endpoint.CLIENT) {
      return PskCredentials.ofClient(
          file, name, user.orElse(PskCredentials.DEFAULT_USER), versions);
    }
    PskCredentials server = PskCredentials.ofServer(file, name, versions);
    if (user.isPresent()) {
      throw new UsageException("username should not be set when endpoint=server");
    }
    return server;
  }

  private static Endpoint endpoint(Options options) throws UsageException {
    String text = options.take("endpoint").orElse("client");
    for (Endpoint each : Endpoint.values()) {
      if (each.text().equals(text)) {
        return each;
      }
    }
    throw new UsageException("Parameter 'endpoint' does not accept value '" + text + "'");
  }

  private static TlsVersions versions(Options options) throws UsageException {
    Optional<String> priority = options.take("priority");
    return priority.isPresent() ? TlsVersions.parse(priority.get()) : TlsVersions.ALL;
  }

  /**
   * What a URI of libnbd's kind says: keys, certificates, or nothing, which means trust in whom the
   * JDK trusts.
   */
  static TlsCredentials ofUri(UriParameters parameters) throws UsageException {
    if (parameters.keys().isPresent()) {
      String file = parameters.keys().get();
      String user = parameters.user().orElseGet(() -> System.getProperty("user.name", "nobody"));
      return PskCredentials.ofClient(Path.of(file), file, user, TlsVersions.ALL);
    }
    return X509Credentials.load(
        new X509Settings(
            Endpoint.CLIENT,
            parameters.certificates().map(Path::of),
            parameters.certificates().orElse("the JDK"),
            parameters.verifyPeer(),
            true,
            Optional.empty(),
            TlsVersions.ALL));
  }
}
