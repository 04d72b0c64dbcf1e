package io.faultdisk.daemon;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Messages;
import io.faultdisk.block.Node;
import io.faultdisk.block.Permission;
import io.faultdisk.block.options.Options;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.daemon.disk.Disks;
import io.faultdisk.daemon.objects.UserObjects;
import io.faultdisk.nbd.NbdUri;
import io.faultdisk.nbd.server.ServerTurns;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.FaultEngine;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * A running storage daemon: nodes, user objects, an NBD server with exports, jobs, disks with their
 * faults. Each method is a command, named after what it does; its comment names the QMP command
 * that it is behind.
 *
 * <p>Any thread. Changes happen one after the other; what only looks does not wait for them. A
 * change may wait for requests, and those may stand at a breakpoint: {@link #disks}, which resume
 * them, wait for no change.
 *
 * <p>A refusal is a {@link UsageException} with the text of qemu-storage-daemon 7.2, and has
 * changed nothing.
 */
public final class StorageDaemon implements AutoCloseable {
  /** Objects that tell QEMU's daemon in which threads to work. */
  private static final Set<String> OBJECTS_WITHOUT_USE =
      Set.of("iothread", "main-loop", "thread-context");

  /** Between two looks for requests that hold up the end. */
  private static final long LET_GO_MILLIS = 100;

  private final BlockGraph graph;
  private final UserObjects objects;
  private final News news = new News();
  private final ReentrantLock changes = new ReentrantLock();
  private final Nodes nodes;
  private final Exports exports;
  private final Jobs jobs;
  private final Disks disks = new Disks();
  private final IoCommandRunner ioCommands;

  /**
   * A daemon with nothing in it.
   *
   * @param dialect {@link Dialect#QEMU} to take nothing that QEMU does not
   * @param drivers the drivers that there are, given where they find their credentials
   * @param messages takes what the user should know
   * @param ioCommands runs commands of {@code io}
   */
  public StorageDaemon(
      Dialect dialect,
      Function<UserObjects, List<DriverType>> drivers,
      Messages messages,
      IoCommandRunner ioCommands) {
    this.objects = new UserObjects(dialect, OBJECTS_WITHOUT_USE);
    this.graph = new BlockGraph(drivers.apply(objects), new ServerTurns(), messages);
    this.nodes = new Nodes(graph);
    this.exports = new Exports(graph, objects, dialect, news, changes);
    this.jobs = new Jobs(news);
    this.ioCommands = ioCommands;
    graph.listen(
        new BlockGraph.NodeListener() {
          @Override
          public void appeared(Node node) {
            disks.appeared(node);
          }

          @Override
          public void opened(Node node) {
            tell(() -> disks.opened(node));
          }

          @Override
          public void closed(Node node) {
            tell(() -> disks.closed(node));
          }
        });
  }

  /** Tells a listener what happens from now on. */
  public void listen(DaemonListener listener) {
    news.listen(listener);
  }

  /** No longer does; a call that has begun may still be on its way. */
  public void forget(DaemonListener listener) {
    news.forget(listener);
  }

  /** The block graph, for looking: who changes it does so through the daemon. */
  public BlockGraph graph() {
    return graph;
  }

  /** The disks: the nodes with driver {@code blkdebug}, and their faults. */
  public Disks disks() {
    return disks;
  }

  // ---- nodes

  /**
   * Opens a node ({@code blockdev-add}); it stays until it is deleted.
   *
   * @param options flattened; children by node name ({@code file}) or described ({@code file.*})
   */
  public void addNode(Options options) throws UsageException {
    changing(() -> nodes.add(options));
  }

  /** Closes a node that was added and that nothing uses ({@code blockdev-del}). */
  public void deleteNode(String nodeName) throws UsageException {
    changing(() -> nodes.delete(nodeName));
  }

  /**
   * Changes how nodes are open ({@code blockdev-reopen}), all or none; what is not named goes back
   * to its default.
   *
   * @param all flattened options of each node, with its {@code node-name}
   */
  public void reopenNodes(List<Options> all) throws UsageException {
    changing(() -> nodes.reopen(all));
  }

  /** Changes the size of an image ({@code block_resize}), in bytes. */
  public void resize(Optional<String> device, Optional<String> nodeName, long size)
      throws UsageException {
    changing(() -> nodes.resize(device, nodeName, size));
  }

  /**
   * All nodes, the newest first ({@code query-named-block-nodes}).
   *
   * @param flat without the images below each
   */
  public List<NodeReport> namedNodes(boolean flat) throws UsageException {
    List<NodeReport> reports = new ArrayList<>();
    for (Node node : graph.nodes().reversed()) {
      try {
        reports.add(NodeReport.of(node, flat, exports::isBusy));
      } catch (UsageException failed) {
        if (graph.nodes().contains(node)) { // it was not closed meanwhile
          throw failed;
        }
      }
    }
    return reports;
  }

  /** The shape of the graph. */
  public NodeGraph nodeGraph() {
    return NodeGraph.of(graph);
  }

  // ---- disks

  /**
   * Opens an image as a disk, with a node for its format above it, and serves it if that is asked
   * for.
   *
   * @throws UsageException if that cannot be; nothing stays open
   */
  public Disk addDisk(DiskRequest request) throws UsageException {
    if (request.rules().isPresent()) {
      var unused = Disk.parse("rules", request.rules().get());
    }
    if (request.export() && exports.addresses().isEmpty()) {
      throw new UsageException(
          "there is no NBD server to serve disk '" + request.name() + "' with");
    }
    addNode(request.options());
    boolean done = false;
    try {
      Disk disk = disks.require(request.name());
      if (request.rules().isPresent()) {
        var unused = disk.replaceAll("rules", request.rules().get());
      }
      if (request.export()) {
        addExport(
            ExportRequest.of(request.name(), request.topNode())
                .withName(request.name())
                .withWritable(!request.readOnly()));
      }
      done = true;
      return disk;
    } finally {
      if (!done) {
        deleteNode(request.topNode());
      }
    }
  }

  /**
   * Ends the exports of a disk, and closes it and what is above it. What waits at its breakpoints
   * goes on first.
   *
   * @throws UsageException if something else uses it
   */
  public void deleteDisk(String name) throws UsageException {
    Disk disk = disks.require(name);
    List<Node> kept = graph.kept();
    List<Node> above = new ArrayList<>(List.of(disk.node()));
    for (int i = 0; i < above.size(); i++) {
      for (Node node : graph.nodes()) {
        Node below = above.get(i);
        if (node.children().stream().anyMatch(child -> child.node() == below)) {
          above.add(node);
        }
      }
    }
    above.retainAll(kept);
    if (above.isEmpty()) {
      throw new UsageException("disk '" + name + "' was opened by something else");
    }
    disk.resumeAll();
    for (Node node : above.reversed()) {
      for (ExportInfo export : exports.list()) {
        if (export.nodeName().equals(node.name()) && !export.shuttingDown()) {
          deleteExport(export.id(), RemoveMode.HARD);
        }
      }
      deleteNode(node.name());
    }
  }

  // ---- user objects

  /** The objects, for those who use some: credentials, secrets. */
  public UserObjects objects() {
    return objects;
  }

  /**
   * Makes an object ({@code object-add}).
   *
   * @param type such as {@code secret}
   * @param options flattened, with {@code id}
   */
  public void addObject(String type, Options options) throws UsageException {
    changing(() -> objects.add(type, options.copy()));
  }

  /** Removes an object ({@code object-del}). */
  public void deleteObject(String id) throws UsageException {
    changing(() -> objects.remove(id));
  }

  // ---- exports

  /** Starts the NBD server ({@code nbd-server-start}). */
  public void startNbdServer(NbdServerRequest request) throws UsageException {
    exports.start(request);
  }

  /** Removes all exports, cutting off their clients, and ends it ({@code nbd-server-stop}). */
  public void stopNbdServer() throws UsageException {
    exports.stop();
  }

  /** Where clients find the NBD server; empty if it does not run. */
  public Optional<List<SocketAddress>> nbdServerAddresses() {
    return exports.addresses();
  }

  /**
   * How NBD clients on this machine call an export, for each address that is listened on.
   *
   * @param name the export's
   */
  public List<String> exportUris(String name) {
    return exports.uris(name).stream().map(NbdUri::toString).toList();
  }

  /** Serves a node ({@code block-export-add} with type {@code nbd}). */
  public void addExport(ExportRequest request) throws UsageException {
    exports.add(request);
  }

  /**
   * The same in the old form ({@code nbd-server-add}): the export's id is its name, and a node that
   * is read-only is served read-only.
   *
   * @param device the node's name
   * @param name the export's; the node's if absent
   * @param bitmap offered as {@code qemu:dirty-bitmap:NAME}
   */
  public void addNamedExport(
      String device,
      Optional<String> name,
      Optional<String> description,
      boolean writable,
      Optional<String> bitmap)
      throws UsageException {
    exports.addNamed(device, name, description, writable, bitmap);
  }

  /**
   * Removes an export ({@code block-export-del}, and {@code nbd-server-remove} with its name). One
   * that is held up by a request in flight is shutting down when this returns; the listeners hear
   * when it is gone.
   */
  public void deleteExport(String id, RemoveMode mode) throws UsageException {
    exports.remove(id, mode);
  }

  /** All exports, the newest first ({@code query-block-exports}). */
  public List<ExportInfo> exports() {
    return exports.list();
  }

  // ---- jobs

  /**
   * Makes an image in the background ({@code blockdev-create}).
   *
   * @param options flattened {@code BlockdevCreateOptions}
   */
  public void createImage(String jobId, Options options) throws UsageException {
    jobs.start(jobId, "create", ImageMaking.of(graph, options));
  }

  /** All jobs, the newest first ({@code query-jobs}). */
  public List<JobInfo> jobs() {
    return jobs.list();
  }

  /** Forgets a job that has concluded ({@code job-dismiss}). */
  public void dismissJob(String id) throws UsageException {
    jobs.dismiss(id);
  }

  /**
   * Refuses what no job here does ({@code job-cancel}, {@code job-pause}, ...).
   *
   * @param verb {@code cancel}, {@code pause}, {@code resume}, {@code complete} or {@code finalize}
   */
  public void refuseJobVerb(String id, String verb) throws UsageException {
    jobs.refuse(id, verb);
  }

  // ---- commands of io

  /**
   * Runs a command of {@code io} on a node ({@code qemu-io NODE "COMMAND"} of the human monitor),
   * and returns what it has said. Others may change the daemon meanwhile.
   */
  public String runIoCommand(String nodeName, String commandLine) throws UsageException {
    BlockBackend image;
    changes.lock();
    try {
      image = graph.use(Lookup.node(graph, nodeName), Permission.Wish.NONE, false);
    } finally {
      changes.unlock();
    }
    return ioCommands.run(image, commandLine);
  }

  /** A change of the daemon. */
  private interface Change {
    void make() throws UsageException;
  }

  private void changing(Change change) throws UsageException {
    changes.lock();
    try {
      change.make();
    } finally {
      changes.unlock();
      news.run();
    }
  }

  /** Listeners of disks hear of nodes once no lock is held, as those of the daemon do. */
  private void tell(Runnable item) {
    news.add(item);
    if (!changes.isHeldByCurrentThread()) {
      news.run();
    }
  }

  /**
   * Ends in order: no more clients, then jobs, then images. Requests that are held are let go
   * first, and with them changes that wait for one: nothing waits for ever. Idempotent.
   */
  @Override
  public void close() {
    letGo();
    exports.close();
    letGo();
    jobs.close();
    letGo();
    graph.close();
    disks.close();
  }

  /** Holds no request any more, and waits for the change that is under way, if there is one. */
  private void letGo() {
    resumeForGood();
    try {
      // A disk that has just been opened may hold up the change that did it.
      while (!changes.tryLock(LET_GO_MILLIS, TimeUnit.MILLISECONDS)) {
        resumeForGood();
      }
      changes.unlock();
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    }
  }

  private void resumeForGood() {
    // Also of one that is still being opened: that may be what is held.
    for (Disk disk : disks.all()) {
      disk.node().driver().engine().ifPresent(FaultEngine::resumeForGood);
    }
  }
}
