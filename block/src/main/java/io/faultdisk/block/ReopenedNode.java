package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.block.options.OptionValues;
import io.faultdisk.block.options.Options;
import java.util.Optional;
import java.util.Set;

/**
 * One node of a reopen: the options that it is to have afterwards.
 *
 * <p>What is named wins over what was once given explicitly, that over what the parent passes on,
 * and that over what was in force.
 */
final class ReopenedNode {
  /** Options of every node that can be changed. */
  private static final Set<String> COMMON =
      Set.of(
          "node-name",
          "discard",
          "cache.direct",
          "cache.no-flush",
          "read-only",
          "auto-read-only",
          "detect-zeroes");

  private final Node node;
  private final OpenFlags base;
  private final Options explicit;
  private final Options effective;

  /** Whether a command names all options of nodes. */
  private final boolean byCommand;

  /** Whether options that are not named stay as they are, rather than get their defaults. */
  private final boolean keepsOld;

  /** Whether the options say what the backing file is to be. */
  private final boolean namesBacking;

  private ReopenedNode(
      Node node,
      OpenFlags base,
      Options explicit,
      Options effective,
      boolean byCommand,
      boolean keepsOld) {
    this.byCommand = byCommand;
    this.keepsOld = keepsOld;
    this.namesBacking = explicit.has("backing") || explicit.has("backing.driver");
    this.node = node;
    this.base = base;
    this.explicit = explicit;
    this.effective = effective;
  }

  /** The node that is asked for. */
  static ReopenedNode top(Node node, Options changes) {
    node.type().joinOptions(changes, node.options().explicit().copy());
    Options effective = changes.copy();
    node.type().joinOptions(effective, node.options().effective().copy());
    return new ReopenedNode(node, node.flags(), changes, effective, false, true);
  }

  /** The node that is asked for, with these options and no others. */
  static ReopenedNode reset(Node node, Options all) {
    return new ReopenedNode(node, node.flags(), all, all.copy(), true, false);
  }

  /**
   * A child that follows this node; empty if the options put another node in its place. Takes the
   * child's options out of this node's.
   */
  Optional<ReopenedNode> forChild(Child child) {
    Options changes = new Options();
    boolean childKeepsOld = true;
    Optional<JsonValue> reference = effective.get(child.name());
    if (reference.isPresent()) {
      if (!reference.get().equals(new JsonString(child.node().name()))) {
        return Optional.empty();
      }
    } else {
      explicit.takeChild(child.name());
      changes = effective.takeChild(child.name());
      childKeepsOld = keepsOld;
    }
    Node below = child.node();
    if (childKeepsOld) {
      below.type().joinOptions(changes, below.options().explicit().copy());
    }
    Options next = changes.copy();
    InheritedOptions.give(child.role(), effective, next);
    if (childKeepsOld) {
      below.type().joinOptions(next, below.options().effective().copy());
    }
    OpenFlags flags = InheritedOptions.flags(child.role(), flagsAsFarAsKnown());
    return Optional.of(new ReopenedNode(below, flags, changes, next, byCommand, childKeepsOld));
  }

  Node node() {
    return node;
  }

  /**
   * How the node will be open.
   *
   * @throws UsageException if the options that every node has are wrong, or it cannot become
   *     read-only
   */
  NodeOptions check() throws UsageException {
    OptionValues common = CommonOptions.absorb(effective.copy());
    OpenFlags flags = flags(common);
    Optional<String> discard = common.string("discard");
    if (discard.isPresent()) {
      flags =
          flags
              .withDiscardMode(discard.get())
              .orElseThrow(() -> new UsageException("Invalid discard option"));
    }
    var detectZeroes =
        NodeOptions.DetectZeroes.parse(common.string("detect-zeroes").orElse("off"), flags.unmap());
    if (flags.readOnly() && node.flags().copyOnRead()) {
      throw new UsageException(
          "Can't set node '" + node.name() + "' to r/o with copy-on-read enabled");
    }
    NodeOptions old = node.options();
    return new NodeOptions(
        flags,
        withoutChildren(effective),
        withoutChildren(explicit),
        detectZeroes,
        old.forceShare());
  }

  /** What is left for the driver: everything but what {@link #check} has dealt with. */
  Options driverOptions() throws UsageException {
    Options left = effective.copy();
    OptionValues common = CommonOptions.absorb(left);
    putBack(left, common, "node-name");
    putBack(left, common, "driver");
    if (common.has("force-share")) {
      left.put("force-share", common.bool("force-share", false) ? "on" : "off");
    }
    return left;
  }

  private static void putBack(Options left, OptionValues common, String key) {
    common.string(key).ifPresent(value -> left.put(key, value));
  }

  /**
   * Refuses what the driver has not taken unless it is what it was.
   *
   * @throws UsageException {@code Cannot change the option 'x'}
   */
  void refuseChanges(Options left) throws UsageException {
    for (String key : left.keys()) {
      Optional<JsonValue> value = left.get(key);
      if (!namesChild(key, value) && !value.equals(node.options().effective().get(key))) {
        throw new UsageException("Cannot change the option '" + key + "'");
      }
    }
  }

  /**
   * Refuses what a command cannot do: reopen some drivers at all, or take options back to their
   * defaults that cannot be changed.
   *
   * @param left what is left for the driver
   */
  void refuseResets(Options left) throws UsageException {
    if (!byCommand) {
      return;
    }
    if (!node.type().reopens()) {
      throw new UsageException(
          "Block format '%s' used by node '%s' does not support reopening files"
              .formatted(node.type().name(), node.name()));
    }
    if (keepsOld) {
      return;
    }
    for (String key : node.options().effective().keys()) {
      if (!left.has(key) && !effective.has(key) && !isMutable(key)) {
        throw new UsageException("Option '" + key + "' cannot be reset to its default value");
      }
    }
  }

  private boolean isMutable(String key) {
    if (COMMON.contains(key)) {
      return true;
    }
    for (String name : node.type().mutableOptions()) {
      if (name.endsWith(".") ? key.startsWith(name) : key.equals(name)) {
        return true;
      }
    }
    return false;
  }

  /** An image with a backing file, or that names one, has to be told which one to use. */
  void requireBacking() throws UsageException {
    if (!keepsOld
        && node.type().supportsBacking()
        && (node.backing().isPresent() || node.backingReference().isPresent())
        && !namesBacking) {
      throw new UsageException("backing is missing for '" + node.name() + "'");
    }
  }

  private boolean namesChild(String key, Optional<JsonValue> value) {
    for (Child child : node.children()) {
      if (child.name().equals(key)) {
        return value.equals(Optional.of(new JsonString(child.node().name())));
      }
    }
    return false;
  }

  private OpenFlags flagsAsFarAsKnown() {
    try {
      return flags(CommonOptions.absorb(effective.copy()));
    } catch (UsageException e) {
      return base; // said when it is this node's turn
    }
  }

  private OpenFlags flags(OptionValues common) {
    return base.withCache(
            common.bool("cache.direct", false),
            common.bool("cache.no-flush", false),
            base.writeThrough())
        .withReadOnly(common.bool("read-only", false));
  }

  private Options withoutChildren(Options options) {
    Options own = options.copy();
    for (Child child : node.children()) {
      own.remove(child.name());
    }
    own.remove("backing");
    return own;
  }
}
