package io.faultdisk.block.nbd;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;
import io.faultdisk.nbd.SocketTransport;
import io.faultdisk.nbd.Transport;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a server listens. Immutable.
 *
 * <p>Source: the messages are those of QEMU 7.2, util/qemu-sockets.c.
 */
sealed interface ServerAddress {
  /** What to connect to, in the order to be tried; at least one. */
  List<SocketAddress> resolve() throws UsageException;

  /** Which addresses of a host will do. */
  enum Family {
    ANY,
    IPV4,
    IPV6;

    private static Family of(Optional<Boolean> ipv4, Optional<Boolean> ipv6) throws UsageException {
      boolean noV4 = ipv4.isPresent() && !ipv4.get();
      boolean noV6 = ipv6.isPresent() && !ipv6.get();
      if (noV4 && noV6) {
        throw new UsageException("Cannot disable IPv4 and IPv6 at same time");
      }
      boolean v4 = ipv4.orElse(noV6);
      boolean v6 = ipv6.orElse(noV4);
      return v4 == v6 ? ANY : v4 ? IPV4 : IPV6;
    }

    private boolean has(InetAddress address) {
      return switch (this) {
        case ANY -> true;
        case IPV4 -> address instanceof Inet4Address;
        case IPV6 -> address instanceof Inet6Address;
      };
    }
  }

  /** A port of a host. The port is a text, since that is how it was given. */
  record Inet(String host, String port, Family family) implements ServerAddress {
    Inet(String host, String port) {
      this(host, port, Family.ANY);
    }

    @Override
    public List<SocketAddress> resolve() throws UsageException {
      int number = number(port);
      if (number < 0) {
        throw unresolved("Servname not supported for ai_socktype");
      }
      if (host.isEmpty()) {
        throw unresolved("Name or service not known");
      }
      try {
        List<SocketAddress> all = new ArrayList<>();
        for (InetAddress each : InetAddress.getAllByName(host)) {
          if (family.has(each)) {
            all.add(new InetSocketAddress(each, number));
          }
        }
        if (all.isEmpty()) {
          throw unresolved("Address family for hostname not supported");
        }
        return all;
      } catch (UnknownHostException e) {
        throw unresolved("Name or service not known");
      }
    }

    private UsageException unresolved(String why) {
      return new UsageException("address resolution failed for " + this + ": " + why);
    }

    /** Too large ones count modulo 2^16, as everywhere in this system. */
    private static int number(String port) {
      try {
        int number = Integer.parseInt(port);
        return number < 0 ? number : number & 0xffff;
      } catch (NumberFormatException e) {
        return -1;
      }
    }

    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /** The path of a Unix socket. */
  record Unix(String path) implements ServerAddress {
    /** Of a socket's path in the kernel's structure, with the zero at its end. */
    private static final int PATH_BYTES_MAX = 108;

    @Override
    public List<SocketAddress> resolve() throws UsageException {
      if (path.getBytes(StandardCharsets.UTF_8).length > PATH_BYTES_MAX) {
        throw new UsageException(
            "UNIX socket path '" + path + "' is too long",
            "Path must be less than " + PATH_BYTES_MAX + " bytes");
      }
      return List.of(UnixDomainSocketAddress.of(path));
    }

    @Override
    public String toString() {
      return path;
    }
  }

  /**
   * What the options {@code type}, {@code host}, {@code port} and {@code path} mean.
   *
   * @param server without the prefix {@code server.}; emptied
   */
  static ServerAddress of(Options server) throws UsageException {
    if (server.isEmpty()) {
      throw new UsageException("NBD server address missing");
    }
    String type = required(server, "type");
    ServerAddress address =
        switch (type) {
          case "inet" -> inet(server);
          case "unix" -> new Unix(required(server, "path"));
          case "vsock", "fd" ->
              throw new UsageException("faultdisk does not connect to servers of type " + type);
          default ->
              throw new UsageException("Parameter 'type' does not accept value '" + type + "'");
        };
    if (!server.isEmpty()) {
      throw new UsageException("Parameter '" + server.keys().getFirst() + "' is unexpected");
    }
    return address;
  }

  private static Inet inet(Options server) throws UsageException {
    String host = required(server, "host");
    String port = required(server, "port");
    Family family = Family.of(flag(server, "ipv4"), flag(server, "ipv6"));
    // For those who listen, or without an effect on what is sent.
    for (String each : List.of("numeric", "keep-alive", "mptcp")) {
      Optional<Boolean> unused = flag(server, each);
    }
    Optional<String> unused = server.take("to");
    return new Inet(host, port, family);
  }

  private static Optional<Boolean> flag(Options server, String key) throws UsageException {
    Optional<String> value = server.take(key);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    return switch (value.get()) {
      case "on", "yes", "true", "y" -> Optional.of(true);
      case "off", "no", "false", "n" -> Optional.of(false);
      default -> throw new UsageException("Parameter '" + key + "' expects 'on' or 'off'");
    };
  }

  private static String required(Options server, String key) throws UsageException {
    return server
        .take(key)
        .orElseThrow(() -> new UsageException("Parameter '" + key + "' is missing"));
  }

  /**
   * {@code host:port}, as it stands in a file name; an IPv6 address is in brackets. Behind it may
   * be options, of which {@code ipv4} and {@code ipv6} count.
   */
  static Inet parseInet(String text) throws UsageException {
    int comma = text.indexOf(',');
    String address = comma < 0 ? text : text.substring(0, comma);
    boolean bracket = address.startsWith("[");
    int colon = bracket ? address.indexOf("]:") + 1 : address.indexOf(':');
    if (bracket && colon < 3) {
      throw new UsageException("error parsing IPv6 address '" + text + "'");
    }
    if (colon + 1 >= address.length()) {
      String what = colon == 0 ? "port in address" : "address";
      throw new UsageException("error parsing " + what + " '" + text + "'");
    }
    if (colon < 0) {
      throw new UsageException("error parsing address '" + text + "'");
    }
    Optional<Boolean> ipv4 = Optional.empty();
    Optional<Boolean> ipv6 = Optional.empty();
    if (comma >= 0) {
      for (String option : text.substring(comma + 1).split(",", -1)) {
        if (option.equals("ipv4") || option.startsWith("ipv4=")) {
          ipv4 = Optional.of(!option.endsWith("=off"));
        } else if (option.equals("ipv6") || option.startsWith("ipv6=")) {
          ipv6 = Optional.of(!option.endsWith("=off"));
        }
      }
    }
    String host = withoutBrackets(address.substring(0, colon));
    return new Inet(host, address.substring(colon + 1), Family.of(ipv4, ipv6));
  }

  /** The address in {@code [::1]}; other hosts as they are. */
  static String withoutBrackets(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /**
   * Connects.
   *
   * @throws UsageException saying to what, and why not
   */
  default Transport connect() throws UsageException {
    String why = "";
    for (SocketAddress each : resolve()) {
      try {
        return open(each);
      } catch (IOException e) {
        why = e.getMessage() == null ? e.toString() : e.getMessage();
      }
    }
    throw new UsageException("Failed to connect to '" + this + "': " + why);
  }

  private static Transport open(SocketAddress address) throws IOException {
    return new SocketTransport(SocketChannel.open(address));
  }
}
