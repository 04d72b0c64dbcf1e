package io.faultdisk.daemon;

import io.faultdisk.base.Identifier;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.Permission;
import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.daemon.ExportRequest.BitmapChoice;
import io.faultdisk.daemon.objects.UserObjects;
import io.faultdisk.nbd.NbdLimits;
import io.faultdisk.nbd.NbdUri;
import io.faultdisk.nbd.server.Encryption;
import io.faultdisk.nbd.server.Export;
import io.faultdisk.nbd.server.ExportBitmaps;
import io.faultdisk.nbd.server.Listening;
import io.faultdisk.nbd.server.NbdServer;
import io.faultdisk.nbd.server.ServerLimits;
import io.faultdisk.rules.Dialect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The NBD server of the daemon, and what it serves.
 *
 * <p>An export that is removed while requests of its clients are in flight lives on, shutting down,
 * until the last of them has ended: somebody may have stopped one at a breakpoint.
 *
 * <p>Any thread. The lock is not held while a client, a request or a listener is waited for.
 *
 * <p>Source: order of checks and texts as in QEMU 7.2.
 */
final class Exports {
  /** How long a removal waits for clients that it has cut off; those with requests take longer. */
  private static final long CUT_OFF_MILLIS = 1000;

  private final BlockGraph graph;
  private final UserObjects objects;
  private final Dialect dialect;
  private final News news;

  private final ReentrantLock lock;
  private final Condition changed;

  /** Oldest first; changed under the lock, read without it. */
  private final List<Served> exports = new CopyOnWriteArrayList<>();

  private volatile @Nullable Running running;

  /** A server that takes clients. */
  private record Running(NbdServer server, Listening sockets, boolean encrypted) {}

  private static final class Served {
    private final ExportRequest request;
    private final NbdServer server;
    private final Export export;
    private final List<DirtyBitmap> bitmaps;
    private volatile boolean shuttingDown;
    private boolean closing;

    private Served(
        ExportRequest request, NbdServer server, Export export, List<DirtyBitmap> bitmaps) {
      this.request = request;
      this.server = server;
      this.export = export;
      this.bitmaps = bitmaps;
    }

    private ExportInfo info() {
      return new ExportInfo(
          request.id(),
          "nbd",
          request.nodeName(),
          shuttingDown,
          export.name(),
          export.description(),
          !export.readOnly(),
          server.clients(export));
    }
  }

  /**
   * None, and no server.
   *
   * @param lock serializes changes, also those of nodes
   */
  Exports(BlockGraph graph, UserObjects objects, Dialect dialect, News news, ReentrantLock lock) {
    this.lock = lock;
    this.changed = lock.newCondition();
    this.graph = graph;
    this.objects = objects;
    this.dialect = dialect;
    this.news = news;
  }

  // ---- the server

