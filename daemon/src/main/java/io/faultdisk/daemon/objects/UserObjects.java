package io.faultdisk.daemon.objects;

import io.faultdisk.base.Identifier;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.nbd.ClientEncryption;
import io.faultdisk.block.nbd.Encryptions;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.Options;
import io.faultdisk.nbd.server.Encryption;
import io.faultdisk.nbd.tls.Endpoint;
import io.faultdisk.nbd.tls.TlsCredentials;
import io.faultdisk.rules.Dialect;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * User objects by their ids: secrets, TLS credentials, and whom a server admits. Types that no
 * driver of ours has a use for are accepted and forgotten.
 *
 * <p>Whoever has looked one up keeps what it found: an object can be removed while it is in use.
 *
 * <p>Any thread. Only what is used is loaded: without objects this costs nothing.
 *
 * <p>Source: texts are those of QEMU 7.2.
 */
public final class UserObjects implements Encryptions {
  private static final Set<String> WITHOUT_USE = Set.of("secret_keyring", "throttle-group");

  private final Dialect dialect;
  private final Set<String> withoutUse;
  private final Map<String, UserObject> objects = new ConcurrentHashMap<>();

  /** Anything that has an id. */
  sealed interface UserObject {}

  /** A password, in UTF-8. */
  record Secret(String text) implements UserObject {}

  /** Credentials. */
  record Tls(TlsCredentials credentials) implements UserObject {}

  /** Decides on the names of clients. */
  record Authorization(Predicate<String> allowed) implements UserObject {}

  /** Something that is known, but does nothing here. */
  record Unused(String type) implements UserObject {}

  /**
   * None yet.
   *
   * @param dialect {@link Dialect#QEMU} to take nothing that QEMU does not
   */
  public UserObjects(Dialect dialect) {
    this(dialect, Set.of());
  }

  /**
   * The same for a program that knows more types.
   *
   * @param moreWithoutUse types to accept and forget
   */
  public UserObjects(Dialect dialect, Set<String> moreWithoutUse) {
    this.dialect = dialect;
    Set<String> all = new HashSet<>(WITHOUT_USE);
    all.addAll(moreWithoutUse);
    this.withoutUse = Set.copyOf(all);
  }

  /**
   * Makes an object.
   *
   * @param options flattened, among them {@code id}; all are taken out
   * @throws UsageException with the text for the user
   */
  public void add(String type, Options options) throws UsageException {
    Optional<String> id = options.take("id");
    boolean unused = withoutUse.contains(type);
    if (!unused && !ObjectTypes.isKnown(type)) {
      throw new UsageException("Parameter 'qom-type' does not accept value '" + type + "'");
    }
    if (id.isEmpty()) {
      throw new UsageException("Parameter 'id' is missing");
    }
    Identifier.require("id", id.get());
    UserObject made = unused ? new Unused(type) : ObjectTypes.make(type, options, this);
    if (objects.putIfAbsent(id.get(), made) != null) {
      throw new UsageException(
          "attempt to add duplicate property '" + id.get() + "' to object (type 'container')");
    }
  }

  /**
   * Removes an object.
   *
   * @throws UsageException if there is none of that id
   */
  public void remove(String id) throws UsageException {
    if (objects.remove(id) == null) {
      throw new UsageException("object '" + id + "' not found");
    }
  }

  /** The text of a secret. */
  String secret(String id) throws UsageException {
    UserObject found = objects.get(id);
    if (found == null) {
      throw new UsageException("No secret with id '" + id + "'");
    }
    if (!(found instanceof Secret(String text))) {
      throw new UsageException("Object with id '" + id + "' is not a secret");
    }
    return text;
  }

  /**
   * TLS credentials for one end.
   *
   * @throws UsageException if there are none of that name, or they are for the other end
   */
  public TlsCredentials credentials(String id, Endpoint endpoint) throws UsageException {
    UserObject found = objects.get(id);
    if (found == null) {
      throw new UsageException("No TLS credentials with id '" + id + "'");
    }
    if (!(found instanceof Tls(TlsCredentials credentials))) {
      throw new UsageException("Object with id '" + id + "' is not TLS credentials");
    }
    if (credentials.endpoint() != endpoint) {
      throw new UsageException("Expected TLS credentials for a " + endpoint.text() + " endpoint");
    }
    return credentials;
  }

  /**
   * How a server goes on encrypted.
   *
   * @param authorization the id of what decides on the names of clients
   * @throws UsageException if there is nothing of such a name, or it is not for servers
   */
  public Encryption serverEncryption(String id, Optional<String> authorization)
      throws UsageException {
    TlsCredentials credentials = credentials(id, Endpoint.SERVER);
    Predicate<String> allowed = name -> true;
    if (authorization.isPresent()) {
      if (!(objects.get(authorization.get()) instanceof Authorization(Predicate<String> found))) {
        throw new UsageException("Cannot find QAuthZ object ID " + authorization.get());
      }
      allowed = found;
    }
    Predicate<String> decides = allowed;
    return plain -> credentials.accept(plain, decides);
  }

  /**
   * The same for a server that starts before there is anything that decides on the names of
   * clients: until there is, it admits nobody.
   */
  public Encryption lenientServerEncryption(String id, Optional<String> authorization)
      throws UsageException {
    if (authorization.isEmpty()) {
      return serverEncryption(id, authorization);
    }
    TlsCredentials credentials = credentials(id, Endpoint.SERVER);
    String decides = authorization.get();
    Predicate<String> allowed =
        name ->
            objects.get(decides) instanceof Authorization(Predicate<String> found)
                && found.test(name);
    return plain -> credentials.accept(plain, allowed);
  }

  /** Whether there is an object of that id and type among those without use here. */
  public boolean isUnused(String id, String type) {
    return objects.get(id) instanceof Unused(String found) && found.equals(type);
  }

  @Override
  public ClientEncryption named(String id) throws UsageException {
    return credentials(id, Endpoint.CLIENT)::connect;
  }

  @Override
  public boolean takesUris() {
    return dialect != Dialect.QEMU;
  }

  @Override
  public ClientEncryption of(UriParameters parameters) throws UsageException {
    return ObjectTypes.ofUri(parameters)::connect;
  }

  /** The options of an object are all known. */
  static void requireNoMore(Options options) throws UsageException {
    if (!options.isEmpty()) {
      throw new UsageException("Parameter '" + options.keys().getFirst() + "' is unexpected");
    }
  }

  /** An option that is yes or no. */
  static boolean bool(Options options, String name, boolean otherwise) throws UsageException {
    return options.absorb(OptionSpec.bool(name)).bool(name, otherwise);
  }
}
