package io.faultdisk.cli.daemon;

import io.faultdisk.base.UsageException;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Version;
import io.faultdisk.cli.explore.ScriptExplorations;
import io.faultdisk.console.ConsoleServer;
import io.faultdisk.console.ConsoleSettings;
import io.faultdisk.console.DaemonStorage;
import io.faultdisk.daemon.StorageDaemon;
import io.faultdisk.daemon.objects.UserObjects;
import io.faultdisk.nbd.tls.Endpoint;
import io.faultdisk.nbd.tls.X509Credentials;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The argument of {@code --http}: {@code
 * [HOST:]PORT[,token=TOKEN][,allow-host=NAME][,tls-creds=ID]}. Immutable.
 *
 * @param address 127.0.0.1 without a host; port 0 leaves it to the system
 * @param token who knows it may do everything; a fresh one if nobody has chosen one, here or in the
 *     environment variable {@value #TOKEN_VARIABLE}
 * @param allowedHosts further names of this machine that clients may use
 * @param tlsCreds the id of X.509 credentials to encrypt with
 */
public record HttpOption(
    InetSocketAddress address,
    Optional<String> token,
    List<String> allowedHosts,
    Optional<String> tlsCreds) {
  /** Where a token can stand so that no list of processes shows it. */
  public static final String TOKEN_VARIABLE = "FAULTDISK_TOKEN";

  private static final int PORT_MAX = 0xffff;

  /** Copies the list. */
  public HttpOption {
    allowedHosts = List.copyOf(allowedHosts);
  }

  /**
   * Reads the argument.
   *
   * @throws UsageException if it makes no sense
   */
  public static HttpOption parse(String text, Map<String, String> environment)
      throws UsageException {
    String[] parts = text.split(",", -1);
    InetSocketAddress address = address(parts[0]);
    Optional<String> token = Optional.ofNullable(environment.get(TOKEN_VARIABLE));
    List<String> hosts = new ArrayList<>();
    Optional<String> tls = Optional.empty();
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      String key = equals < 0 ? parts[i] : parts[i].substring(0, equals);
      String value = equals < 0 ? "" : parts[i].substring(equals + 1);
      switch (key) {
        case "token" -> token = Optional.of(value);
        case "allow-host" -> hosts.add(value);
        case "tls-creds" -> tls = Optional.of(value);
        default ->
            throw new UsageException(
                "'" + key + "' is not known",
                "Write [HOST:]PORT[,token=TOKEN][,allow-host=NAME][,tls-creds=ID].");
      }
    }
    return new HttpOption(address, token, hosts, tls);
  }

  private static InetSocketAddress address(String text) throws UsageException {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "127.0.0.1" : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (port >= 0 && port <= PORT_MAX) {
        return new InetSocketAddress(host.isEmpty() ? "127.0.0.1" : host, port);
      }
    } catch (NumberFormatException e) {
      // See below.
    }
    throw new UsageException(
        "'" + text + "' is no port and no HOST:PORT",
        "Write --http 8080, or --http 0 for any free port.");
  }

  /**
   * Starts the service for a daemon.
   *
   * @param objects where TLS credentials are
   * @throws UsageException if it cannot be started
   */
  public ConsoleServer start(
      StorageDaemon daemon, UserObjects objects, ScriptExplorations explorations, Console console)
      throws UsageException {
    ConsoleSettings settings = ConsoleSettings.of(address, Version.text());
    if (token.isPresent()) {
      settings = settings.withToken(token.get());
    }
    for (String host : allowedHosts) {
      settings = settings.withAllowedHost(host);
    }
    if (tlsCreds.isPresent()) {
      if (!(objects.credentials(tlsCreds.get(), Endpoint.SERVER)
          instanceof X509Credentials credentials)) {
        throw new UsageException("tls-creds must be of type tls-creds-x509");
      }
      settings = settings.withTls(credentials);
    }
    return ConsoleServer.start(settings, new DaemonStorage(daemon), explorations, console::report);
  }
}
