package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonNull;
import io.faultdisk.block.options.DriverKind;
import io.faultdisk.block.options.FileNames;
import io.faultdisk.block.options.Options;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Turns a file name and options into nodes, with QEMU's order of steps, defaults and messages.
 *
 * <p>A node is either opened as what it is told to be ({@code driver=}), as a protocol named by the
 * file name, or as the format that the content of its {@code file} looks like. A child inherits
 * cache and read-only settings.
 *
 * <p>Under the graph's lock.
 *
 * <p>Source: the behaviour of QEMU 7.2, block.c.
 */
final class ImageOpener {
  private static final int PROBE_BYTES = 512;

  private final BlockGraph graph;

  ImageOpener(BlockGraph graph) {
    this.graph = graph;
  }

  Node openTop(Optional<String> filename, Options options, OpenFlags flags) throws UsageException {
    Options given = options.copy();
    Optional<String> plainName = FileNames.openJson(filename, given);
    Options explicit = given.copy();
    return open(plainName, given, explicit, flags, false);
  }

  /** The node that a file name stands for by itself; its content is not looked at. */
  Node openProtocol(String filename, OpenFlags flags) throws UsageException {
    Options given = new Options();
    Optional<String> plainName = FileNames.openJson(Optional.of(filename), given);
    return open(plainName, given, given.copy(), flags, true);
  }

