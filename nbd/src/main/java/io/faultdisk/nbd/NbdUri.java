package io.faultdisk.nbd;

import io.faultdisk.base.UsageException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of an export, such as {@code nbd://localhost:10809/disk} or {@code
 * nbd+unix:///disk?socket=/run/nbd.sock}.
 *
 * <p>The schemes are {@code nbd} (also {@code nbd+tcp}), {@code nbds} (TLS is a must), {@code
 * nbd+unix} and {@code nbds+unix}. The export's name is the path without its first slash. Query
 * parameters other than {@code socket} are kept in order; {@code tls-type}, {@code tls-hostname},
 * {@code tls-certificates} and the like are for whoever sets up TLS. A user before the host ({@code
 * nbds://alice@localhost}) is the parameter {@code tls-username}.
 *
 * <p>Immutable. Source: doc/uri.md of NetworkBlockDevice/nbd.
 *
 * @param tls whether the connection must be encrypted
 * @param where host and port, or a socket
 * @param export the name of the export; empty for the default one
 * @param parameters the other query parameters, decoded
 */
public record NbdUri(boolean tls, Where where, String export, Map<String, String> parameters) {

  /** User, which nobody needs, host and port. {@link URI} takes fewer names than there are. */
  private static final Pattern AUTHORITY =
      Pattern.compile("(?:[^@]*@)?([\\w.~-]+|\\[[0-9a-fA-F:.]+])(?::(\\d{1,5}))?");

  /** What to connect to. */
  public sealed interface Where {}

  /**
   * A host's port.
   *
   * @param host a name or an address, without the brackets of IPv6
   */
  public record Tcp(String host, int port) implements Where {
    public Tcp {
      if (port < 0 || port > 0xffff) {
        throw new IllegalArgumentException("port " + port);
      }
    }
  }

  /** The path of a Unix socket. */
  public record Unix(String path) implements Where {}

  public NbdUri {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    if (bytes(export) > NbdLimits.STRING_BYTES_MAX) {
      throw new IllegalArgumentException("export name too long");
    }
  }

  /** Whether the text starts with a scheme of ours. */
  public static boolean isNbdUri(String text) {
    int colon = text.indexOf(':');
    return colon > 0
        && Scheme.of(text.substring(0, colon)).isPresent()
        && text.startsWith("//", colon + 1);
  }

  /**
   * Reads a URI.
   *
   * @throws UsageException when it is none, of another scheme, or says too little or too much
   */
  public static NbdUri parse(String text) throws UsageException {
    if (!text.chars().allMatch(c -> c < 0x80)) {
      throw new UsageException(
          "Invalid NBD URI '" + text + "': other characters than ASCII must be percent-encoded");
    }
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new UsageException("Invalid NBD URI '" + text + "': " + e.getReason());
    }
    Scheme scheme =
        Optional.ofNullable(uri.getScheme())
            .flatMap(Scheme::of)
            .orElseThrow(() -> new UsageException("'" + text + "' is not an NBD URI"));
    if (uri.isOpaque()) {
      throw new UsageException("Invalid NBD URI '" + text + "': '//' is missing");
    }
    Map<String, String> parameters = parameters(Optional.ofNullable(uri.getRawQuery()).orElse(""));
    if (scheme.tls) {
      user(uri).ifPresent(user -> parameters.putIfAbsent("tls-username", user));
    }
    String socket = parameters.remove("socket");
    Where where;
    if (scheme.unix) {
      if (socket == null || socket.isEmpty()) {
        throw new UsageException("NBD URI '" + text + "' has no 'socket=' parameter");
      }
      where = new Unix(socket);
    } else if (socket != null) {
      throw new UsageException(
          "NBD URI '" + text + "' has a 'socket=' parameter but is not 'nbd+unix'");
    } else {
      where = tcp(uri);
    }
    return new NbdUri(scheme.tls, where, export(uri), parameters);
  }

  /** Who wants to connect, as it stands before the host; counts for TLS only. */
  private static Optional<String> user(URI uri) {
    String authority = Optional.ofNullable(uri.getRawAuthority()).orElse("");
    int at = authority.indexOf('@');
    return at > 0 ? Optional.of(decode(authority.substring(0, at))) : Optional.empty();
  }

  private static Tcp tcp(URI uri) throws UsageException {
    String authority = uri.getRawAuthority();
    if (authority == null) {
      return new Tcp("localhost", NbdLimits.DEFAULT_PORT);
    }
    Matcher parts = AUTHORITY.matcher(authority);
    if (!parts.matches()) {
      throw new UsageException("Invalid host or port '" + authority + "' in NBD URI");
    }
    String host = parts.group(1);
    int port = parts.group(2) == null ? NbdLimits.DEFAULT_PORT : Integer.parseInt(parts.group(2));
    if (port > 0xffff) {
      throw new UsageException("Invalid port " + port + " in NBD URI");
    }
    return new Tcp(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port);
  }

  private static String export(URI uri) throws UsageException {
    String path = Optional.ofNullable(uri.getRawPath()).orElse("");
    String export = decode(path.startsWith("/") ? path.substring(1) : path);
    if (bytes(export) > NbdLimits.STRING_BYTES_MAX) {
      throw new UsageException("export name too long to send to server");
    }
    return export;
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static Map<String, String> parameters(String query) throws UsageException {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String part : query.split("[&;]")) {
      int equals = part.indexOf('=');
      if (!part.isEmpty()) {
        String name = decode(equals < 0 ? part : part.substring(0, equals));
        String value = equals < 0 ? "" : decode(part.substring(equals + 1));
        if (parameters.putIfAbsent(name, value) != null) {
          throw new UsageException("parameter '" + name + "' stands twice in the NBD URI");
        }
      }
    }
    return parameters;
  }

  /** Percent signs only: in a URI, unlike in a form, a plus is a plus. */
  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** The same as a URI that {@link #parse} reads. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(tls ? "nbds" : "nbd");
    Map<String, String> query = new LinkedHashMap<>();
    switch (where) {
      case Tcp(String host, int port) -> {
        text.append("://").append(host.indexOf(':') < 0 ? host : "[" + host + "]");
        if (port != NbdLimits.DEFAULT_PORT) {
          text.append(':').append(port);
        }
        if (!export.isEmpty()) {
          text.append('/');
        }
      }
      case Unix(String path) -> {
        text.append("+unix:///");
        query.put("socket", path);
      }
    }
    text.append(encode(export));
    query.putAll(parameters);
    char separator = '?';
    for (Map.Entry<String, String> each : query.entrySet()) {
      text.append(separator)
          .append(encode(each.getKey()))
          .append('=')
          .append(encode(each.getValue()));
      separator = '&';
    }
    return text.toString();
  }

  /** Everything that may mean something in some part of a URI is written as percent and hex. */
  private static String encode(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (each & 0xff);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "/-._~:".indexOf(c) >= 0;
      if (plain) {
        encoded.append(c);
      } else {
        encoded
            .append('%')
            .append(Character.forDigit(c >> 4, 16))
            .append(Character.forDigit(c & 15, 16));
      }
    }
    return encoded.toString();
  }

  private enum Scheme {
    NBD("nbd", false, false),
    NBD_TCP("nbd+tcp", false, false),
    NBDS("nbds", true, false),
    NBD_UNIX("nbd+unix", false, true),
    NBDS_UNIX("nbds+unix", true, true);

    private final String text;
    private final boolean tls;
    private final boolean unix;

    Scheme(String text, boolean tls, boolean unix) {
      this.text = text;
      this.tls = tls;
      this.unix = unix;
    }

    static Optional<Scheme> of(String text) {
      for (Scheme each : values()) {
        if (each.text.equalsIgnoreCase(text)) {
          return Optional.of(each);
        }
      }
      return Optional.empty();
    }
  }
}