  void start(NbdServerRequest request) throws UsageException {
    lock.lock();
    try {
      if (running != null) {
        throw new UsageException("NBD server already running");
      }
      Listening sockets = Listening.open(request.address(), dialect);
      boolean done = false;
      try {
        Optional<Encryption> encryption = Optional.empty();
        if (request.tlsCreds().isPresent()) {
          encryption =
              Optional.of(
                  objects.lenientServerEncryption(request.tlsCreds().get(), request.tlsAuthz()));
        }
        NbdServer server = new NbdServer(limits(request), encryption, new Listener());
        running = new Running(server, sockets, encryption.isPresent());
        sockets.sockets().forEach(server::listen);
        done = true;
      } finally {
        if (!done) {
          sockets.close();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private static ServerLimits limits(NbdServerRequest request) {
    int most = request.maxConnections();
    return most == 0 ? ServerLimits.DEFAULT : ServerLimits.DEFAULT.withConnectionsMax(most);
  }

  /** What the server tells; on its threads. */
  private final class Listener implements NbdServer.Listener {
    @Override
    public void log(String message) {
      news.add(listener -> listener.log(message));
      news.run();
    }

    @Override
    public void idle(Export export) {
      // Closing an export may have to wait, and the server's threads must not.
      Thread.ofPlatform().daemon().name("export-end").start(() -> closeIfIdle(export));
    }
  }

  Optional<List<SocketAddress>> addresses() {
    return Optional.ofNullable(running).map(server -> server.sockets().addresses());
  }

  /** How clients on this machine call an export; none if the server does not run. */
  List<NbdUri> uris(String exportName) {
    Running server = running;
    if (server == null) {
      return List.of();
    }
    List<NbdUri> uris = new ArrayList<>();
    for (SocketAddress address : server.sockets().addresses()) {
      NbdUri.Where where =
          switch (address) {
            case UnixDomainSocketAddress unix -> new NbdUri.Unix(unix.getPath().toString());
            case InetSocketAddress inet -> new NbdUri.Tcp(host(inet.getAddress()), inet.getPort());
            default -> throw new IllegalStateException("listens on " + address);
          };
      uris.add(new NbdUri(server.encrypted(), where, exportName, Map.of()));
    }
    return uris;
  }

  private static String host(InetAddress address) {
    return address.isAnyLocalAddress() ? "localhost" : address.getHostAddress();
  }

  /** Removes all exports, cutting off their clients, and ends the server. */
  void stop() throws UsageException {
    Running ending;
    lock.lock();
    try {
      ending = running;
      if (ending == null) {
        throw new UsageException("NBD server not running");
      }
      running = null;
      exports.forEach(Exports::shutDown);
    } finally {
      lock.unlock();
    }
    ending.server().stop();
    ending.sockets().close();
    List<Served> all = List.copyOf(exports);
    all.forEach(this::closeIfIdle);
    all.forEach(this::awaitClosed);
  }

  private static void shutDown(Served served) {
    served.shuttingDown = true;
    served.server.remove(served.export);
  }

  // ---- exports

  void add(ExportRequest request) throws UsageException {
    lock.lock();
    try {
      addLocked(request);
    } finally {
      lock.unlock();
    }
    news.run();
  }

  private void addLocked(ExportRequest request) throws UsageException {
    if (!Identifier.isWellFormed(request.id())) {
      throw new UsageException("Invalid block export id");
    }
    if (find(request.id()).isPresent()) {
      throw new UsageException("Block export id '" + request.id() + "' is already in use");
    }
    Node node = Lookup.node(graph, request.nodeName());
    if (node.readOnly() && request.writable()) {
      throw new UsageException("Cannot export read-only node as writable");
    }
    if (request.iothread().isPresent() && !objects.isUnused(request.iothread().get(), "iothread")) {
      throw new UsageException("iothread \"" + request.iothread().get() + "\" not found");
    }
    int taken = Permission.CONSISTENT_READ | (request.writable() ? Permission.WRITE : 0);
    BlockBackend image =
        graph.use(node, new Permission.Wish(taken, Permission.ALL), request.writeThrough());
    boolean done = false;
    try {
      exports.add(serve(request, image));
      done = true;
    } finally {
      if (!done) {
        image.close();
      }
    }
    news.add(listener -> listener.exportAdded(request.id()));
  }

  /** Adds one in the old form. */
  void addNamed(
      String device,
      Optional<String> name,
      Optional<String> description,
      boolean writable,
      Optional<String> bitmap)
      throws UsageException {
    lock.lock();
    try {
      if (running == null) {
        throw new UsageException("NBD server not running");
      }
      Node node = Lookup.deviceOrNode(graph, device);
      List<BitmapChoice> bitmaps =
          bitmap.map(each -> new BitmapChoice(Optional.empty(), each)).stream().toList();
      String exportName = name.orElse(device);
      addLocked(
          ExportRequest.of(exportName, node.name())
              .withName(exportName)
              .withDescription(description)
              .withWritable(writable && !node.readOnly())
              .withBitmaps(bitmaps));
    } finally {
      lock.unlock();
    }
    news.run();
  }

  private Served serve(ExportRequest request, BlockBackend image) throws UsageException {
    Running server = running;
    if (server == null) {
      throw new UsageException("NBD server not running");
    }
    String name = request.exportName();
    requireShort("export name", name);
    if (request.description().isPresent()) {
      requireShort("description", request.description().get());
    }
    if (exports.stream()
        .anyMatch(other -> !other.shuttingDown && other.export.name().equals(name))) {
      throw new UsageException("NBD server already has export named '" + name + "'");
    }
    // Clients have been told the size.
    image.withholdPermissions(Permission.RESIZE);
    List<DirtyBitmap> bitmaps = bitmaps(request, image.root());
    Export.Settings settings =
        Export.Settings.named(name)
            .withReadOnly(!request.writable())
            .withAllocationDepth(request.allocationDepth())
            .withBitmaps(bitmaps);
    if (request.description().isPresent()) {
      settings = settings.withDescription(request.description().get());
    }
    Export export;
    try {
      export = new Export(image, settings);
    } catch (BlockIoException e) {
      throw new UsageException("Failed to determine the NBD export's length: " + e.reason());
    }
    server.server().add(export);
    return new Served(request, server.server(), export, bitmaps);
  }

  private static void requireShort(String what, String text) throws UsageException {
    if (text.getBytes(StandardCharsets.UTF_8).length > NbdLimits.STRING_BYTES_MAX) {
      throw new UsageException(what + " '" + text + "' too long");
    }
  }

  private List<DirtyBitmap> bitmaps(ExportRequest request, Node top) throws UsageException {
    List<DirtyBitmap> found = new ArrayList<>();
    for (BitmapChoice choice : request.bitmaps()) {
      DirtyBitmap bitmap =
          choice.node().isPresent()
              ? Lookup.bitmap(graph, choice.node().get(), choice.name())
              : ExportBitmaps.find(top, choice.name());
      if (isBusy(bitmap)) {
        throw new UsageException(
            "Bitmap '"
                + choice.name()
                + "' is currently in use by another operation and cannot be used");
      }
      bitmap.requireConsistent();
      if (!request.writable() && bitmap.enabled() && !top.readOnly()) {
        throw new UsageException(
            "Enabled bitmap '" + choice.name() + "' incompatible with readonly export");
      }
      found.add(bitmap);
    }
    return found;
  }

  /** Whether an export offers that bitmap. */
  boolean isBusy(DirtyBitmap bitmap) {
    return exports.stream().anyMatch(served -> served.bitmaps.contains(bitmap));
  }

  /** All exports, the newest first. */
  List<ExportInfo> list() {
    return List.copyOf(exports).reversed().stream().map(Served::info).toList();
  }

  void remove(String id, RemoveMode mode) throws UsageException {
    Served served;
    lock.lock();
    try {
      served = find(id).orElseThrow(() -> new UsageException("Export '" + id + "' is not found"));
      if (served.shuttingDown) {
        throw new UsageException("Export '" + id + "' is already shutting down");
      }
      if (mode == RemoveMode.SAFE && served.server.clients(served.export) > 0) {
        throw new UsageException(
            "export '" + id + "' still in use", "Use mode='hard' to force client disconnect");
      }
      shutDown(served);
    } finally {
      lock.unlock();
    }
    // One may have come since it was asked for.
    served.server.cutOff(served.export);
    closeIfIdle(served);
    awaitClosed(served);
  }

  private void closeIfIdle(Export export) {
    for (Served served : exports) {
      if (served.export == export) {
        closeIfIdle(served);
      }
    }
  }

  /** The end of an export that is shutting down, once nobody uses it any more. */
  private void closeIfIdle(Served served) {
    lock.lock();
    try {
      if (!served.shuttingDown || served.closing || served.server.clients(served.export) > 0) {
        return;
      }
      served.closing = true;
    } finally {
      lock.unlock();
    }
    served.export.image().close();
    String id = served.request.id();
    lock.lock();
    try {
      exports.remove(served);
      changed.signalAll();
      news.add(listener -> listener.exportDeleted(id));
    } finally {
      lock.unlock();
    }
    news.run();
  }

  /** Waits for what takes no time unless a request is held up. */
  private void awaitClosed(Served served) {
    lock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(CUT_OFF_MILLIS);
      while (exports.contains(served) && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private Optional<Served> find(String id) {
    return exports.stream().filter(served -> served.request.id().equals(id)).findFirst();
  }

  /** Ends the server, if there is one. Requests in flight end when they end. */
  void close() {
    try {
      stop();
    } catch (UsageException notRunning) {
      // Then there are no exports either, but for those that a request holds up.
    }
  }
}
