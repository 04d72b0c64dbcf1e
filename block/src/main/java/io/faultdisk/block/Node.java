package io.faultdisk.block;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.bitmap.DirtyBitmaps;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One node of the graph: a driver with what every driver needs around it.
 *
 * <p>A request that reaches a node passes here first. The node checks the range, pads it to the
 * driver's alignment (with read-modify-write for writes), cuts it to the driver's limits, keeps
 * requests apart that must not overlap, announces the generic events ({@code pwritev*}, {@code
 * flush_to_*}, {@code cor_write}) and counts what a flush has to cover. The algorithms live in
 * {@link ReadPath}, {@link WritePath}, {@link DiscardPath}, {@link FlushPath}, {@link StatusPath}
 * and {@link TruncatePath}; this class holds their state.
 *
 * <p>Any thread may send requests; they block until done. The graph itself (children, permissions,
 * flags) changes only under the lock of {@link BlockGraph}.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/io.c.
 */
public final class Node {
  /** Longest read or write, in bytes: what fits in a signed 32-bit number, in whole sectors. */
  public static final int REQUEST_MAX = Integer.MAX_VALUE & -512;

  private static final long LENGTH_MAX = Long.MAX_VALUE & -BlockLimits.ALIGNMENT_MAX;
  private static final int SECTOR = 512;

  private final String name;
  private final DriverType type;
  private final Turns turns;
  private final List<Child> parents = new CopyOnWriteArrayList<>();
  private volatile List<Child> children;

  /** The first child that is not a backing file; kept here since flushes and walks look at it. */
  private volatile Optional<Child> primaryChild = Optional.empty();

  private volatile Optional<Node> backing = Optional.empty();

  /** The backing file as the image names it. */
  private volatile Optional<BackingReference> backingReference = Optional.empty();

  /** The file name that the backing node has if nobody has put another in its place. */
  private volatile String usualBackingName = "";

  private final TrackedRequests tracked;
  private final AtomicLong writeGeneration = new AtomicLong();
  private final DirtyBitmaps bitmaps = new DirtyBitmaps();
  private final BlockDriver driver;
  private volatile NodeOptions options;
  private volatile BlockLimits limits = BlockLimits.BYTES;
  private final AtomicLong sectors = new AtomicLong();
  private volatile long flushedGeneration;

  private final ReadPath readPath;
  private final WritePath writePath;
  private final DiscardPath discardPath;
  private final FlushPath flushPath;
  private final StatusPath statusPath;
  private final TruncatePath truncatePath;

  Node(
      String name,
      DriverType type,
      BlockDriver driver,
      List<Child> children,
      NodeOptions options,
      Turns turns)
      throws BlockIoException {
    this.name = name;
    this.type = type;
    this.driver = driver;
    this.children = List.of();
    children(children);
    this.options = options;
    this.turns = turns;
    this.tracked = new TrackedRequests(turns);
    this.readPath = new ReadPath(this);
    this.writePath = new WritePath(this);
    this.discardPath = new DiscardPath(this);
    this.flushPath = new FlushPath(this);
    this.statusPath = new StatusPath(this);
    this.truncatePath = new TruncatePath(this);
    refreshLength();
    refreshLimits();
  }

  /** Unique name in the graph, given by {@code node-name=} or made up ({@code #block123}). */
  public String name() {
    return name;
  }

  /** What kind of driver this is. */
  public DriverType type() {
    return type;
  }

  /** The opened driver. Requests go through the node, not to it. */
  public BlockDriver driver() {
    return driver;
  }

  /** The dirty bitmaps of this node, which its writes set bits in. */
  public DirtyBitmaps bitmaps() {
    return bitmaps;
  }

  /** How it was opened; a reopen changes it. */
  public OpenFlags flags() {
    return options.flags();
  }

  /** What requests to the driver look like. */
  public BlockLimits limits() {
    return limits;
  }

  /** The nodes below, with the edges to them. */
  public List<Child> children() {
    return children;
  }

  /** The node that a filter passes on to, or a format stores its data in. */
  public Optional<Child> primaryChild() {
    return primaryChild;
  }

  /** The backing file in use. */
  public Optional<Node> backing() {
    return backing;
  }

  /** The backing file as the image names it, whatever is in use. */
  public Optional<BackingReference> backingReference() {
    return backingReference;
  }

  /**
   * Where the image says its backing file is: what it names, seen from the image's own directory.
   * Empty if it names none.
   *
   * @throws UsageException if the image has no directory
   */
  public Optional<String> fullBackingName() throws UsageException {
    Optional<BackingReference> named = backingReference;
    return named.isEmpty()
        ? Optional.empty()
        : Optional.of(NodeName.absolute(this, named.get().filename()));
  }

