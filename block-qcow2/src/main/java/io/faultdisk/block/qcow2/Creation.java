package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BackingReference;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Permission;
import io.faultdisk.block.create.ImageCreation;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.format.Deletable;
import io.faultdisk.block.options.Options;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Makes a new image.
 *
 * <p>First a disk of no size is written by hand: header, refcount table, one refcount block. That
 * is opened as an image, which then counts these clusters, grows to its size and gets its backing
 * file as any image would:
 *
 * <pre>
 *   cluster 0  header            cluster 2  refcount block
 *   cluster 1  refcount table    cluster 3  L1 table, once the disk has a size
 * </pre>
 *
 * <p>If anything fails the files that were made are removed.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2.c.
 */
final class Creation {
  private static final int CRYPT_METHOD_FIELD = 32;
  private static final int CRYPT_METHOD_AES = 1;
  private static final int REFCOUNT_ORDER_FIELD = 96;

  /** How the files are opened: as QEMU does it, without a word on discards. */
  private static final OpenFlags FILE =
      OpenFlags.TOOL.withCache(false, false, false).withUnmap(false);

  private final BlockGraph graph;
  private final CreationPlan plan;
  private final Node file;
  private final Optional<Node> dataFile;

  private Creation(BlockGraph graph, CreationPlan plan, Node file, Optional<Node> dataFile) {
    this.graph = graph;
    this.plan = plan;
    this.file = file;
    this.dataFile = dataFile;
  }

  /**
   * Makes an image.
   *
   * @param given options of the format and of the protocols below
   * @throws BlockIoException I/O errors; the reason is the text for the user
   */
  static void create(BlockGraph graph, String filename, CreateOptions given)
      throws UsageException, BlockIoException {
    CreateOptions own = given.only(CreationOptions.ALL);
    CreateOptions below = given.without(CreationOptions.ALL);
    CreationPlan.checkNames(own);
    ImageCreation.createFile(graph, filename, below);
    try (BlockBackend file = graph.openProtocol(filename, FILE.with(OpenFlags.Mode.RESIZE))) {
      withFile(graph, own, below, file.root());
    }
  }

  /** Makes an image on nodes that are open; they keep what was written if anything fails. */
  static void on(BlockGraph graph, CreationPlan plan, Node file, Optional<Node> dataFile)
      throws UsageException, BlockIoException {
    new Creation(graph, plan, file, dataFile).run();
  }

  private static void withFile(BlockGraph graph, CreateOptions own, CreateOptions below, Node file)
      throws UsageException, BlockIoException {
    boolean done = false;
    try {
      Optional<String> dataName = own.text("data_file");
      if (dataName.isPresent()) {
        withDataFile(graph, own, below, file, dataName.get());
      } else {
        new Creation(graph, CreationPlan.of(own), file, Optional.empty()).run();
      }
      done = true;
    } finally {
      if (!done) {
        delete(graph, file);
      }
    }
  }

  private static void withDataFile(
      BlockGraph graph, CreateOptions own, CreateOptions below, Node file, String dataName)
      throws UsageException, BlockIoException {
    ImageCreation.createFile(graph, dataName, below);
    try (BlockBackend data = graph.openProtocol(dataName, FILE.with(OpenFlags.Mode.RESIZE))) {
      boolean done = false;
      try {
        new Creation(graph, CreationPlan.of(own), file, Optional.of(data.root())).run();
        done = true;
      } finally {
        if (!done) {
          delete(graph, data.root());
        }
      }
    }
  }

  private static void delete(BlockGraph graph, Node file) {
    if (file.driver() instanceof Deletable deletable) {
      try {
        deletable.delete();
      } catch (BlockIoException e) {
        graph.messages().report(e.reason());
      }
    }
  }

  private void run() throws UsageException, BlockIoException {
    writeEmptyImage();
    OpenFlags unsafe = FILE.withCache(false, true, false).with(OpenFlags.Mode.RESIZE);
    try (BlockBackend image = graph.open(Optional.empty(), options(), unsafe)) {
      complete(image);
    }
    // Opened once more to be flushed: so far nothing was.
    OpenFlags flushing = FILE.with(OpenFlags.Mode.NO_BACKING).with(OpenFlags.Mode.NO_IO);
    graph.open(Optional.empty(), options(), flushing).close();
    if (plan.encrypted()) {
      markEncrypted();
    }
  }

  /** Last of all, since we do not open such images. */
  private void markEncrypted() throws UsageException, BlockIoException {
    var wish = new Permission.Wish(Permission.WRITE, Permission.ALL);
    ByteBuffer method = ByteBuffer.allocate(Integer.BYTES).putInt(CRYPT_METHOD_AES).flip();
    try (BlockBackend writer = graph.use(file, wish, false)) {
      write(writer.root(), CRYPT_METHOD_FIELD, method, "Could not update qcow2 header");
      writer.root().flush();
    }
  }

