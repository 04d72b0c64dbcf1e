package io.faultdisk.cli.tool;

import io.faultdisk.block.options.Options;
import io.faultdisk.cli.Console;
import java.util.Set;

/**
 * {@code --object TYPE,id=...}. Objects supply secrets and limits to drivers that want them; none
 * of ours does, so one of a known type is accepted and forgotten.
 */
public final class UserObject {
  private static final Set<String> KNOWN_TYPES =
      Set.of(
          "authz-list",
          "authz-list-file",
          "authz-simple",
          "secret",
          "secret_keyring",
          "throttle-group",
          "tls-creds-anon",
          "tls-creds-psk",
          "tls-creds-x509");

  private UserObject() {}

  /** Refuses what QEMU would refuse. */
  public static void check(Console console, String text) throws Refusal {
    int comma = text.indexOf(',');
    String first = comma < 0 ? text : text.substring(0, comma);
    Options options;
    String type;
    if (first.indexOf('=') >= 0) {
      options = OptionStrings.read(console, text);
      type = options.string("qom-type").orElse("");
      if (type.isEmpty()) {
        throw refuse(console, "Parameter 'qom-type' is missing");
      }
    } else {
      options = OptionStrings.read(console, comma < 0 ? "" : text.substring(comma + 1));
      type = first;
    }
    if (!KNOWN_TYPES.contains(type)) {
      throw refuse(console, "Parameter 'qom-type' does not accept value '" + type + "'");
    }
    if (!options.has("id")) {
      throw refuse(console, "Parameter 'id' is missing");
    }
  }

  private static Refusal refuse(Console console, String message) {
    console.report(message);
    return new Refusal();
  }
}
