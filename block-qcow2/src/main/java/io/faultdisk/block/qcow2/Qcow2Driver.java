package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.block.BackingReference;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockLimits;
import io.faultdisk.block.ImageInfo;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.block.format.Amendable;
import io.faultdisk.block.format.BackingChangeable;
import io.faultdisk.block.format.BitmapStore;
import io.faultdisk.block.format.CheckResult;
import io.faultdisk.block.format.Checkable;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.format.Describable;
import io.faultdisk.block.format.Emptyable;
import io.faultdisk.block.format.SnapshotInfo;
import io.faultdisk.block.format.SnapshotStore;
import io.faultdisk.block.options.Options;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An opened qcow2 image: hands each request to the part that does it.
 *
 * <p>Any thread. Opening, closing and reopening happen while no request is on its way.
 */
final class Qcow2Driver
    implements BlockDriver,
        Describable,
        Checkable,
        SnapshotStore,
        BitmapStore,
        Amendable,
        Emptyable,
        BackingChangeable {
  private final Metadata metadata;
  private final DataPath data;
  private final SnapshotActions snapshots;
  private final Closing closing;
  private final Reopening reopening;

  Qcow2Driver(Metadata metadata) {
    this.metadata = metadata;
    this.data = new DataPath(metadata);
    this.snapshots = new SnapshotActions(metadata);
    this.closing = new Closing(metadata);
    this.reopening = new Reopening(metadata);
  }

  @Override
  public void attached(Node self) {
    metadata.attached(self);
    metadata.bitmaps.attached(self.bitmaps());
  }

  @Override
  public boolean usable() {
    return !metadata.dead;
  }

  @Override
  public Optional<BackingReference> backingReference() {
    return metadata.header.backing().filter(reference -> !reference.filename().isEmpty());
  }

  @Override
  public void read(long offset, ByteBuffer target) throws BlockIoException {
    metadata.requireUsable();
    data.read(offset, target);
  }

  @Override
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    metadata.requireUsable();
    data.write(offset, source);
  }

  @Override
  public void writeCompressed(long offset, ByteBuffer source) throws BlockIoException {
    metadata.requireUsable();
    data.writeCompressed(offset, source);
  }

  @Override
  public void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    metadata.requireUsable();
    data.writeZeroes(offset, bytes, flags);
  }

  @Override
  public boolean writesZeroes() {
    return true;
  }

  @Override
  public int zeroFlags() {
    return metadata.header.version() >= 3
        ? RequestFlags.MAY_UNMAP | RequestFlags.NO_FALLBACK
        : RequestFlags.NONE;
  }

  @Override
  public void discard(long offset, long bytes) throws BlockIoException {
    metadata.requireUsable();
    data.discard(offset, bytes);
  }

  @Override
  public boolean discards() {
    return true;
  }

  @Override
  public Mapping map(long offset, long bytes, boolean precise) throws BlockIoException {
    return data.map(offset, bytes, precise);
  }

  @Override
  public void flushToOs() throws BlockIoException {
    metadata.lock.lock();
    try {
      metadata.refcounts.writeCaches();
    } finally {
      metadata.lock.unlock();
    }
  }

  @Override
  public long length() {
    return metadata.header.diskBytes();
  }

  @Override
  public void truncate(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    metadata.requireUsable();
    new Resize(metadata, data).run(size, exact, preallocation, false);
  }

  @Override
  public void truncateZeroed(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    metadata.requireUsable();
    new Resize(metadata, data).run(size, exact, preallocation, true);
  }

  @Override
  public void makeEmpty() throws BlockIoException {
    metadata.requireUsable();
    new MakeEmpty(metadata).run();
  }

  @Override
  public void changeBacking(Optional<BackingReference> backing) throws BlockIoException {
    metadata.requireUsable();
    BackingChange.apply(metadata, backing);
  }

  /** What the image's own parts work on. */
  Metadata metadata() {
    return metadata;
  }

  @Override
  public BlockLimits limits(BlockLimits inherited) {
    Geometry geometry = metadata.geometry;
    return new BlockLimits(
        inherited.requestAlignment(),
        inherited.maxTransfer(),
        geometry.subclusterSize(),
        inherited.maxWriteZeroes(),
        geometry.clusterSize(),
        inherited.maxDiscard());
  }

  @Override
  public ImageInfo info() {
    return new ImageInfo(
        metadata.geometry.clusterSize(), vmStateOffset(), metadata.header.isDirty());
  }

  @Override
  public Optional<JsonObject> formatSpecific() throws BlockIoException {
    return Optional.of(new Description(metadata).format());
  }

  @Override
  public CheckResult check(Repair repair, Consumer<String> findings) throws BlockIoException {
    metadata.lock.lock();
    try {
      metadata.requireUsable();
      return Check.run(metadata, repair, findings);
    } finally {
      metadata.lock.unlock();
    }
  }

  @Override
  public List<SnapshotInfo> snapshots() {
    return snapshots.list();
  }

  @Override
  public void createSnapshot(SnapshotInfo wanted) throws BlockIoException {
    metadata.requireUsable();
    snapshots.create(wanted);
  }

  @Override
  public void applySnapshot(String idOrName) throws BlockIoException {
    metadata.requireUsable();
    snapshots.apply(idOrName);
  }

  @Override
  public void deleteSnapshot(Optional<String> id, Optional<String> name) throws UsageException {
    refuseIfUnusable();
    snapshots.delete(id, name);
  }

  @Override
  public void loadSnapshot(Optional<String> id, Optional<String> name) throws UsageException {
    snapshots.loadTemporarily(id, name);
  }

  @Override
  public boolean storesBitmaps() {
    return metadata.geometry.version() >= 3;
  }

  @Override
  public void requireRoomForBitmap(String name, long granularity) throws UsageException {
    metadata.bitmaps.requireRoom(name, granularity);
  }

  @Override
  public void removeStoredBitmap(String name) throws UsageException {
    refuseIfUnusable();
    metadata.bitmaps.remove(name);
  }

  private void refuseIfUnusable() throws UsageException {
    try {
      metadata.requireUsable();
    } catch (BlockIoException e) {
      throw new UsageException(e.reason());
    }
  }

  @Override
  public void amend(CreateOptions options, boolean force, Progress progress)
      throws UsageException, BlockIoException {
    metadata.requireUsable();
    Amendment.amend(metadata, options, progress);
  }

  @Override
  public void readVmState(long position, ByteBuffer target) throws BlockIoException {
    long offset = vmStateAt(position, target.remaining());
    metadata.announce(QemuEvents.VMSTATE_LOAD, RequestType.READ);
    data.read(offset, target);
  }

  @Override
  public void writeVmState(long position, ByteBuffer source) throws BlockIoException {
    long offset = vmStateAt(position, source.remaining());
    metadata.announce(QemuEvents.VMSTATE_SAVE, RequestType.WRITE);
    data.write(offset, source);
  }

  /** VM state lies behind the disk, in L1 entries of its own. */
  private long vmStateOffset() {
    Geometry geometry = metadata.geometry;
    return metadata.header.diskL1Entries(geometry) * geometry.l2Reach();
  }

  private long vmStateAt(long position, long bytes) throws BlockIoException {
    long start = vmStateOffset();
    if (position < 0 || position > Long.MAX_VALUE - start - bytes) {
      throw new BlockIoException(Errno.EIO);
    }
    return start + position;
  }

  @Override
  public void reopen(OpenFlags flags, Options options) throws UsageException {
    reopening.change(flags, options);
  }

  @Override
  public void reopened() {
    reopening.done();
  }

  @Override
  public void close() {
    closing.close();
  }
}
