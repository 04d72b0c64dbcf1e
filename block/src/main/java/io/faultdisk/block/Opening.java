package io.faultdisk.block;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a driver sees while it opens: its options, the flags, and a way to open its children.
 *
 * <p>A driver takes the options that it knows; what is left over afterwards is refused by name.
 * Children that were opened are released again if the driver then refuses to open. For the opening
 * thread only.
 */
public final class Opening {
  private final BlockGraph graph;
  private final String nodeName;
  private final DriverType type;
  private final Options options;
  private final OpenFlags flags;
  private final Optional<String> filename;
  private final boolean probed;
  private final NodeParent parent;
  private final List<Child> children = new ArrayList<>();

  Opening(
      BlockGraph graph,
      String nodeName,
      DriverType type,
      Options options,
      OpenFlags flags,
      Optional<String> filename,
      boolean probed,
      NodeParent parent) {
    this.graph = graph;
    this.nodeName = nodeName;
    this.type = type;
    this.options = options;
    this.flags = flags;
    this.filename = filename;
    this.probed = probed;
    this.parent = parent;
  }

  /** The options not yet taken. */
  public Options options() {
    return options;
  }

  /** The name of the node that is being opened, for messages. */
  public String nodeName() {
    return nodeName;
  }

  /** The flags in force for this node. */
  public OpenFlags flags() {
    return flags;
  }

  /** The name of the file below, as messages spell it. */
  public Optional<String> filename() {
    return filename;
  }

  /** True if the format was guessed from the content. */
  public boolean probed() {
    return probed;
  }

  /** Who decides when a request waits. */
  public Turns turns() {
    return graph.turns();
  }

  /**
   * Says something to the user that is not an error; goes to the tool's standard error as it is.
   */
  public void warn(String text) {
    graph.messages().lines(text);
  }

  /** Says something to the user that the tool's name goes before. */
  public void report(String text) {
    graph.messages().report(text);
  }

  /** Where drivers send what they have to say later on. */
  public Messages messages() {
    return graph.messages();
  }

  /**
   * Opens the child that the option {@code key} (a node name) or the options {@code key.*}
   * describe, or that a file name does.
   *
   * @throws UsageException if there is none, or it cannot be opened
   */
  public Child openChild(String key, ChildRole role, Optional<String> childFilename)
      throws UsageException {
    Permission.Wish wish = role.childWish(Permission.Wish.NONE, !flags.readOnly());
    return openChild(key, role, childFilename, wish);
  }

  /**
   * The same for a driver that wants something special of its child even while nobody uses the
   * driver's own node.
   */
  public Child openChild(
      String key, ChildRole role, Optional<String> childFilename, Permission.Wish wish)
      throws UsageException {
    Optional<Child> child = graph.openChild(parent, options, key, role, childFilename, wish);
    child.ifPresent(children::add);
    return child.orElseThrow(
        () -> new UsageException("A block device must be specified for \"" + key + "\""));
  }

  /**
   * The same for a child that need not be there: empty if neither an option nor a file name says
   * anything about it.
   */
  public Optional<Child> openChildIfAny(String key, ChildRole role, Optional<String> childFilename)
      throws UsageException {
    Permission.Wish wish = role.childWish(Permission.Wish.NONE, !flags.readOnly());
    Optional<Child> child = graph.openChild(parent, options, key, role, childFilename, wish);
    child.ifPresent(children::add);
    return child;
  }

  /**
   * Says that a child of role {@link ChildRole#IMAGE} holds metadata only, since guest data has
   * another place.
   */
  public void holdsMetadataOnly(Child child) throws UsageException {
    child.role(ChildRole.METADATA);
    graph.changeWish(child, ChildRole.METADATA.childWish(Permission.Wish.NONE, !flags.readOnly()));
  }

  List<Child> children() {
    return children;
  }

  DriverType type() {
    return type;
  }
}
