package io.faultdisk.block;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.block.options.Options;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The user of an image: the only parent outside the graph, and the door through which tools and
 * servers send requests.
 *
 * <p>It refuses ranges outside the image (EIO) and, with a write-through cache, asks for FUA on
 * every write. Any thread may call; requests block until done. Failures are {@link
 * BlockIoException}.
 */
public final class BlockBackend implements AutoCloseable {
  private final BlockGraph graph;
  private final Child root;
  private final RequestGate gate;
  private final @Nullable BackendObserver observer;
  private volatile boolean writeThrough;

  BlockBackend(BlockGraph graph, Child root, boolean writeThrough) {
    this.graph = graph;
    this.root = root;
    this.gate = new RequestGate(graph.turns());
    this.observer = graph.observer();
    this.writeThrough = writeThrough;
  }

  /** The top node of the image. */
  public Node root() {
    return root.node();
  }

  /** Length in bytes, a multiple of 512. */
  public long length() throws BlockIoException {
    return ask(Node::length);
  }

  /** Reads {@code target.remaining()} bytes. */
  public void read(long offset, ByteBuffer target) throws BlockIoException {
    if (observer != null) {
      observed(
          observer.began(RequestType.READ, offset, target.remaining(), null, RequestFlags.NONE),
          () -> readUnobserved(offset, target));
      return;
    }
    readUnobserved(offset, target);
  }

  private void readUnobserved(long offset, ByteBuffer target) throws BlockIoException {
    gate.enter();
    try {
      Node node = usableRoot();
      check(node, offset, target.remaining());
      node.read(offset, target);
    } finally {
      gate.leave();
    }
  }