  private Options options() {
    Options options = new Options();
    options.put("driver", "qcow2");
    options.put("file", file.name());
    dataFile.ifPresent(node -> options.put("data-file", node.name()));
    return options;
  }

  private void writeEmptyImage() throws UsageException, BlockIoException {
    var wish = new Permission.Wish(Permission.WRITE | Permission.RESIZE, Permission.ALL);
    try (BlockBackend writer = graph.use(file, wish, false)) {
      write(writer.root(), 0, header(), "Could not write qcow2 header");
      ByteBuffer tables = ByteBuffer.allocateDirect(2 * plan.clusterSize());
      tables.putLong(0, 2L * plan.clusterSize());
      write(writer.root(), plan.clusterSize(), tables, "Could not write refcount table");
    }
  }

  private static void write(Node node, long offset, ByteBuffer content, String failure)
      throws BlockIoException {
    try {
      node.write(offset, content, 0);
    } catch (BlockIoException e) {
      throw failed(e, failure);
    }
  }

  /** The least that can be opened: no size, no L1 table, one refcount table cluster. */
  private ByteBuffer header() {
    long incompatible =
        (dataFile.isPresent() ? Features.INCOMPATIBLE_DATA_FILE : 0)
            | (plan.compression() != Header.COMPRESSION_ZLIB
                ? Features.INCOMPATIBLE_COMPRESSION
                : 0)
            | (plan.extendedL2() ? Features.INCOMPATIBLE_EXTENDED_L2 : 0);
    ByteBuffer cluster = ByteBuffer.allocateDirect(plan.clusterSize());
    cluster
        .putInt(Header.MAGIC)
        .putInt(plan.version())
        .putLong(0) // no backing file yet
        .putInt(0)
        .putInt(plan.clusterBits())
        .putLong(0) // size
        .putInt(0) // not encrypted
        .putInt(0) // no L1 table
        .putLong(0)
        .putLong(plan.clusterSize()) // refcount table
        .putInt(1)
        .putInt(0) // no snapshots
        .putLong(0)
        .putLong(incompatible)
        .putLong(plan.lazyRefcounts() ? Features.COMPATIBLE_LAZY_REFCOUNTS : 0)
        .putLong(plan.dataFileRaw() ? Features.AUTOCLEAR_DATA_FILE_RAW : 0)
        .position(REFCOUNT_ORDER_FIELD)
        .putInt(plan.refcountOrder())
        .putInt(Header.V3_BYTES)
        .put((byte) plan.compression());
    return cluster.rewind();
  }

  private void complete(BlockBackend image) throws BlockIoException {
    if (!(image.root().driver() instanceof Qcow2Driver driver)) {
      throw new IllegalStateException("not opened as qcow2: " + image.root().name());
    }
    Metadata metadata = driver.metadata();
    countFirstClusters(metadata);
    try {
      Optional<String> dataName = dataFile.map(Node::filename);
      metadata.writeHeader(metadata.header.change().dataFileName(dataName).build());
    } catch (BlockIoException e) {
      throw failed(e, "Could not update qcow2 header");
    }
    try {
      image.truncate(plan.size(), false, plan.preallocation());
    } catch (BlockIoException e) {
      throw new BlockIoException(e.errno(), "Could not resize image: " + e.reason());
    }
    if (plan.backing().isPresent()) {
      setBacking(metadata, plan.backing().get());
    }
  }

  private void countFirstClusters(Metadata metadata) throws BlockIoException {
    long offset;
    metadata.lock.lock();
    try {
      offset = metadata.refcounts.allocate(3L * plan.clusterSize());
    } catch (BlockIoException e) {
      throw failed(e, "Could not allocate clusters for qcow2 header and refcount table");
    } finally {
      metadata.lock.unlock();
    }
    if (offset != 0) {
      throw new IllegalStateException("the first cluster of an empty image is in use");
    }
  }

  private static void setBacking(Metadata metadata, BackingReference backing)
      throws BlockIoException {
    try {
      BackingChange.apply(metadata, Optional.of(backing));
    } catch (BlockIoException e) {
      throw failed(
          e,
          "Could not assign backing file '"
              + backing.filename()
              + "' with format '"
              + backing.format().orElse("(null)")
              + "'");
    }
  }

  private static BlockIoException failed(BlockIoException e, String what) {
    return new BlockIoException(e.errno(), what + ": " + e.errno().text());
  }
}
