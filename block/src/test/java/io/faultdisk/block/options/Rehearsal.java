package io.faultdisk.block.options;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonBool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Opens a raw image as far as options are concerned: absorbs, hands down and complains as QEMU's
 * raw and file drivers do, but opens nothing. What qemu-io says about options is thereby known
 * without the block layer.
 */
final class Rehearsal {
  /** What a run comes to when the options are no mistake. */
  static final String ACCEPTED = "(accepted)";

  private static final Set<String> OTHER_DRIVERS =
      Set.of("null-co", "null-aio", "blkdebug", "qcow2", "qcow", "vdi", "vmdk", "nbd", "parallels");

  private final List<String> printed = new ArrayList<>();
  private final Consumer<Warning> warnings =
      warning -> {
        printed.add("qemu-io: warning: " + warning.message());
        printed.addAll(warning.hints());
      };

  /** Thrown where the outcome depends on more than options. */
  static final class Unpredictable extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private Rehearsal() {}

  /**
   * What {@code qemu-io -c quit ARG} prints about options, or {@link #ACCEPTED}. The argument is
   * printed as {@code ARG}: it may contain line breaks.
   */
  static String open(String filename) throws Unpredictable {
    return new Rehearsal().run("can't open device ARG", Options::new, Optional.of(filename));
  }

  /** The same for {@code qemu-io -c quit --image-opts ARG}. */
  static String imageOpts(String text) throws Unpredictable {
    Rehearsal rehearsal = new Rehearsal();
    Options given;
    try {
      given = Options.parse(text, rehearsal.warnings);
    } catch (UsageException e) {
      return rehearsal.complain("qemu-io", e);
    }
    return rehearsal.run("can't open", warnings -> given, Optional.empty());
  }

  private interface Start {
    Options with(Consumer<Warning> warnings);
  }

  private String run(String what, Start start, Optional<String> filename) throws Unpredictable {
    try {
      openTop(start.with(warnings), filename);
    } catch (UsageException e) {
      return complain("qemu-io: " + what, e);
    }
    printed.add(ACCEPTED);
    return String.join("\n", printed);
  }

  private String complain(String what, UsageException e) {
    printed.add(what + ": " + e.getMessage());
    printed.addAll(e.hints());
    return String.join("\n", printed);
  }

  private void openTop(Options given, Optional<String> filename)
      throws UsageException, Unpredictable {
    Optional<String> plain = FileNames.openJson(filename, given);
    Optional<String> driver = given.string("driver");
    if (driver.isPresent() && OTHER_DRIVERS.contains(driver.get())) {
      throw new Unpredictable();
    }
    if (driver.isPresent() && !Set.of("raw", "file").contains(driver.get())) {
      throw new UsageException("Unknown driver '" + driver.get() + "'");
    }
    given.putIfAbsent("cache.direct", new JsonBool(false));
    given.putIfAbsent("cache.no-flush", new JsonBool(false));
    given.putIfAbsent("read-only", new JsonBool(false));
    given.putIfAbsent("auto-read-only", new JsonBool(false));
    if (driver.equals(Optional.of("file"))) {
      if (plain.isPresent() && given.has("filename")) {
        throw new UsageException("Can't specify 'file' and 'filename' options at the same time");
      }
      openFile(given.copy());
      return;
    }
    finishRaw(given, given.copy(), driver, plain);
  }

  /**
   * @param all what children inherit from
   * @param given a copy to take from: copying turns around the order of keys with the same hash
   */
  private static void finishRaw(
      Options all, Options given, Optional<String> driver, Optional<String> plain)
      throws UsageException, Unpredictable {
    Options child = given.takeChild("file");
    Optional<String> reference = given.take("file");
    boolean hasFile = openChild(all, child, reference, plain);
    if (!hasFile && driver.isEmpty()) {
      throw new UsageException("Must specify either driver or file");
    }
    given.put("driver", "raw");
    absorbCommon(given, false);
    OptionValues values = given.absorb(OptionSpec.size("offset"), OptionSpec.size("size"));
    if (!hasFile) {
      throw new UsageException("A block device must be specified for \"file\"");
    }
    try {
      given.requireEmpty("raw", DriverKind.FORMAT);
    } catch (UsageException e) {
      // A size the image is too small for would be found before.
      if (values.has("offset") || values.has("size")) {
        throw new Unpredictable();
      }
      throw e;
    }
  }

