package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.DriverKind;
import io.faultdisk.block.options.FileNames;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import io.faultdisk.block.options.Options;
import java.nio.ByteBuffer;
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
      NodeParent parent, Options options, String key, Optional<String> filename)
      throws UsageException {
    Options given = options.takeChild(key);
    Optional<String> reference = options.take(key);
    if (reference.isPresent()) {
      if (filename.isPresent() || !given.isEmpty()) {
        throw new UsageException(
            "Cannot reference an existing block device with additional options or a new filename");
      }
      String name = reference.get();
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
    inherit(parent, given);
    OpenFlags flags = parent.flags().withCopyOnRead(false).withSnapshot(false);
    return Optional.of(open(plainName, given, explicit, flags, true));
  }

  private static void inherit(NodeParent parent, Options given) {
    for (String key :
        new String[] {
          "cache.direct", "cache.no-flush", "force-share", "read-only", "auto-read-only"
        }) {
      parent.options().get(key).ifPresent(value -> given.putIfAbsent(key, value));
    }
    given.putIfAbsent("discard", "unmap");
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
      protocol = type.get().kind().opensAsProtocol();
    }
    defaultsFromFlags(given, flags);
    if (protocol) {
      type = Optional.of(nameProtocol(filename, given, type));
    }
    // This bag stays whole, for the children to inherit from; a copy of it is used up.
    Options left = given.copy();
    if (protocol) {
      DriverType chosen = type.orElseThrow();
      return openDriver(chosen, left, explicit, given, flags, left.string("filename"), false);
    }
    return openFormat(type, filename, left, explicit, given, flags);
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
    return prefixAllowed ? graph.protocol(filename) : knownType("file");
  }

  /**
   * Opens the {@code file} child first, guesses the format if it is not given, then opens the
   * format on it.
   */
  private Node openFormat(
      Optional<DriverType> told,
      Optional<String> filename,
      Options given,
      Options explicit,
      Options effective,
      OpenFlags flags)
      throws UsageException {
    NodeParent self = new NodeParent("", flags, effective);
    Optional<Node> file = openChild(self, given, "file", filename);
    if (file.isEmpty()) {
      if (told.isEmpty()) {
        throw new UsageException("Must specify either driver or file");
      }
      return openDriver(told.get(), given, explicit, effective, flags, Optional.empty(), false);
    }
    Child hold = new Child("", ChildRole.FILTERED, file.get(), "an unnamed block device");
    graph.attach(hold, Permission.Wish.NONE);
    try {
      given.put("file", file.get().name());
      DriverType type = told.isPresent() ? told.get() : guess(file.get());
      given.put("driver", type.name());
      effective.put("driver", type.name());
      Optional<String> below = Optional.of(file.get().filename());
      boolean guessed = told.isEmpty() && !startsEmpty(file.get());
      return openDriver(type, given, explicit, effective, flags, below, guessed);
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
      DriverType type,
      Options given,
      Options explicit,
      Options effective,
      OpenFlags inherited,
      Optional<String> filename,
      boolean probed)
      throws UsageException {
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
    OpenFlags flags =
        inherited
            .withCache(
                common.bool("cache.direct", false),
                common.bool("cache.no-flush", false),
                inherited.writeThrough())
            .withReadOnly(common.bool("read-only", false));
    boolean forceShare = common.bool("force-share", false);
    if (forceShare && !flags.readOnly()) {
      throw new UsageException("force-share=on can only be used with read-only images");
    }
    if (type.needsFilename() && filename.orElse("").isEmpty()) {
      throw new UsageException("The '" + type.name() + "' block driver requires a file name");
    }
    if (flags.copyOnRead() && flags.readOnly()) {
      throw new UsageException("Can't use copy-on-read on read-only device");
    }
    Optional<String> discard = common.string("discard");
    if (discard.isPresent()) {
      flags =
          flags
              .withDiscardMode(discard.get())
              .orElseThrow(() -> new UsageException("Invalid discard option"));
    }
    NodeOptions.DetectZeroes detectZeroes =
        NodeOptions.DetectZeroes.parse(common.string("detect-zeroes").orElse("off"), flags.unmap());
    String name = graph.nodeName(common.string("node-name"));
    NodeParent self = new NodeParent(name, flags, effective.copy());
    Opening opening = new Opening(graph, name, type, given, flags, filename, probed, self);
    try {
      Node node = openWith(opening, explicit, effective, detectZeroes, forceShare);
      graph.add(node);
      return node;
    } catch (BlockIoException e) {
      opening.children().forEach(graph::release);
      throw couldNotOpen(filename, e);
    } catch (UsageException e) {
      opening.children().forEach(graph::release);
      throw e;
    }
  }

  private Node openWith(
      Opening opening,
      Options explicit,
      Options effective,
      NodeOptions.DetectZeroes detectZeroes,
      boolean forceShare)
      throws UsageException, BlockIoException {
    DriverType type = opening.type();
    BlockDriver driver = type.open(opening);
    boolean done = false;
    try {
      for (Child child : opening.children()) {
        for (Options options : new Options[] {explicit, effective}) {
          options.takeChild(child.name());
          options.remove(child.name());
        }
      }
      NodeOptions how =
          new NodeOptions(opening.flags(), effective, explicit, detectZeroes, forceShare);
      Node node = newNode(opening, driver, how);
      opening
          .options()
          .requireEmpty(
              type.name(), type.kind().opensAsProtocol() ? DriverKind.PROTOCOL : DriverKind.FORMAT);
      done = true;
      return node;
    } finally {
      if (!done) {
        driver.close();
      }
    }
  }

  private Node newNode(Opening opening, BlockDriver driver, NodeOptions how) throws UsageException {
    try {
      return new Node(
          opening.nodeName(), opening.type(), driver, opening.children(), how, graph.turns());
    } catch (BlockIoException e) {
      throw new UsageException("Could not refresh total sector count: " + e.reason());
    }
  }

  private static UsageException couldNotOpen(Optional<String> filename, BlockIoException e) {
    String what =
        filename.map(name -> "Could not open '" + name + "'").orElse("Could not open image");
    return new UsageException(what + ": " + e.reason());
  }
}
