package io.faultdisk.block;

import io.faultdisk.base.Deliveries;
import io.faultdisk.base.Identifier;
import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.block.options.FileNames;
import io.faultdisk.block.options.Options;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All nodes that are open, by name, and the way to open more.
 *
 * <p>Any thread. One lock guards the shape of the graph (open, close, permissions, reopen);
 * requests never take it. It is held while a node is being opened or closed, which takes as long as
 * the requests for that take: who lists {@link #nodes} or those that are {@link #kept} does not
 * wait for it.
 */
public final class BlockGraph implements AutoCloseable {
  private final Map<String, DriverType> types = new LinkedHashMap<>();
  private final Map<String, Node> nodes = new HashMap<>();

  /** Names of nodes and of those that are being opened, in the order in which they were given. */
  private final Set<String> names = new LinkedHashSet<>();

  /** Nodes that stay open though they have no user. */
  private final Set<Node> kept = new LinkedHashSet<>();

  /** Nodes that listeners have heard of. */
  private final Set<Node> announced = new HashSet<>();

  /** What {@link #nodes} answers; replaced under the lock, read without it. */
  private volatile List<Node> nodesNow = List.of();

  /** What {@link #kept} answers; replaced under the lock, read without it. */
  private volatile List<Node> keptNow = List.of();

  private final List<NodeListener> listeners = new CopyOnWriteArrayList<>();

  /** What listeners are still to be told. */
  private final Deliveries deliveries = new Deliveries();

  private final List<BlockBackend> backends = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Turns turns;
  private final Messages messages;
  private @Nullable BackendObserver observer;
  private int madeUpNames;

  /**
   * The backing files that images name and that are being opened right now, one below the other.
   */
  private final Set<String> openingBacking = new HashSet<>();

  /**
   * An empty graph.
   *
   * @param types the drivers that can be opened
   * @param turns who decides when a request waits; {@link Turns#free} unless a tool runs requests
   *     one at a time
   * @param messages takes what the user should know
   */
  public BlockGraph(List<DriverType> types, Turns turns, Messages messages) {
    for (DriverType type : types) {
      this.types.put(type.name(), type);
    }
    this.turns = turns;
    this.messages = messages;
  }

  /** The same for a program that does not tell kinds of messages apart. */
  public BlockGraph(List<DriverType> types, Turns turns, Consumer<String> messages) {
    this(types, turns, Messages.to(messages));
  }

  /** Tells an observer what is asked of images that are opened from now on. */
  public void observeBackends(BackendObserver backendObserver) {
    this.observer = backendObserver;
  }

  @Nullable BackendObserver observer() {
    return observer;
  }

  /**
   * Opens an image and everything below it.
   *
   * @param filename a path, {@code PREFIX:...} or {@code json:{...}}; empty if the options say it
   *     all
   * @param options flattened options, such as {@code driver} or {@code file.filename}
   * @throws UsageException with the text for the user; nothing stays open
   */
  public BlockBackend open(Optional<String> filename, Options options, OpenFlags flags)
      throws UsageException {
    lock.lock();
    try {
      Node top = new ImageOpener(this).openTop(filename, options, flags);
      return use(top, rootWish(flags), flags.writeThrough());
    } finally {
      unlock();
    }
  }

  /**
   * One more user of a node that is open already, or that was left without one.
   *
   * @param wish what it takes and shares
   * @param writeThrough whether each of its writes is to be durable when it completes
   * @throws UsageException if the permissions cannot be had; the node then is as it was
   */
  public BlockBackend use(Node node, Permission.Wish wish, boolean writeThrough)
      throws UsageException {
    lock.lock();
    try {
      Child root = new Child("root", ChildRole.FILTERED, node, "an unnamed block device");
      attach(root, wish);
      BlockBackend backend = new BlockBackend(this, root, writeThrough);
      backends.add(backend);
      return backend;
    } finally {
      unlock();
    }
  }

  private static Permission.Wish rootWish(OpenFlags flags) {
    int taken = 0;
    if (!flags.has(OpenFlags.Mode.NO_IO)) {
      taken |= Permission.CONSISTENT_READ | (flags.readOnly() ? 0 : Permission.WRITE);
    }
    if (flags.has(OpenFlags.Mode.RESIZE)) {
      taken |= Permission.RESIZE;
    }
    int shared =
        flags.has(OpenFlags.Mode.NO_SHARE)
            ? Permission.CONSISTENT_READ | Permission.WRITE_UNCHANGED
            : Permission.ALL;
    return new Permission.Wish(taken, shared);
  }

  /**
   * Opens a node that stays open without a user until it is {@linkplain #drop dropped}.
   *
   * @param options flattened options, such as {@code driver} or {@code file.filename}
   * @throws UsageException with the text for the user; nothing stays open
   */
  public Node keep(Options options, OpenFlags flags) throws UsageException {
    lock.lock();
    try {
      Node node = new ImageOpener(this).openTop(Optional.empty(), options, flags);
      kept.add(node);
      keptNow = List.copyOf(kept);
      return node;
    } finally {
      unlock();
    }
  }

  /**
   * Nobody keeps the node any more; it is closed if nothing uses it.
   *
   * @throws IllegalStateException if nobody did
   */
  public void drop(Node node) {
    lock.lock();
    try {
      if (!kept.remove(node)) {
        throw new IllegalStateException("node '" + node.name() + "' is not kept");
      }
      keptNow = List.copyOf(kept);
      if (node.parents().isEmpty()) {
        closeNode(node);
      }
    } finally {
      unlock();
    }
  }

  /**
   * The nodes that stay open without a user, in the order in which they were opened. Waits for no
   * change.
   */
  public List<Node> kept() {
    return keptNow;
  }

  /**
   * All nodes that are open, in the order in which they got their names: a driver that opens its
   * children itself comes before them. Waits for no change: while a node is being opened, those
   * below it that are open already are among them, and go again if it cannot be opened.
   */
  public List<Node> nodes() {
    return nodesNow;
  }

  /** With the lock. */
  private void publishNodes() {
    List<Node> open = new ArrayList<>();
    for (String name : names) {
      Node node = nodes.get(name);
      if (node != null && announced.contains(node)) {
        open.add(node);
      }
    }
    nodesNow = List.copyOf(open);
  }

  /** Whether somebody outside of the graph uses that very node. */
  public boolean isUsed(Node node) {
    lock.lock();
    try {
      return backends.stream().anyMatch(backend -> backend.root() == node);
    } finally {
      unlock();
    }
  }

  /** Who wants to know which nodes there are. */
  public interface NodeListener {
    /**
     * A node is open, though what it is opened for may not be, and may never be. Unlike the others
     * this is told at once and under the lock of the graph: it must not wait for anything, nor
     * change the graph.
     */
    default void appeared(Node node) {}

    /** A node is open. */
    void opened(Node node);

    /** A node has been closed. */
    void closed(Node node);
  }

  /**
   * Tells a listener of every node that comes and goes from now on: in the order in which that
   * happened, one at a time, on the thread that has changed the graph or on another one that is
   * telling listeners just then; without a lock of the graph, so it may call whatever it likes,
   * except in {@link NodeListener#appeared}.
   */
  public void listen(NodeListener listener) {
    listeners.add(listener);
  }

  /** No longer does; a call that has begun may still be on its way. */
  public void forget(NodeListener listener) {
    listeners.remove(listener);
  }

  private void tell(Consumer<NodeListener> news) {
    for (NodeListener listener : listeners) {
      deliveries.add(() -> news.accept(listener));
    }
  }

  /** Lets go of the lock; with the last hold on it, listeners learn what has happened. */
  private void unlock() {
    lock.unlock();
    if (!lock.isHeldByCurrentThread()) {
      deliveries.run();
    }
  }

  /** The node with that name; waits for a change that is under way. */
  public Optional<Node> node(String name) {
    lock.lock();
    try {
      return Optional.ofNullable(nodes.get(name));
    } finally {
      unlock();
    }
  }

  /** Closes all images that are still open, then the nodes that were kept. */
  @Override
  public void close() {
    openBackends().forEach(BlockBackend::close);
    kept().reversed().forEach(this::drop);
  }

  Turns turns() {
    return turns;
  }

  /** Where messages for the user go. */
  public Messages messages() {
    return messages;
  }

  /** The driver of that name. */
  public Optional<DriverType> type(String name) {
    return Optional.ofNullable(types.get(name));
  }

  Iterable<DriverType> types() {
    return types.values();
  }

  /**
   * The driver of the device that has this name, else that of the name's prefix, {@code file}
   * without one.
   *
   * @throws UsageException {@code Unknown protocol 'x'}
   */
  public DriverType protocol(String filename) throws UsageException {
    Optional<DriverType> device = device(filename);
    if (device.isPresent()) {
      return device.get();
    }
    if (!FileNames.hasProtocol(filename)) {
      return type("file").orElseThrow(() -> new UsageException("Unknown driver 'file'"));
    }
    String prefix = FileNames.protocol(filename);
    for (DriverType type : types.values()) {
      if (type.prefixes().contains(prefix)) {
        return type;
      }
    }
    throw new UsageException("Unknown protocol '" + prefix + "'");
  }

  /** The driver of the device that has this file name, if it is one. */
  Optional<DriverType> device(String filename) {
    for (DriverType type : types.values()) {
      if (type.isDevice(filename)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /**
   * Opens what a file name stands for without interpreting its content; the backend has no
   * permissions until it {@linkplain BlockBackend#requirePermissions asks} for some.
   *
   * @throws UsageException with the text for the user; nothing stays open
   */
  public BlockBackend openProtocol(String filename, OpenFlags flags) throws UsageException {
    lock.lock();
    try {
      Node node = new ImageOpener(this).openProtocol(filename, flags);
      return use(node, Permission.Wish.NONE, flags.writeThrough());
    } finally {
      unlock();
    }
  }

  /**
   * Opens a child for a driver that is being opened.
   *
   * @param wish what to take of it until the driver's own node is used
   */
  Optional<Child> openChild(
      NodeParent parent,
      Options options,
      String key,
      ChildRole role,
      Optional<String> filename,
      Permission.Wish wish)
      throws UsageException {
    boolean named = options.string(key).isPresent();
    Optional<Node> node = new ImageOpener(this).openChild(parent, options, key, role, filename);
    if (node.isEmpty()) {
      return Optional.empty();
    }
    boolean inherits = !named || node.equals(parent.file());
    String owner = "node '" + parent.nodeName() + "'";
    Child child = new Child(key, role, node.get(), owner, inherits);
    boolean forceShare = node.get().options().forceShare();
    attach(child, forceShare ? new Permission.Wish(wish.taken(), Permission.ALL) : wish);
    return Optional.of(child);
  }

  /** Registers a node under its name. */
  void add(Node node) {
    nodes.put(node.name(), node);
  }

  /** Nothing can keep it from being open any more. */
  void opened(Node node) {
    announced.add(node);
    publishNodes();
    for (NodeListener listener : listeners) {
      listener.appeared(node);
    }
    tell(listener -> listener.opened(node));
  }

  /**
   * Takes a name for a node: the wanted one if it is free and well-formed, else a made-up one that
   * no user can choose.
   *
   * @throws UsageException if the wanted name cannot be had
   */
  String nodeName(Optional<String> wanted) throws UsageException {
    if (wanted.isEmpty()) {
      madeUpNames++;
      String digits = String.valueOf(madeUpNames);
      String madeUp = "#block" + "0".repeat(Math.max(0, 3 - digits.length())) + digits;
      names.add(madeUp);
      return madeUp;
    }
    String name = wanted.get();
    if (!Identifier.isWellFormed(name)) {
      throw new UsageException("Invalid node-name: '" + name + "'");
    }
    if (names.contains(name)) {
      throw new UsageException("Duplicate nodes with node-name='" + name + "'");
    }
    if (name.length() > 31) {
      throw new UsageException("Node name too long");
    }
    names.add(name);
    return name;
  }

  /** Backing files in the course of being opened, by what tells them apart. */
  Set<String> openingBacking() {
    return openingBacking;
  }

  /** The node of that name has not come to be. */
  void freeName(String name) {
    names.remove(name);
  }

  /**
   * Gives a node another backing file, or none, while it is in use. The image itself is not
   * changed.
   *
   * @throws UsageException if the driver has no backing files, the chain would become a ring, or
   *     the permissions cannot be had; the old one then stays
   */
  public void setBacking(Node node, Optional<Node> next) throws UsageException {
    alone(
        () -> {
          boolean inherits = next.isPresent() && follows(node, next.get());
          new BackingEdge(this, node).set(next, inherits);
        });
  }

  /** Whether {@code below} was opened for {@code node}, or for what was opened for it. */
  private static boolean follows(Node node, Node below) {
    for (Child child : node.children()) {
      if (child.inherits() && (child.node() == below || follows(child.node(), below))) {
        return true;
      }
    }
    return false;
  }

  /** Hangs an edge into the graph; if its permissions cannot be had, the node goes as it came. */
  void attach(Child edge, Permission.Wish wish) throws UsageException {
    edge.node().parents().add(edge);
    try {
      Permissions.change(edge, wish);
    } catch (UsageException e) {
      release(edge);
      throw e;
    }
  }

  void changeWish(Child edge, Permission.Wish wish) throws UsageException {
    lock.lock();
    try {
      Permissions.change(edge, wish);
    } finally {
      unlock();
    }
  }

  /**
   * Changes how a node is open, and with it those that were opened for it.
   *
   * @param changes options to change, flattened; those not named stay as they are
   * @throws UsageException if something cannot be changed so; everything then is as it was
   */
  public void reopen(Node node, Options changes) throws UsageException {
    alone(() -> Reopening.reopen(this, node, changes));
  }

  /**
   * A node that is to be open in another way.
   *
   * @param options all that it is to have; those not named get their defaults
   */
  public record NodeOptionsChange(Node node, Options options) {}

  /**
   * Changes how nodes are open, all of them or none, and with them those that were opened for them.
   * Unlike {@link #reopen(Node, Options)}, options that are not named get their defaults, and
   * {@code file} can name another node.
   *
   * @throws UsageException if something cannot be changed so; everything then is as it was
   */
  public void reopen(List<NodeOptionsChange> changes) throws UsageException {
    alone(() -> Reopening.reset(this, changes));
  }

  /** Makes a node and what was opened for it read-only, or writable. */
  public void reopenReadOnly(Node node, boolean readOnly) throws UsageException {
    Options changes = new Options();
    changes.put("read-only", new JsonBool(readOnly));
    reopen(node, changes);
  }

  /** A change of the graph. */
  private interface Change {
    void make() throws UsageException;
  }

  /** With no request in flight anywhere in the graph: others may use the same nodes. */
  private void alone(Change change) throws UsageException {
    List<BlockBackend> users = openBackends();
    try {
      users.forEach(user -> user.gate().shut());
      lock.lock();
      try {
        change.make();
      } finally {
        unlock();
      }
    } finally {
      users.forEach(user -> user.gate().open());
    }
  }

  private List<BlockBackend> openBackends() {
    lock.lock();
    try {
      return List.copyOf(backends);
    } finally {
      unlock();
    }
  }

  /** Takes an edge out of the graph, and closes the node if that was its last parent. */
  void release(Child edge) {
    lock.lock();
    try {
      Node node = edge.node();
      node.parents().remove(edge);
      backends.removeIf(backend -> backend.edge() == edge);
      Permissions.loosen(node);
      closeIfUnheld(node);
    } finally {
      unlock();
    }
  }

  /** An edge has gone to another node: this one gives back what nobody needs of it any more. */
  void loosen(Node node) {
    Permissions.loosen(node);
    closeIfUnheld(node);
  }

  private void closeIfUnheld(Node node) {
    if (node.parents().isEmpty() && !kept.contains(node)) {
      closeNode(node);
    }
  }

  /**
   * Flushes and closes a node that nobody holds any more, then lets go of its children. A driver
   * that is no longer usable is not asked: it must not touch its image any more.
   */
  void closeNode(Node node) {
    try {
      node.flush();
    } catch (BlockIoException e) {
      // Nobody is left to tell; whoever cares has flushed before closing.
    }
    if (node.driver().usable()) {
      node.driver().close();
    }
    nodes.remove(node.name(), node);
    if (announced.remove(node)) {
      publishNodes();
      tell(listener -> listener.closed(node));
    }
    names.remove(node.name());
    for (Child child : node.children()) {
      release(child);
    }
  }
}