  /** Whether another backing file is in use than the one that the image names, or none. */
  public boolean backingOverridden() {
    Optional<Node> below = backing;
    return below.isPresent()
        ? !usualBackingName.equals(below.get().filename())
        : !usualBackingName.isEmpty();
  }

  /** The nearest power switch here or below, found by walking down the primary children. */
  public Optional<PowerSwitch> power() {
    Node node = this;
    while (true) {
      Optional<PowerSwitch> power = node.driver.power();
      Optional<Child> below = node.primaryChild;
      if (power.isPresent() || below.isEmpty()) {
        return power;
      }
      node = below.get().node();
    }
  }

  /** Whether this node only passes on to its one child. */
  public boolean isFilter() {
    return type.kind() == DriverType.Kind.FILTER;
  }

  /** True if writes are refused. */
  public boolean readOnly() {
    return options.flags().readOnly();
  }

  /** What happens to a data write that is all zeroes: {@code off}, {@code on}, {@code unmap}. */
  public String detectZeroes() {
    return options.detectZeroes().name().toLowerCase(Locale.ROOT);
  }

  /**
   * A file name that opens the same: a plain one if the driver has one, else a {@code json:}
   * object.
   */
  public String filename() {
    return NodeName.of(this);
  }

  /** A plain file name that opens the same, if there is one. */
  public Optional<String> exactFilename() {
    return NodeName.exact(this);
  }

  /**
   * False if the image can no longer be used, or one below cannot: requests are then refused with
   * ENOMEDIUM.
   */
  public boolean usable() {
    List<Child> below = children;
    for (int i = 0; i < below.size(); i++) {
      if (!below.get(i).node().usable()) {
        return false;
      }
    }
    return driver.usable();
  }

  /** Whether requests here or below spend their time waiting, see {@link BlockDriver#waits}. */
  public boolean waits() {
    return driver.waits() || children.stream().anyMatch(child -> child.node().waits());
  }

  /** Length in bytes, a multiple of 512: a driver's odd length is rounded up. */
  public long length() throws BlockIoException {
    if (driver.lengthVaries()) {
      refreshLength();
    }
    return sectors.get() * SECTOR;
  }

  /**
   * Disk space in use, in bytes, without backing files; empty if one of the drivers below cannot
   * tell.
   */
  public OptionalLong allocatedSize() {
    if (type.kind() != DriverType.Kind.FORMAT) {
      return driver.allocatedSize();
    }
    long sum = 0;
    for (Child child : children) {
      if (child.role() != ChildRole.BACKING) {
        OptionalLong size = child.node().allocatedSize();
        if (size.isEmpty()) {
          return size;
        }
        sum += size.getAsLong();
      }
    }
    return OptionalLong.of(sum);
  }

  /** Reads {@code target.remaining()} bytes, at most {@link #REQUEST_MAX}. */
  public void read(long offset, ByteBuffer target) throws BlockIoException {
    readPath.read(offset, target, options.flags().copyOnRead());
  }

  /** Reads, and stores in this node what came from its backing file. */
  public void readAndKeep(long offset, ByteBuffer target) throws BlockIoException {
    readPath.read(offset, target, true);
  }

  /** Writes {@code source.remaining()} bytes, at most {@link #REQUEST_MAX}. */
  public void write(long offset, ByteBuffer source, int requestFlags) throws BlockIoException {
    writePath.write(offset, source, requestFlags);
  }

  /** Makes a range read as zeroes, by whatever means the driver has. */
  public void writeZeroes(long offset, long bytes, int requestFlags) throws BlockIoException {
    int kept = options.flags().unmap() ? requestFlags : requestFlags & ~RequestFlags.MAY_UNMAP;
    writePath.writeZeroes(offset, bytes, kept);
  }

  /**
   * Tells the driver that a range is no longer needed. Advisory: pieces that the driver does not
   * want are skipped.
   */
  public void discard(long offset, long bytes) throws BlockIoException {
    discardPath.discard(offset, bytes);
  }

  /** Makes all completed writes durable, here and below. */
  public void flush() throws BlockIoException {
    flushPath.flush();
  }

  /** Zero, data or unallocated, with the length of the stretch. */
  public BlockStatus status(long offset, long bytes) throws BlockIoException {
    return statusPath.status(true, offset, bytes);
  }

  /**
   * Whether this image (rather than its backing file) holds the range; less precise and cheaper
   * than a status.
   */
  public BlockStatus allocation(long offset, long bytes) throws BlockIoException {
    return statusPath.status(false, offset, bytes);
  }

  /**
   * Whether the range is known to read as zero, here or through the backing files, without asking
   * too precisely: false says nothing.
   */
  public boolean readsAsZeroFast(long offset, long bytes) throws BlockIoException {
    if (bytes == 0) {
      return true;
    }
    if (!driver.usable()) {
      throw new BlockIoException(Errno.ENOMEDIUM);
    }
    BlockStatus status =
        BackingChain.allocation(this, Optional.empty(), false, offset, bytes).status();
    return status.bytes() == bytes && status.zero();
  }

