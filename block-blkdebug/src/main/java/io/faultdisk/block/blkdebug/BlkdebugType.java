package io.faultdisk.block.blkdebug;

import io.faultdisk.base.Clock;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.Child;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Opening;
import io.faultdisk.block.Permission;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import io.faultdisk.block.options.Options;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.Observer;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleFile;
import io.faultdisk.rules.RuleSources;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code blkdebug} driver: {@code blkdebug:RULES:IMAGE}, or {@code driver=blkdebug} with {@code
 * config}, {@code image}, rules, limits and permission lists as options.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/blkdebug.c.
 */
public final class BlkdebugType implements DriverType {
  private static final String PREFIX = "blkdebug:";

  private final Dialect dialect;
  private final Optional<Observer> observer;
  private final List<Rule> ownRules;

  /**
   * The driver for one tool.
   *
   * @param dialect whether rule files are held to QEMU's vocabulary and messages
   * @param observer is told what happens in every engine that is opened
   */
  public BlkdebugType(Dialect dialect, Optional<Observer> observer) {
    this(dialect, observer, List.of());
  }

  /**
   * The same for a program with rules of its own.
   *
   * @param ownRules stand behind those of the user in every engine that is opened
   */
  public BlkdebugType(Dialect dialect, Optional<Observer> observer, List<Rule> ownRules) {
    this.dialect = dialect;
    this.observer = observer;
    this.ownRules = List.copyOf(ownRules);
  }

  @Override
  public String name() {
    return "blkdebug";
  }

  @Override
  public Kind kind() {
    return Kind.FILTER;
  }

  @Override
  public Optional<String> prefix() {
    return Optional.of("blkdebug");
  }

  @Override
  public void parseFilename(String filename, Options options) throws UsageException {
    if (!filename.startsWith(PREFIX)) {
      options.put("x-image", filename);
      return;
    }
    String rest = filename.substring(PREFIX.length());
    int colon = rest.indexOf(':');
    if (colon < 0) {
      throw new UsageException("blkdebug requires both config file and image path");
    }
    if (colon > 0) {
      options.put("config", rest.substring(0, colon));
    }
    options.put("x-image", rest.substring(colon + 1));
  }

  @Override
  public List<String> namingOptions() {
    List<String> names = new ArrayList<>();
    names.add("config");
    RuleSources.sections(dialect).forEach(section -> names.add(section + "."));
    names.addAll(
        List.of(
            "align",
            "max-transfer",
            "opt-write-zero",
            "max-write-zero",
            "opt-discard",
            "max-discard"));
    return names;
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException {
    Options options = opening.options();
    Optional<String> receiptFile = Optional.empty();
    if (dialect == Dialect.FAULTDISK) {
      receiptFile = options.absorb(OptionSpec.string("receipts")).string("receipts");
    }
    OptionValues values =
        options.absorb(
            OptionSpec.string("config"),
            OptionSpec.string("x-image"),
            OptionSpec.size("align"),
            OptionSpec.size("max-transfer"),
            OptionSpec.size("opt-write-zero"),
            OptionSpec.size("max-write-zero"),
            OptionSpec.size("opt-discard"),
            OptionSpec.size("max-discard"));
    Optional<String> config = values.string("config");
    Map<String, String> dotted = new LinkedHashMap<>();
    for (String section : RuleSources.sections(dialect)) {
      dotted.putAll(options.takePrefixed(section + "."));
    }
    List<Rule> rules = readRules(config, dotted);
    int taken = permissions(options, "take-child-perms");
    int unshared = permissions(options, "unshare-child-perms");
    Permission.Wish wish = new Permission.Wish(taken, Permission.ALL & ~unshared);
    boolean plain =
        dotted.isEmpty()
            && receiptFile.isEmpty()
            && onlyNaming(options)
            && rulesComeFromFile(values);
    Child image = opening.openChild("image", ChildRole.FILTERED, values.string("x-image"), wish);
    LimitOverrides limits =
        LimitOverrides.checked(values, image.node().limits().requestAlignment());
    ReceiptBook receipts = ReceiptBook.open(receiptFile, Clock.system(), opening.messages());
    FaultEngine engine = new FaultEngine(rules, opening.turns(), Clock.system());
    engine.add(ownRules);
    observer.ifPresent(engine::observe);
    engine.announce(QemuEvents.NONE);
    return new BlkdebugDriver(
        image.node(),
        engine,
        limits,
        wish,
        opening.turns(),
        plain ? Optional.of(config.orElse("")) : Optional.empty(),
        receipts,
        opening.messages());
  }

  private List<Rule> readRules(Optional<String> config, Map<String, String> dotted)
      throws UsageException {
    Optional<RuleFile> file = Optional.empty();
    if (config.isPresent()) {
      file = Optional.of(ConfigFile.read(config.get()));
    }
    return RuleSources.read(file, dotted, dialect);
  }

  private static int permissions(Options options, String key) throws UsageException {
    int permissions = 0;
    for (String name : options.takeStrings(key)) {
      permissions |=
          Permission.named(name)
              .orElseThrow(
                  () ->
                      new UsageException("Parameter 'null' does not accept value '" + name + "'"));
    }
    return permissions;
  }

  private static boolean onlyNaming(Options left) {
    for (String key : left.keys()) {
      if (!key.equals("image") && !key.startsWith("image.") && !key.equals("driver")) {
        return false;
      }
    }
    return true;
  }

  private static boolean rulesComeFromFile(OptionValues values) {
    return !values.has("align")
        && !values.has("max-transfer")
        && !values.has("opt-write-zero")
        && !values.has("max-write-zero")
        && !values.has("opt-discard")
        && !values.has("max-discard");
  }
}