  /**
   * The node for a parent's {@code key}: an existing one by name, or one that the options or file
   * name describe.
   */
  Optional<Node> openChild(
      NodeParent parent, Options options, String key, ChildRole role, Optional<String> filename)
      throws UsageException {
    Options given = options.takeChild(key);
    Optional<String> reference = options.take(key);
    if (reference.isPresent()) {
      if (filename.isPresent() || !given.isEmpty()) {
        throw new UsageException(
            "Cannot reference an existing block device with additional options or a new filename");
      }
      String name = reference.get();
      if (!name.isEmpty() && name.equals(parent.nodeName()) && graph.node(name).isEmpty()) {
        throw BackingEdge.cycle(name, name, key);
      }
      return Optional.of(
          graph
              .node(name)
              .orElseThrow(
                  () ->
                      new UsageException(
                          "Cannot find device='" + name + "' nor node-name='" + name + "'")));
    }
    if (filename.isEmpty() && given.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> plainName = FileNames.openJson(filename, given);
    Options explicit = given.copy();
    InheritedOptions.give(role, parent.options(), given);
    OpenFlags flags = InheritedOptions.flags(role, parent.flags());
    return Optional.of(open(plainName, given, explicit, flags, role != ChildRole.BACKING));
  }

  private Node open(
      Optional<String> filename,
      Options given,
      Options explicit,
      OpenFlags flags,
      boolean asProtocol)
      throws UsageException {
    Optional<DriverType> type = Optional.empty();
    boolean protocol = asProtocol;
    Optional<String> driverName = given.string("driver");
    if (driverName.isPresent()) {
      type = Optional.of(knownType(driverName.get()));
      protocol = type.get().opensAsProtocol();
    }
    defaultsFromFlags(given, flags);
    if (protocol) {
      type = Optional.of(nameProtocol(filename, given, type));
    }
    if (!flags.snapshot()) {
      return open(filename, given, explicit, flags, type, protocol);
    }
    TemporaryOverlay overlay = TemporaryOverlay.instead(graph, flags, given);
    OpenFlags below = InheritedOptions.flags(ChildRole.BACKING, flags);
    Node image = open(filename, given, explicit, below, type, protocol);
    try {
      return overlay.over(image);
    } catch (UsageException e) {
      graph.closeNode(image);
      throw e;
    }
  }

  private Node open(
      Optional<String> filename,
      Options given,
      Options explicit,
      OpenFlags flags,
      Optional<DriverType> type,
      boolean protocol)
      throws UsageException {
    Plan plan = plan(given, explicit, flags);
    return protocol
        ? openDriver(type.orElseThrow(), plan, Optional.empty(), given.string("filename"), false)
        : openFormat(type, filename, plan);
  }

  /**
   * How one node is to be opened.
   *
   * @param left options not yet used; drivers take theirs out
   * @param explicit what the user gave
   * @param effective with defaults and inherited ones; stays whole, for the children to inherit
   *     from
   * @param flags what the options do not overrule
   * @param withBacking whether to open the backing file
   */
  private record Plan(
      Options left, Options explicit, Options effective, OpenFlags flags, boolean withBacking) {}

  /** An explicit {@code backing} of nothing means that the image is to be used without one. */
  private Plan plan(Options effective, Options explicit, OpenFlags flags) {
    boolean none = effective.get("backing").equals(Optional.of(new JsonNull()));
    if (effective.string("backing").equals(Optional.of(""))) {
      graph
          .messages()
          .report("warning: Use of \"backing\": \"\" is deprecated; use \"backing\": null instead");
      none = true;
    }
    if (none) {
      effective.remove("backing");
      explicit.remove("backing");
    }
    boolean withBacking = !none && !flags.has(OpenFlags.Mode.NO_BACKING);
    return new Plan(effective.copy(), explicit, effective, flags, withBacking);
  }

  private DriverType knownType(String name) throws UsageException {
    return graph.type(name).orElseThrow(() -> new UsageException("Unknown driver '" + name + "'"));
  }

  /** Settings that the options do not mention come from the flags. */
  private static void defaultsFromFlags(Options given, OpenFlags flags) {
    given.putIfAbsent("cache.direct", onOff(flags.direct()));
    given.putIfAbsent("cache.no-flush", onOff(flags.noFlush()));
    given.putIfAbsent("read-only", onOff(flags.readOnly()));
    given.putIfAbsent("auto-read-only", "off");
  }

  private static String onOff(boolean on) {
    return on ? "on" : "off";
  }

  /** Finds the protocol driver, and turns a file name with a prefix into its options. */
  private DriverType nameProtocol(
      Optional<String> filename, Options given, Optional<DriverType> told) throws UsageException {
    boolean parse = false;
    if (filename.isPresent()) {
      if (given.has("filename")) {
        throw new UsageException("Can't specify 'file' and 'filename' options at the same time");
      }
      given.put("filename", filename.get());
      parse = true;
    }
    DriverType type;
    if (told.isPresent()) {
      type = told.get();
    } else {
      Optional<String> name = given.string("filename");
      if (name.isEmpty()) {
        throw new UsageException("Must specify either driver or file");
      }
      type = protocolOf(name.get(), parse);
      given.put("driver", type.name());
    }
    if (parse) {
      type.parseFilename(given.string("filename").orElse(""), given);
      if (!type.needsFilename()) {
        given.remove("filename");
      }
    }
    return type;
  }

  private DriverType protocolOf(String filename, boolean prefixAllowed) throws UsageException {
    if (prefixAllowed) {
      return graph.protocol(filename);
    }
    Optional<DriverType> device = graph.device(filename);
    return device.isPresent() ? device.get() : knownType("file");
  }

  /**
   * Opens the {@code file} child first, guesses the format if it is not given, then opens the
   * format on it.
   */
  private Node openFormat(Optional<DriverType> told, Optional<String> filename, Plan plan)
      throws UsageException {
    NodeParent self = new NodeParent("", plan.flags, plan.effective, Optional.empty());
    boolean named = plan.left.string("file").isPresent();
    Optional<Node> file = openChild(self, plan.left, "file", ChildRole.IMAGE, filename);
    if (file.isEmpty()) {
      if (told.isEmpty()) {
        throw new UsageException("Must specify either driver or file");
      }
      return openDriver(told.get(), plan, Optional.empty(), Optional.empty(), false);
    }
    Child hold = new Child("", ChildRole.FILTERED, file.get(), "an unnamed block device");
    graph.attach(hold, Permission.Wish.NONE);
    try {
      plan.left.put("file", file.get().name());
      DriverType type = told.isPresent() ? told.get() : guess(file.get());
      plan.left.put("driver", type.name());
      plan.effective.put("driver", type.name());
      Optional<String> below = Optional.of(file.get().filename());
      boolean guessed = told.isEmpty() && !startsEmpty(file.get());
      return openDriver(type, plan, named ? Optional.empty() : file, below, guessed);
    } finally {
      graph.release(hold);
    }
  }

  private static boolean startsEmpty(Node node) {
    Node lowest = node;
    while (lowest.primaryChild().isPresent()) {
      lowest = lowest.primaryChild().get().node();
    }
    return lowest.type().startsEmpty();
  }

  private DriverType guess(Node file) throws UsageException {
    byte[] head;
    try {
      head = new byte[(int) Math.min(PROBE_BYTES, file.length())];
      if (head.length > 0) {
        file.read(0, ByteBuffer.wrap(head));
      }
    } catch (BlockIoException e) {
      throw new UsageException("Could not read image for determining its format: " + e.reason());
    }
    String known = FormatGuess.of(head, graph.types(), file.filename());
    return knownType(known);
  }

  private Node openDriver(
      DriverType type, Plan plan, Optional<Node> file, Optional<String> filename, boolean probed)
      throws UsageException {
    CommonOptions common = CommonOptions.take(plan.left, plan.flags, type, filename);
    String name = graph.nodeName(common.nodeName());
    NodeParent self = new NodeParent(name, common.flags(), plan.effective.copy(), file);
    Opening opening =
        new Opening(graph, name, type, plan.left, common.flags(), filename, probed, self);
    NodeOptions how =
        new NodeOptions(
            common.flags(),
            plan.effective,
            plan.explicit,
            common.detectZeroes(),
            common.forceShare());
    Node node;
    try {
      node = openNode(opening, how);
    } catch (BlockIoException e) {
      abandon(opening);
      throw couldNotOpen(filename, e);
    } catch (UsageException e) {
      abandon(opening);
      throw e;
    }
    graph.add(node);
    try {
      finish(node, self, plan);
      graph.opened(node);
      return node;
    } catch (UsageException e) {
      graph.closeNode(node);
      throw e;
    }
  }

  private void abandon(Opening opening) {
    opening.children().forEach(graph::release);
    graph.freeName(opening.nodeName());
  }

  private Node openNode(Opening opening, NodeOptions how) throws UsageException, BlockIoException {
    BlockDriver driver = opening.type().open(opening);
    try {
      Node node =
          new Node(
              opening.nodeName(), opening.type(), driver, opening.children(), how, graph.turns());
      driver.attached(node);
      return node;
    } catch (BlockIoException e) {
      driver.close();
      throw new UsageException("Could not refresh total sector count: " + e.reason());
    }
  }

  /** What is left to do once the driver is there: the backing file, and options nobody knew. */
  private void finish(Node node, NodeParent self, Plan plan) throws UsageException {
    Optional<BackingReference> stored = node.driver().backingReference();
    node.backingReference(stored);
    if (plan.withBacking) {
      new BackingOpener(graph, this).open(node, self, plan.left);
    }
    for (Child child : node.children()) {
      for (Options options : List.of(plan.explicit, plan.effective)) {
        options.takeChild(child.name());
        options.remove(child.name());
      }
    }
    DriverType type = node.type();
    plan.left.requireEmpty(
        type.name(), type.opensAsProtocol() ? DriverKind.PROTOCOL : DriverKind.FORMAT);
  }

  private static UsageException couldNotOpen(Optional<String> filename, BlockIoException e) {
    String what =
        filename.map(name -> "Could not open '" + name + "'").orElse("Could not open image");
    return new UsageException(what + ": " + e.reason());
  }
}
