package io.faultdisk.block.options;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a file name says beyond naming a file: {@code json:{...}} and protocol prefixes. Stateless;
 * safe from any thread.
 *
 * <p>Source: observed with qemu-io 7.2; block.c.
 */
public final class FileNames {
  private static final String JSON = "json:";

  /** Longer protocol names are cut. */
  private static final int PROTOCOL_BYTES_MAX = 127;

  private FileNames() {}

  /**
   * Whether there is a colon before the first slash: {@code nbd://host}, {@code file:x}, {@code
   * a:b}.
   */
  public static boolean hasProtocol(String filename) {
    int colon = filename.indexOf(':');
    int slash = filename.indexOf('/');
    return colon >= 0 && (slash < 0 || colon < slash);
  }

  /** What stands before the first colon; only for names that {@linkplain #hasProtocol have one}. */
  public static String protocol(String filename) {
    if (!hasProtocol(filename)) {
      throw new IllegalArgumentException("no protocol in " + filename);
    }
    String protocol = filename.substring(0, filename.indexOf(':'));
    byte[] bytes = protocol.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= PROTOCOL_BYTES_MAX
        ? protocol
        : new String(bytes, 0, PROTOCOL_BYTES_MAX, StandardCharsets.UTF_8);
  }

  /**
   * A name as seen from the directory of the file {@code base}: absolute ones as they are, others
   * with everything of {@code base} up to its last slash (or its protocol's colon) in front.
   */
  public static String combine(String base, String filename) {
    if (filename.startsWith("/")) {
      return filename;
    }
    int afterProtocol = hasProtocol(base) ? base.indexOf(':') + 1 : 0;
    int directory = Math.max(afterProtocol, base.lastIndexOf('/') + 1);
    return base.substring(0, directory) + filename;
  }

  /**
   * Takes a prefix like {@code file:} off, if it is there. A rest that would look like a protocol
   * again gets {@code ./} in front: {@code file:x:y} is the file {@code ./x:y}.
   */
  public static String stripPrefix(String filename, String prefix) {
    if (!filename.startsWith(prefix)) {
      return filename;
    }
    String rest = filename.substring(prefix.length());
    return hasProtocol(rest) ? "./" + rest : rest;
  }

  /**
   * The name to open a backing file by: a relative one lies beside the image that refers to it.
   *
   * @param image the image, by the name it was (or will be) opened by
   * @param backing as the image names it, not empty
   * @throws UsageException if the image has no directory
   */
  public static String backing(String image, String backing) throws UsageException {
    if (hasProtocol(backing) || backing.startsWith("/")) {
      return backing;
    }
    if (image.isEmpty() || image.startsWith(JSON)) {
      throw new UsageException("Cannot use relative backing file names for '" + image + "'");
    }
    return combine(image, backing);
  }

  /**
   * If the name is {@code json:{...}}, adds its options to the given ones, which win silently where
   * both have a key.
   *
   * @return the file name that is still to be opened: none after {@code json:}
   * @throws UsageException {@code Could not parse the JSON options: ...}, {@code Invalid JSON
   *     object given}
   */
  public static Optional<String> openJson(Optional<String> filename, Options given)
      throws UsageException {
    if (filename.isEmpty() || !filename.get().startsWith(JSON)) {
      return filename;
    }
    given.join(parseJson(filename.get()));
    return Optional.empty();
  }

  private static Options parseJson(String filename) throws UsageException {
    JsonValue value;
    try {
      value = Json.parse(filename.substring(JSON.length()));
    } catch (UsageException e) {
      throw new UsageException("Could not parse the JSON options: " + e.getMessage());
    }
    if (!(value instanceof JsonObject object)) {
      throw new UsageException("Invalid JSON object given");
    }
    return Options.flatten(object);
  }
}
