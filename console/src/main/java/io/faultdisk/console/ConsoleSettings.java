package io.faultdisk.console;

import io.faultdisk.base.UsageException;
import io.faultdisk.nbd.tls.Endpoint;
import io.faultdisk.nbd.tls.X509Credentials;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * How to serve the console. Immutable.
 *
 * @param address to listen on; port 0: any
 * @param token who knows it may do everything; at least {@value #TOKEN_LENGTH_MIN} letters, digits,
 *     {@code -}, {@code _}
 * @param allowedHosts further names by which clients may call this machine, {@code NAME} or {@code
 *     NAME:PORT}
 * @param tls to encrypt with
 * @param version of the program, for those who ask
 */
public record ConsoleSettings(
    InetSocketAddress address,
    String token,
    List<String> allowedHosts,
    Optional<X509Credentials> tls,
    String version) {
  /** What a token needs, so that nobody guesses it. */
  public static final int TOKEN_LENGTH_MIN = 16;

  /** 192 bits. */
  private static final int TOKEN_BYTES = 24;

  public ConsoleSettings {
    allowedHosts = List.copyOf(allowedHosts);
  }

  /** With a fresh token, unencrypted. */
  public static ConsoleSettings of(InetSocketAddress address, String version) {
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    return new ConsoleSettings(address, token, List.of(), Optional.empty(), version);
  }

  /**
   * The same with a token that somebody has chosen.
   *
   * @throws UsageException if it is too short, or could not stand in a URL
   */
  public ConsoleSettings withToken(String chosen) throws UsageException {
    if (chosen.length() < TOKEN_LENGTH_MIN || !chosen.matches("[A-Za-z0-9_-]*")) {
      throw new UsageException(
          "a token needs at least "
              + TOKEN_LENGTH_MIN
              + " characters, which are letters, digits, '-' or '_'");
    }
    return new ConsoleSettings(address, chosen, allowedHosts, tls, version);
  }

  /** The same with one more name of this machine, {@code NAME} or {@code NAME:PORT}. */
  public ConsoleSettings withAllowedHost(String host) {
    List<String> more = new ArrayList<>(allowedHosts);
    more.add(host);
    return new ConsoleSettings(address, token, more, tls, version);
  }

  /**
   * The same, encrypted.
   *
   * @throws UsageException if these are credentials for clients
   */
  public ConsoleSettings withTls(X509Credentials credentials) throws UsageException {
    if (credentials.endpoint() != Endpoint.SERVER) {
      throw new UsageException("a server needs TLS credentials with endpoint=server");
    }
    return new ConsoleSettings(address, token, allowedHosts, Optional.of(credentials), version);
  }
}
