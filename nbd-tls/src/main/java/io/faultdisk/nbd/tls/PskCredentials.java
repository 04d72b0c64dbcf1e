package io.faultdisk.nbd.tls;

import io.faultdisk.base.UsageException;
import io.faultdisk.nbd.Transport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Keys that both ends know, in a file with the users they belong to. A server takes any user of the
 * file; a client is one of them.
 *
 * <p>Source: the name of the file and messages are those of QEMU 7.2.
 */
public final class PskCredentials implements TlsCredentials {
  /** Whom a client is if nothing is said. */
  public static final String DEFAULT_USER = "qemu";

  private final Endpoint endpoint;
  private final PskFile file;
  private final String user;
  private final byte[] key;
  private final TlsVersions versions;

  private PskCredentials(
      Endpoint endpoint, PskFile file, String user, byte[] key, TlsVersions versions) {
    this.endpoint = endpoint;
    this.file = file;
    this.user = user;
    this.key = key;
    this.versions = versions;
  }

  /**
   * For a server.
   *
   * @param name how the user spells the file, for messages
   * @throws UsageException if there is no such file
   */
  public static PskCredentials ofServer(Path file, String name, TlsVersions versions)
      throws UsageException {
    PskFile keys = new PskFile(file, name);
    keys.require();
    return new PskCredentials(Endpoint.SERVER, keys, "", new byte[0], versions);
  }

  /**
   * For a client.
   *
   * @param name how the user spells the file, for messages
   * @throws UsageException if the file has no key of that user
   */
  public static PskCredentials ofClient(Path file, String name, String user, TlsVersions versions)
      throws UsageException {
    PskFile keys = new PskFile(file, name);
    keys.require();
    byte[] key =
        keys.keyOf(user)
            .orElseThrow(
                () -> new UsageException("Username " + user + " not found in PSK file " + name));
    return new PskCredentials(Endpoint.CLIENT, keys, user, key, versions);
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public Transport accept(Transport plain, Predicate<String> allowed) throws IOException {
    if (endpoint != Endpoint.SERVER) {
      throw new IllegalStateException("these are for clients");
    }
    return PskTransport.accept(plain, new PskServer(file, versions));
  }

  @Override
  public Transport connect(Transport plain, Optional<String> hostname) throws IOException {
    if (endpoint != Endpoint.CLIENT) {
      throw new IllegalStateException("these are for servers");
    }
    return PskTransport.connect(
        plain, new PskClient(user.getBytes(StandardCharsets.UTF_8), key.clone(), versions));
  }
}