  private static boolean openChild(
      Options parent, Options child, Optional<String> reference, Optional<String> plain)
      throws UsageException, Unpredictable {
    if (reference.isPresent()) {
      if (plain.isPresent() || !child.isEmpty()) {
        throw new UsageException(
            "Cannot reference an existing block device with additional options or a new filename");
      }
      throw new UsageException(
          "Cannot find device='" + reference.get() + "' nor node-name='" + reference.get() + "'");
    }
    if (plain.isEmpty() && child.isEmpty()) {
      return false;
    }
    for (String key :
        List.of("cache.direct", "cache.no-flush", "force-share", "read-only", "auto-read-only")) {
      parent.get(key).ifPresent(value -> child.putIfAbsent(key, value));
    }
    child.putIfAbsent("discard", "unmap");
    Optional<String> driver = child.string("driver");
    if (driver.isPresent() && !driver.get().equals("file")) {
      if (driver.get().equals("raw") || OTHER_DRIVERS.contains(driver.get())) {
        throw new Unpredictable();
      }
      throw new UsageException("Unknown driver '" + driver.get() + "'");
    }
    if (plain.isPresent()) {
      child.put("filename", FileNames.stripPrefix(plain.get(), "file:"));
    }
    if (driver.isEmpty() && child.string("filename").isEmpty()) {
      throw new UsageException("Must specify either driver or file");
    }
    child.put("driver", "file");
    openFile(child.copy());
    return true;
  }

  private static void openFile(Options given) throws UsageException, Unpredictable {
    String filename = given.string("filename").orElse("");
    absorbCommon(given, filename.isEmpty());
    OptionValues values =
        given.absorb(
            OptionSpec.string("filename"),
            OptionSpec.string("aio"),
            OptionSpec.number("aio-max-batch"),
            OptionSpec.string("locking"),
            OptionSpec.string("pr-manager"),
            OptionSpec.bool("drop-cache"),
            OptionSpec.bool("x-check-cache-dropped"));
    Enums.parse(
        values.string("aio").orElse("threads"), Map.of("threads", 1, "native", 2, "io_uring", 3));
    Enums.parse(values.string("locking").orElse("auto"), Map.of("auto", 1, "on", 2, "off", 3));
    if (!filename.equals("t.raw")
        || values.has("pr-manager")
        || !values.string("aio").orElse("threads").equals("threads")) {
      throw new Unpredictable();
    }
    given.requireEmpty("file", DriverKind.PROTOCOL);
  }

  private static void absorbCommon(Options given, boolean lacksFilename)
      throws UsageException, Unpredictable {
    OptionValues common =
        given.absorb(
            OptionSpec.string("node-name"),
            OptionSpec.string("driver"),
            OptionSpec.bool("cache.direct"),
            OptionSpec.bool("cache.no-flush"),
            OptionSpec.bool("read-only"),
            OptionSpec.bool("auto-read-only"),
            OptionSpec.string("detect-zeroes"),
            OptionSpec.string("discard"),
            OptionSpec.bool("force-share"));
    if (common.bool("force-share", false)) {
      if (!common.bool("read-only", false)) {
        throw new UsageException("force-share=on can only be used with read-only images");
      }
    }
    if (lacksFilename) {
      throw new UsageException("The 'file' block driver requires a file name");
    }
    if (common.bool("cache.direct", false) || common.has("node-name")) {
      throw new Unpredictable();
    }
    if (!Set.of("ignore", "off", "unmap", "on").contains(common.string("discard").orElse("off"))) {
      throw new UsageException("Invalid discard option");
    }
    Enums.parse(
        common.string("detect-zeroes").orElse("off"), Map.of("off", 0, "on", 1, "unmap", 2));
    if (common.string("detect-zeroes").equals(Optional.of("unmap"))) {
      throw new Unpredictable();
    }
  }
}
