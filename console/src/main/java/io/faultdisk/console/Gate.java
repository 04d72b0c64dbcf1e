package io.faultdisk.console;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who may ask. Immutable; any thread.
 *
 * <p>Three things keep other people's web pages out, which may run in a browser on the same
 * machine: the token, which they cannot know; the Origin that the browser tells of them; and the
 * Host, which is theirs and not ours if they make the name of their own server lead here (DNS
 * rebinding).
 */
final class Gate {
  private final byte[] token;
  private final String scheme;
  private final int port;
  private final boolean anyAddress;

  /** Names that need our port, and those with a port of their own. */
  private final Set<String> hosts = new HashSet<>();

  /** Names that are fine with any port. */
  private final Set<String> names = new HashSet<>();

  /**
   * A gate.
   *
   * @param address that is listened on
   * @param allowed further names that this machine is called by, with port or without
   */
  Gate(String token, boolean encrypted, InetSocketAddress address, List<String> allowed) {
    this.token = token.getBytes(StandardCharsets.UTF_8);
    this.scheme = encrypted ? "https" : "http";
    this.port = address.getPort();
    InetAddress ip = address.getAddress();
    this.anyAddress = ip.isAnyLocalAddress();
    for (String name : List.of("localhost", "127.0.0.1", "[::1]", literal(ip))) {
      hosts.add(name + ":" + port);
    }
    for (String name : allowed) {
      String lower = name.toLowerCase(Locale.ROOT);
      boolean withPort = lower.lastIndexOf(':') > lower.lastIndexOf(']');
      (withPort ? hosts : names).add(lower);
    }
  }

  /** An address as it stands in a URL. */
  static String literal(InetAddress ip) {
    String text = ip.getHostAddress();
    int zone = text.indexOf('%');
    text = zone < 0 ? text : text.substring(0, zone);
    return text.indexOf(':') < 0 ? text : "[" + text + "]";
  }

  /**
   * Refuses requests for another host than this one.
   *
   * @param host the header, if there is one
   */
  void checkHost(Optional<String> host) throws ApiException {
    if (host.isEmpty() || !isOurs(host.get().toLowerCase(Locale.ROOT))) {
      throw ApiException.of(
          421,
          "this is not the host '" + host.orElse("") + "'",
          "start with allow-host=NAME if this machine has that name");
    }
  }

  private boolean isOurs(String host) {
    int colon = host.lastIndexOf(':') > host.lastIndexOf(']') ? host.lastIndexOf(':') : -1;
    String name = colon < 0 ? host : host.substring(0, colon);
    String full = colon < 0 ? host + ":" + (scheme.equals("https") ? 443 : 80) : host;
    // An address is no name that somebody else could have made to lead here.
    return hosts.contains(full)
        || names.contains(name)
        || (anyAddress && full.endsWith(":" + port) && isAddress(name));
  }

  private static boolean isAddress(String name) {
    return name.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}") || name.matches("\\[[0-9a-f:.]+]");
  }

  /**
   * Refuses requests that a page of somebody else makes a browser send.
   *
   * @param origin the header, if there is one
   */
  void checkOrigin(Optional<String> host, Optional<String> origin) throws ApiException {
    if (origin.isPresent()
        && !origin.get().equalsIgnoreCase(scheme + "://" + host.orElse(""))
        && !isDefaultPort(origin.get(), host.orElse(""))) {
      throw foreign();
    }
  }

  /**
   * The same for those of which a browser says only so much. Following a link to the page itself is
   * fine.
   *
   * @param site the header {@code Sec-Fetch-Site}, if there is one
   */
  void checkSite(Optional<String> site) throws ApiException {
    String from = site.orElse("none");
    if (!(from.equals("none") || from.equals("same-origin"))) {
      throw foreign();
    }
  }

  private static ApiException foreign() {
    return ApiException.of(403, "requests from pages of other sites are refused", "");
  }

  /** A browser leaves out the port that goes without saying. */
  private boolean isDefaultPort(String origin, String host) {
    String said = scheme.equals("https") ? ":443" : ":80";
    return host.endsWith(said)
        && origin.equalsIgnoreCase(
            scheme + "://" + host.substring(0, host.length() - said.length()));
  }

  /**
   * Refuses those who do not know the token.
   *
   * @param authorization the header, if there is one
   * @param query in which the token may be, for what only reads
   */
  void checkToken(String method, Optional<String> authorization, Map<String, String> query)
      throws ApiException {
    String shown = "";
    if (authorization.isPresent()) {
      String header = authorization.get();
      if (header.regionMatches(true, 0, "Bearer ", 0, 7)) {
        shown = header.substring(7).strip();
      }
    } else if (method.equals("GET")) {
      shown = query.getOrDefault("token", "");
    }
    if (!MessageDigest.isEqual(token, shown.getBytes(StandardCharsets.UTF_8))) {
      throw ApiException.of(
          401,
          shown.isEmpty() ? "this needs the token" : "this is not the token",
          "send 'Authorization: Bearer TOKEN'; the URL that was printed at the start has it");
    }
  }
}
