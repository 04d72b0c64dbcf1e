package io.faultdisk.cli.tool;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.nbd.ClientEncryption;
import io.faultdisk.block.nbd.Encryptions;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Program;
import io.faultdisk.nbd.server.Encryption;
import io.faultdisk.nbd.tls.Endpoint;
import io.faultdisk.nbd.tls.TlsCredentials;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What the options {@code --object TYPE,id=...} of one run have made: secrets, TLS credentials, and
 * whom a server admits. Types that no driver of ours has a use for are accepted and forgotten.
 *
 * <p>Objects are added by the thread that reads the command line; after that, any thread may look
 * them up. Only what is used is loaded: without such options this costs nothing.
 *
 * <p>Source: texts are those of QEMU 7.2.
 */
public final class UserObjects implements Encryptions {
  private static final Set<String> WITHOUT_USE = Set.of("secret_keyring", "throttle-group");

  private final Program program;
  private final Console console;
  private final Map<String, UserObject> objects = new HashMap<>();

  /** Anything that has an id. */
  sealed interface UserObject {}

  /** A password, in UTF-8. */
  record Secret(String text) implements UserObject {}

  /** Credentials. */
  record Tls(TlsCredentials credentials) implements UserObject {}

  /** Decides on the names of clients. */
  record Authorization(Predicate<String> allowed) implements UserObject {}

  /** Something that is known, but does nothing here. */
  record Unused() implements UserObject {}

  /** None yet. */
  public UserObjects(Program program, Console console) {
    this.program = program;
    this.console = console;
  }

  /** Makes the object that the argument of {@code --object} describes, or says why not. */
  public void add(String text) throws Refusal {
    int comma = text.indexOf(',');
    String first = comma < 0 ? text : text.substring(0, comma);
    Options options;
    String type;
    if (first.indexOf('=') >= 0 || first.isEmpty()) {
      options = OptionStrings.read(console, text);
      type = options.string("qom-type").orElse("");
      options.remove("qom-type");
      if (type.isEmpty()) {
        throw refuse("Parameter 'qom-type' is missing");
      }
    } else {
      options = OptionStrings.read(console, comma < 0 ? "" : text.substring(comma + 1));
      type = first;
    }
    try {
      add(type, options);
    } catch (UsageException e) {
      console.report(e.getMessage(), e.hints());
      throw new Refusal();
    }
  }

  private void add(String type, Options options) throws UsageException {
    Optional<String> id = options.take("id");
    boolean unused = WITHOUT_USE.contains(type);
    if (!unused && !ObjectTypes.isKnown(type)) {
      throw new UsageException("Parameter 'qom-type' does not accept value '" + type + "'");
    }
    if (id.isEmpty()) {
      throw new UsageException("Parameter 'id' is missing");
    }
    UserObject made = unused ? new Unused() : ObjectTypes.make(type, options, this);
    if (objects.putIfAbsent(id.get(), made) != null) {
      throw new UsageException(
          "attempt to add duplicate property '" + id.get() + "' to object (type 'container')");
    }
  }

  private Refusal refuse(String message) {
    console.report(message);
    return new Refusal();
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

  @Override
  public ClientEncryption named(String id) throws UsageException {
    return credentials(id, Endpoint.CLIENT)::connect;
  }

  @Override
  public boolean takesUris() {
    return !program.isStandIn();
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
