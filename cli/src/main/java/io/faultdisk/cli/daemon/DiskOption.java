package io.faultdisk.cli.daemon;

import io.faultdisk.base.UsageException;
import io.faultdisk.daemon.DiskRequest;
import io.faultdisk.daemon.disk.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The argument of {@code --disk}: {@code [NAME=]IMAGE[,format=FORMAT][,rules=FILE][,read-only=on]}.
 */
final class DiskOption {
  private static final String NAME = "[A-Za-z][A-Za-z0-9._-]*";
  private static final String USUAL_NAME = "disk";

  private DiskOption() {}

  /**
   * Reads the argument, and the file of rules that it names.
   *
   * @throws UsageException if it makes no sense, or the file cannot be read
   */
  static DiskRequest parse(String text) throws UsageException {
    String rest = text;
    String name = "";
    int equals = rest.indexOf('=');
    if (equals > 0 && rest.substring(0, equals).matches(NAME)) {
      name = rest.substring(0, equals);
      rest = rest.substring(equals + 1);
    }
    // What is json has commas of its own.
    int end = rest.startsWith("json:") ? rest.lastIndexOf('}') + 1 : rest.indexOf(',');
    String image = end <= 0 ? rest : rest.substring(0, end);
    String keys = end <= 0 ? "" : rest.substring(end);
    if (image.isEmpty()) {
      throw new UsageException("'" + text + "' names no image");
    }
    Optional<String> format = Optional.empty();
    Optional<String> rules = Optional.empty();
    boolean readOnly = false;
    for (String part : keys.isEmpty() ? new String[0] : keys.substring(1).split(",", -1)) {
      String value = part.substring(part.indexOf('=') + 1);
      switch (part.substring(0, Math.max(0, part.indexOf('=')))) {
        case "format" -> format = Optional.of(value);
        case "rules" -> rules = Optional.of(read(value));
        case "read-only" -> readOnly = onOrOff(value);
        default ->
            throw new UsageException(
                "'" + part + "' is not known",
                "Write [NAME=]IMAGE[,format=FORMAT][,rules=FILE][,read-only=on].");
      }
    }
    return new DiskRequest(
        name.isEmpty() ? USUAL_NAME : name, image, format, rules, readOnly, true);
  }

  private static boolean onOrOff(String value) throws UsageException {
    return switch (value) {
      case "on" -> true;
      case "off" -> false;
      default -> throw new UsageException("read-only is on or off, not '" + value + "'");
    };
  }

  private static String read(String file) throws UsageException {
    String text;
    try {
      text = Files.readString(Path.of(file), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new UsageException("cannot read the rules in '" + file + "': there is no such file");
    } catch (IOException | InvalidPathException e) {
      throw new UsageException("cannot read the rules in '" + file + "'");
    }
    // Whoever takes them later does not know the file's name.
    var unused = Disk.parse(file, text);
    return text;
  }
}
