package io.faultdisk.block.nbd;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;
import io.faultdisk.nbd.NbdLimits;
import io.faultdisk.nbd.NbdUri;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * File names of exports, read into the options that mean the same. Stateless.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/nbd.c; {@code nbds://} and {@code nbds+unix://} are
 * ours, as is {@code tls-hostname=} in a URI.
 */
final class NbdFilename {
  private static final String EXPORT_NAME = ":exportname=";
  private static final List<String> CONFLICTING = List.of("host", "port", "path", "export");

  /** Of a URI; those of libnbd, apart from what needs files elsewhere. */
  private static final Set<String> TLS_PARAMETERS =
      Set.of("tls-certificates", "tls-psk-file", "tls-username", "tls-verify-peer", "tls-hostname");

  private NbdFilename() {}

  static void parse(String filename, Options options) throws UsageException {
    for (String key : options.keys()) {
      if (CONFLICTING.contains(key) || key.startsWith("server.")) {
        throw new UsageException("Option '" + key + "' cannot be used with a file name");
      }
    }
    if (filename.contains("://")) {
      parseUri(filename, options);
    } else {
      parseColons(filename, options);
    }
  }

  private static void parseUri(String filename, Options options) throws UsageException {
    NbdUri uri;
    try {
      uri = NbdUri.parse(filename);
    } catch (UsageException e) {
      throw new UsageException("No valid URL specified");
    }
    boolean hostMissing = uri.where() instanceof NbdUri.Tcp && noHost(filename);
    boolean hostTooMany = uri.where() instanceof NbdUri.Unix && !noHost(filename);
    if (hostMissing || hostTooMany || (!uri.parameters().isEmpty() && !uri.tls())) {
      throw new UsageException("No valid URL specified");
    }
    if (!uri.export().isEmpty()) {
      options.put("export", uri.export());
    }
    if (uri.tls()) {
      putTls(uri.parameters(), options);
    }
    switch (uri.where()) {
      case NbdUri.Tcp(String host, int port) ->
          putInet(
              new ServerAddress.Inet(
                  host, Integer.toString(port == 0 ? NbdLimits.DEFAULT_PORT : port)),
              options);
      case NbdUri.Unix(String path) -> putUnix(path, options);
    }
  }

  private static void putTls(Map<String, String> parameters, Options options)
      throws UsageException {
    options.put("tls", "on");
    for (Map.Entry<String, String> each : parameters.entrySet()) {
      String name = each.getKey();
      if (name.equals("tls-type")) {
        requireType(each.getValue(), parameters);
      } else if (!TLS_PARAMETERS.contains(name)) {
        throw new UsageException("Parameter '" + name + "' of an nbds:// URI is unknown");
      } else if (name.equals("tls-verify-peer")) {
        boolean off = Set.of("false", "0", "no", "off").contains(each.getValue());
        options.put(name, off ? "off" : "on");
      } else {
        options.put(name, each.getValue());
      }
    }
  }

  private static void requireType(String type, Map<String, String> parameters)
      throws UsageException {
    boolean keys = parameters.containsKey("tls-psk-file");
    if (!type.equals(keys ? "psk" : "x509")) {
      throw new UsageException(
          "tls-type=" + type + " goes with other parameters, or is not supported (anon)");
    }
  }

  /** Whether the part between the slashes is empty, apart from a user. */
  private static boolean noHost(String filename) {
    String rest = filename.substring(filename.indexOf("://") + 3);
    int at = rest.indexOf('@');
    if (at >= 0 && rest.substring(0, at).chars().noneMatch(c -> "/?#".indexOf(c) >= 0)) {
      rest = rest.substring(at + 1);
    }
    return rest.isEmpty() || "/?#".indexOf(rest.charAt(0)) >= 0;
  }

  private static void parseColons(String filename, Options options) throws UsageException {
    String server = filename;
    int export = filename.indexOf(EXPORT_NAME);
    if (export >= 0) {
      String name = filename.substring(export + EXPORT_NAME.length());
      if (name.isEmpty()) {
        return;
      }
      server = filename.substring(0, export);
      options.put("export", name);
    }
    if (!server.startsWith("nbd:")) {
      throw new UsageException("File name string for NBD must start with 'nbd:'");
    }
    server = server.substring("nbd:".length());
    if (server.startsWith("unix:")) {
      putUnix(server.substring("unix:".length()), options);
    } else if (!server.isEmpty()) {
      putInet(ServerAddress.parseInet(server), options);
    }
  }

  private static void putUnix(String path, Options options) {
    options.put("server.type", "unix");
    options.put("server.path", path);
  }

  private static void putInet(ServerAddress.Inet address, Options options) {
    options.put("server.type", "inet");
    options.put("server.host", address.host());
    options.put("server.port", address.port());
    switch (address.family()) {
      case ANY -> {}
      case IPV4 -> options.put("server.ipv4", "on");
      case IPV6 -> options.put("server.ipv6", "on");
    }
  }
}
