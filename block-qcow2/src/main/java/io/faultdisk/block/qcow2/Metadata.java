package io.faultdisk.block.qcow2;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Errno;
import io.faultdisk.base.TurnLock;
import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of one open image share: its header and tables, the caches, and the lock that
 * guards them.
 *
 * <p>The parts are made one after the other while the image is opened ({@link Qcow2Type}), and then
 * stay. What changes is volatile or guarded by {@link #lock}.
 */
final class Metadata {
  /** Longest L1 table that is accepted, in bytes. */
  static final long L1_BYTES_MAX = 32 << 20;

  /** Longest refcount table that is accepted, in bytes. */
  static final long REFCOUNT_TABLE_BYTES_MAX = 8 << 20;

  private static final int HEADER_INCOMPATIBLE = 72;

  /** Guards all tables and caches. Requests that are stopped at an event may hold it. */
  final TurnLock lock;

  final Turns turns;

  /** The node that holds metadata (and data, unless there is an external data file). */
  final Node file;

  /** The node that holds guest data: {@link #file}, or an external data file. */
  Node dataFile;

  /** Takes whole lines for stderr, without program name. */
  final Consumer<String> messages;

  /** Takes errors for stderr that the tool's name goes before. */
  final Consumer<String> errors;

  volatile Header header;
  volatile Geometry geometry;
  volatile OpenFlags flags;

  /** Tells how old unused tables in the caches are. */
  Clock clock = Clock.system();

  /** The name that the node is going to have, as long as there is none. */
  String openingName = "";

  /** The node of this image; set before the first request. */
  private @Nullable Node self;

  // Made by Qcow2Type while opening, in this order; all are there before the first request.
  @SuppressWarnings("NullAway.Init")
  OverlapCheck overlap;

  @SuppressWarnings("NullAway.Init")
  Corruption corruption;

  /** Replaced as a whole when the table grows. */
  @SuppressWarnings("NullAway.Init")
  volatile RefcountTable refcountTable;

  @SuppressWarnings("NullAway.Init")
  Refcounts refcounts;

  @SuppressWarnings("NullAway.Init")
  TableCache l2Cache;

  @SuppressWarnings("NullAway.Init")
  TableCache refcountCache;

  @SuppressWarnings("NullAway.Init")
  CacheAging aging;

  @SuppressWarnings("NullAway.Init")
  L1Table l1;

  @SuppressWarnings("NullAway.Init")
  SnapshotTable snapshots;

  @SuppressWarnings("NullAway.Init")
  PersistentBitmaps bitmaps;

  /** The options in force. */
  @SuppressWarnings("NullAway.Init")
  private RuntimeOptions runtime;

  /** What writes have allocated but not linked yet. */
  final AllocationsInFlight inFlight;

  /** Whether lazy refcounts are in use now: the feature, or the option that overrides it. */
  volatile boolean lazyRefcounts;

  /** Which discards are passed on to the file. */
  volatile Set<DiscardType> passDiscards = Set.of();

  /** Set when the image is closed: the L1 table no longer counts. */
  volatile boolean closing;

  /** Set by a fatal corruption: every later request fails with ENOMEDIUM, nothing is written. */
  volatile boolean dead;

  Metadata(
      Node file,
      Header header,
      Geometry geometry,
      OpenFlags flags,
      Turns turns,
      Consumer<String> messages,
      Consumer<String> errors) {
    this.file = file;
    this.dataFile = file;
    this.header = header;
    this.geometry = geometry;
    this.flags = flags;
    this.turns = turns;
    this.lock = new TurnLock(turns);
    this.inFlight = new AllocationsInFlight(turns, lock);
    this.messages = messages;
    this.errors = errors;
  }

  Node self() {
    Node node = self;
    if (node == null) {
      throw new IllegalStateException("the node of this image does not exist yet");
    }
    return node;
  }

  void attached(Node node) {
    self = node;
  }

  /** The node's name for messages, also while it is being opened. */
  String nodeName() {
    Node node = self;
    return node == null ? openingName : node.name();
  }

  /** Puts options in force; with new, empty caches. */
  void use(RuntimeOptions options) {
    runtime = options;
    l2Cache = new TableCache(this, TableCache.Kind.L2, options.l2Slots(), options.l2SliceBytes());
    refcountCache =
        new TableCache(
            this, TableCache.Kind.REFCOUNT_BLOCK, options.refcountSlots(), geometry.clusterSize());
    aging = new CacheAging(clock, options.cacheCleanSeconds());
    overlap = new OverlapCheck(this, options.overlapKinds());
    lazyRefcounts = options.lazyRefcounts();
    passDiscards = options.passDiscards();
  }

  /**
   * Writes the caches back and makes new ones that fit the size of the disk. Under the metadata
   * lock.
   *
   * @throws BlockIoException its reason is the text for the user
   */
  void adaptCaches() throws BlockIoException {
    flush(l2Cache, "L2 table cache");
    flush(refcountCache, "refcount block cache");
    try {
      use(runtime.adaptedTo(header, geometry));
    } catch (UsageException e) {
      throw new BlockIoException(Errno.EINVAL, e.getMessage());
    }
  }

  private static void flush(TableCache cache, String name) throws BlockIoException {
    try {
      cache.flush();
    } catch (BlockIoException e) {
      throw new BlockIoException(
          e.errno(), "Failed to flush the " + name + ": " + e.errno().text());
    }
  }

  /** Whether guest data are in a file of their own, be it open or not. */
  boolean externalData() {
    return geometry.externalData();
  }

  /** Announces an event at the file below. */
  void announce(Event event, RequestType type) {
    file.announce(event, type, 0, 0);
  }

  void requireUsable() throws BlockIoException {
    if (dead) {
      throw new BlockIoException(Errno.ENOMEDIUM);
    }
  }

  /**
   * Flushes this image as its node does; also while it is being opened. The caller does not hold
   * the lock.
   */
  void flush() throws BlockIoException {
    Node node = self;
    if (node != null) {
      node.flush();
      return;
    }
    announce(QemuEvents.FLUSH_TO_OS, RequestType.FLUSH);
    lock.lock();
    try {
      refcounts.writeCaches();
    } finally {
      lock.unlock();
    }
    file.flush();
  }

  /** A write to the file below that is durable when it returns. */
  void writeSync(long offset, ByteBuffer source) throws BlockIoException {
    file.write(offset, source, 0);
    file.flush();
  }

  /**
   * Writes a header cluster (fields, extensions, backing file name) and puts the header in force.
   * What the tables in memory know better (where they are, how large) is taken from them. Not
   * flushed.
   *
   * @throws BlockIoException ENOSPC if it does not fit in a cluster, or an I/O error; then nothing
   *     has changed here
   */
  void writeHeader(Header next) throws BlockIoException {
    Header current =
        next.change()
            .l1Table(l1.offset(), l1.size())
            .refcountTable(
                refcountTable.offset,
                (refcountTable.entries.length * Long.BYTES) >>> next.clusterBits())
            .build();
    file.write(0, HeaderWriter.cluster(current), 0);
    header = current;
  }

  /**
   * Sets the dirty bit before the first lazy refcount change (W 48+8, F); nothing if it is set. It
   * counts only if that could be written.
   */
  void markDirty() throws BlockIoException {
    if (header.isDirty()) {
      return;
    }
    Header dirty = incompatible(header.incompatible() | Features.INCOMPATIBLE_DIRTY);
    ByteBuffer field = ByteBuffer.allocate(Long.BYTES).putLong(0, dirty.incompatible());
    writeSync(HEADER_INCOMPATIBLE, field);
    header = dirty;
  }

  /**
   * Clears the dirty bit after flushing the caches; nothing if it is clear. In memory it is clear
   * in any case: refcounts are accurate from now on.
   */
  void markClean() throws BlockIoException {
    if (header.isDirty()) {
      header = incompatible(header.incompatible() & ~Features.INCOMPATIBLE_DIRTY);
      refcounts.flushCaches();
      writeHeader(header);
    }
  }

  /** Sets the corrupt bit and writes the header. */
  void markCorrupt() throws BlockIoException {
    header = incompatible(header.incompatible() | Features.INCOMPATIBLE_CORRUPT);
    writeHeader(header);
  }

  /** Clears the corrupt bit after flushing the caches; nothing if it is clear. */
  void markConsistent() throws BlockIoException {
    if (header.isCorrupt()) {
      refcounts.flushCaches();
      header = incompatible(header.incompatible() & ~Features.INCOMPATIBLE_CORRUPT);
      writeHeader(header);
    }
  }

  private Header incompatible(long features) {
    return header.change().incompatible(features).build();
  }

  /** Reads a table of big-endian words from the file. */
  long[] readTable(long offset, int entries) throws BlockIoException {
    long[] table = new long[entries];
    if (entries > 0) {
      ByteBuffer bytes = ByteBuffer.allocate(entries * Long.BYTES);
      file.read(offset, bytes.duplicate());
      bytes.asLongBuffer().get(table);
    }
    return table;
  }

  /**
   * Checks where a table of {@code entries} times {@code entryBytes} bytes may lie.
   *
   * @param maxBytes longest table that is accepted
   * @throws BlockIoException EFBIG ({@code TABLE too large}) or EINVAL ({@code TABLE offset
   *     invalid})
   */
  void validateTable(long offset, long entries, int entryBytes, long maxBytes, String table)
      throws BlockIoException {
    HeaderReader.validateTable(geometry, offset, entries, entryBytes, maxBytes, table);
  }
}