  /**
   * Whether all of the range reads as zero, as far as a precise look at it and at the backing files
   * can tell; false also if that look fails. What lies behind the end of the image counts as zero.
   */
  public boolean readsAsZero(long offset, long bytes) {
    long end = Math.min(offset + bytes, rememberedLength());
    long at = offset;
    try {
      while (at < end) {
        BlockStatus status = BackingChain.status(this, Optional.empty(), at, end - at).status();
        if (!status.zero() || status.bytes() == 0) {
          return false;
        }
        at += status.bytes();
      }
      return true;
    } catch (BlockIoException e) {
      return false;
    }
  }

  /** Changes the length. The exception's reason says in words what went wrong. */
  public void truncate(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    truncatePath.truncate(size, exact, preallocation, false);
  }

  /** The same, and what is new reads as zero whatever a backing file has there. */
  public void truncateZeroed(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    truncatePath.truncate(size, exact, preallocation, true);
  }

  /** Announces an event at this node; only drivers with rules listen. */
  public void announce(Event event, RequestType request, long offset, long bytes) {
    driver.announce(event, request, offset, bytes);
  }

  Turns turns() {
    return turns;
  }

  ReadPath readPath() {
    return readPath;
  }

  WritePath writePath() {
    return writePath;
  }

  TrackedRequests tracked() {
    return tracked;
  }

  /** Another set of children, in the order in which they were attached. With the graph's lock. */
  void children(List<Child> next) {
    Optional<Child> primary = Optional.empty();
    Optional<Node> below = Optional.empty();
    for (Child child : next) {
      if (child.role() == ChildRole.BACKING) {
        below = Optional.of(child.node());
      } else if (primary.isEmpty() && type.hasPrimaryChild()) {
        primary = Optional.of(child);
      }
    }
    children = List.copyOf(next);
    primaryChild = primary;
    backing = below;
  }

  /** What the image says about its backing file has become known, or has changed. */
  void backingReference(Optional<BackingReference> next) {
    backingReference = next;
    usualBackingName = next.map(BackingReference::filename).orElse("");
  }

  /** The backing file that the image names is open under this name. */
  void usualBackingName(String name) {
    usualBackingName = name;
  }

  List<Child> parents() {
    return parents;
  }

  NodeOptions options() {
    return options;
  }

  /** It is open in another way now. With the graph's lock, without requests in flight. */
  void reopened(NodeOptions next) {
    options = next;
  }

  AtomicLong writeGeneration() {
    return writeGeneration;
  }

  long flushedGeneration() {
    return flushedGeneration;
  }

  void flushedGeneration(long generation) {
    flushedGeneration = generation;
  }

  long rememberedLength() {
    return sectors.get() * SECTOR;
  }

  void refreshLength() throws BlockIoException {
    long length = driver.length();
    if (length < 0 || length > LENGTH_MAX) {
      throw new BlockIoException(Errno.EFBIG);
    }
    sectors.set(length / SECTOR + (length % SECTOR == 0 ? 0 : 1));
  }

  void refreshLimits() {
    BlockLimits inherited = BlockLimits.BYTES;
    for (Child child : children) {
      if (child.role().passesLimits()) {
        inherited = inherited.and(child.node().limits().inherited());
      }
    }
    limits = driver.limits(inherited);
  }

  /**
   * A write, zero write or discard has ended, well or not; a write that ended behind the end has
   * made the image longer.
   */
  void changed(long offset, long bytes, boolean grows) {
    writeGeneration.incrementAndGet();
    long end = (offset + bytes + SECTOR - 1) / SECTOR;
    if (grows && end > sectors.get()) {
      sectors.accumulateAndGet(end, Math::max);
      bitmaps.resize(rememberedLength());
    }
    bitmaps.markDirty(offset, bytes);
  }

  /** The length has changed, or may have. */
  void resized() {
    writeGeneration.incrementAndGet();
    bitmaps.resize(rememberedLength());
  }

  /** Refuses changes that a bitmap could not record. */
  void requireRecordable() throws BlockIoException {
    if (bitmaps.anyReadOnly()) {
      throw new BlockIoException(Errno.EPERM);
    }
  }

  /** Refuses ranges that no driver could take: negative, or beyond what 63 bits can say. */
  static void checkRange(long offset, long bytes) throws BlockIoException {
    if (offset < 0 || bytes < 0 || bytes > LENGTH_MAX || offset > LENGTH_MAX - bytes) {
      throw new BlockIoException(Errno.EIO);
    }
  }

  static void checkTransfer(long offset, long bytes) throws BlockIoException {
    checkRange(offset, bytes);
    if (bytes > REQUEST_MAX) {
      throw new BlockIoException(Errno.EIO);
    }
  }
}