  /** Writes {@code source.remaining()} bytes; see {@link RequestFlags}. */
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    int all = withCacheMode(flags);
    if (observer != null) {
      observed(
          observer.began(RequestType.WRITE, offset, source.remaining(), source, all),
          () -> writeUnobserved(offset, source, all));
      return;
    }
    writeUnobserved(offset, source, all);
  }

  private void writeUnobserved(long offset, ByteBuffer source, int flags) throws BlockIoException {
    gate.enter();
    try {
      Node node = usableRoot();
      check(node, offset, source.remaining());
      node.write(offset, source, flags);
    } finally {
      gate.leave();
    }
  }

  /**
   * Makes a range read as zeroes; see {@link RequestFlags}. Whether a node may pass discards on
   * matters only between nodes: who uses an image may always ask for it.
   */
  public void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    int all = withCacheMode(flags);
    Request request = node -> node.writePath().writeZeroes(offset, bytes, all);
    observed(RequestType.WRITE_ZEROES, offset, bytes, all, () -> request(offset, bytes, request));
  }

  /** Writes data that the format is to store compressed; ENOTSUP if it cannot. */
  public void writeCompressed(long offset, ByteBuffer source) throws BlockIoException {
    write(offset, source, RequestFlags.COMPRESSED);
  }

  /** Reads VM state, from a space of its own; ENOTSUP if the format keeps none. */
  public void readVmState(long position, ByteBuffer target) throws BlockIoException {
    run(node -> node.driver().readVmState(position, target));
  }

  /**
   * Stores VM state; ENOTSUP if the format keeps none. With write-through it is flushed: there is
   * no other way to make it durable.
   */
  public void writeVmState(long position, ByteBuffer source) throws BlockIoException {
    run(
        node -> {
          node.driver().writeVmState(position, source);
          if (writeThrough) {
            node.flush();
          }
        });
  }

  /** Says that a range is no longer needed. */
  public void discard(long offset, long bytes) throws BlockIoException {
    observed(
        RequestType.DISCARD,
        offset,
        bytes,
        RequestFlags.NONE,
        () -> request(offset, bytes, node -> node.discard(offset, bytes)));
  }

  /** Makes all completed writes durable. */
  public void flush() throws BlockIoException {
    observed(RequestType.FLUSH, 0, 0, RequestFlags.NONE, () -> run(Node::flush));
  }

  /** Changes the length; the exception's reason says in words why not. */
  public void truncate(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    gate.enter();
    try {
      if (!root.node().usable()) {
        throw new BlockIoException(Errno.ENOMEDIUM, "No medium inserted");
      }
      root.node().truncate(size, exact, preallocation);
    } finally {
      gate.leave();
    }
  }

  /** Whether the image itself holds the range, and for how many bytes that is so. */
  public BlockStatus allocation(long offset, long bytes) throws BlockIoException {
    return ask(node -> node.allocation(offset, bytes));
  }

  /** Zero, data or unallocated, for as many bytes as that is so. */
  public BlockStatus status(long offset, long bytes) throws BlockIoException {
    return ask(node -> node.status(offset, bytes));
  }

  /** Zero, data or unallocated, of this image or of those it is based on. */
  public BlockStatus statusThroughChain(long offset, long bytes) throws BlockIoException {
    return ask(node -> BackingChain.status(node, Optional.empty(), offset, bytes).status());
  }

  /** Which of this image and those it is based on holds the range. */
  public BackingChain.Found allocationThroughChain(long offset, long bytes)
      throws BlockIoException {
    return ask(node -> BackingChain.allocation(node, Optional.empty(), false, offset, bytes));
  }

  /**
   * Takes further permissions, such as {@link Permission#WRITE}, unless they are held already.
   *
   * @throws UsageException if the image is read-only or another user does not share it
   */
  public void requirePermissions(int needed) throws UsageException {
    Permission.Wish wish = root.wish();
    if ((needed & ~wish.taken()) != 0) {
      graph.changeWish(root, new Permission.Wish(wish.taken() | needed, wish.shared()));
    }
  }

  /**
   * Keeps others, in other processes too, from taking permissions such as {@link
   * Permission#RESIZE}.
   *
   * @throws UsageException if somebody holds one of them
   */
  public void withholdPermissions(int kept) throws UsageException {
    Permission.Wish wish = root.wish();
    graph.changeWish(root, new Permission.Wish(wish.taken(), wish.shared() & ~kept));
  }

  /** True if the top node refuses writes. */
  public boolean readOnly() {
    return root().readOnly();
  }

  /** True if each write is made durable before it completes. */
  public boolean writeThrough() {
    return writeThrough;
  }

  /** Switches the cache mode of later writes. */
  public void writeThrough(boolean on) {
    writeThrough = on;
  }

  /**
   * Reopens the image with other flags or options.
   *
   * @param options options to change, flattened; those not named stay as they are
   */
  public void reopen(OpenFlags flags, Options options) throws UsageException {
    Options changes = options.copy();
    changes.putIfAbsent("read-only", new JsonBool(flags.readOnly()));
    if (!options.has("cache.direct") && !options.has("cache.no-flush")) {
      changes.put("cache.direct", new JsonBool(flags.direct()));
      changes.put("cache.no-flush", new JsonBool(flags.noFlush()));
    }
    if (flags.readOnly()) {
      Permission.Wish wish = root.wish();
      int reading = wish.taken() & ~(Permission.WRITE | Permission.WRITE_UNCHANGED);
      graph.changeWish(root, new Permission.Wish(reading, wish.shared()));
    }
    graph.reopen(root.node(), changes);
    writeThrough = flags.writeThrough();
  }

  Child edge() {
    return root;
  }

  /** The nearest rules engine, found by walking down the primary children. */
  public Optional<FaultEngine> engine() {
    Node node = root();
    while (true) {
      Optional<FaultEngine> engine = node.driver().engine();
      Optional<Child> below = node.primaryChild();
      if (engine.isPresent() || below.isEmpty()) {
        return engine;
      }
      node = below.get().node();
    }
  }

  /** The nearest power switch, found in the same way. */
  public Optional<PowerSwitch> power() {
    return root().power();
  }

  /**
   * Waits for the requests in flight, flushes (errors are ignored: there is nobody left to tell)
   * and lets go of the image. Later requests fail with ENOMEDIUM. Idempotent.
   */
  @Override
  public void close() {
    if (gate.close()) {
      graph.release(root);
    }
  }

  RequestGate gate() {
    return gate;
  }

  /** Something that a node is to do. */
  private interface Request {
    void on(Node node) throws BlockIoException;
  }

  /** What a user asks for. */
  private interface Action {
    void run() throws BlockIoException;
  }

  private void observed(RequestType type, long offset, long bytes, int flags, Action action)
      throws BlockIoException {
    if (observer == null) {
      action.run();
    } else {
      observed(observer.began(type, offset, bytes, null, flags), action);
    }
  }

  private static void observed(BackendObserver.Ongoing ongoing, Action action)
      throws BlockIoException {
    try {
      action.run();
    } catch (BlockIoException e) {
      ongoing.ended(e);
      throw e;
    }
    ongoing.ended(null);
  }

  /** Something that a node is to say. */
  private interface Question<T> {
    T of(Node node) throws BlockIoException;
  }

  private void request(long offset, long bytes, Request request) throws BlockIoException {
    run(
        node -> {
          check(node, offset, bytes);
          request.on(node);
        });
  }

  private void run(Request request) throws BlockIoException {
    gate.enter();
    try {
      request.on(usableRoot());
    } finally {
      gate.leave();
    }
  }

  private <T> T ask(Question<T> question) throws BlockIoException {
    gate.enter();
    try {
      return question.of(usableRoot());
    } finally {
      gate.leave();
    }
  }

  private Node usableRoot() throws BlockIoException {
    Node node = root.node();
    if (!node.usable()) {
      throw new BlockIoException(Errno.ENOMEDIUM);
    }
    return node;
  }

  private static void check(Node node, long offset, long bytes) throws BlockIoException {
    if (bytes < 0 || offset < 0) {
      throw new BlockIoException(Errno.EIO);
    }
    long length = node.length();
    if (offset > length || length - offset < bytes) {
      throw new BlockIoException(Errno.EIO);
    }
  }

  private int withCacheMode(int flags) {
    return writeThrough ? flags | RequestFlags.FUA : flags;
  }
}
