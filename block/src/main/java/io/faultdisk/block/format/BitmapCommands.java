package io.faultdisk.block.format;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.bitmap.DirtyBitmap;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What users can do with the dirty bitmaps of a node, with QEMU's rules and texts.
 *
 * <p>No request may be in flight that the outcome depends on; otherwise any thread.
 *
 * <p>Source: the commands {@code block-dirty-bitmap-*} of QEMU 7.2,
 * block/monitor/bitmap-qmp-cmds.c.
 */
public final class BitmapCommands {
  private static final int NAME_MAX = 1023;
  private static final long GRANULARITY_LEAST = 4096;
  private static final long GRANULARITY_DEFAULT = 65536;
  private static final int SECTOR = 512;

  private final Node node;

  /** Commands for the bitmaps of {@code node}. */
  public BitmapCommands(Node node) {
    this.node = node;
  }

  /** How a new bitmap begins. */
  public enum Mode {
    ENABLED,
    DISABLED
  }

  /**
   * Makes a new bitmap with nothing dirty.
   *
   * @param granularity bytes per bit; by default the cluster size, within 4 KiB and 64 KiB
   * @param persistent keep it in the image
   */
  public DirtyBitmap add(String name, OptionalLong granularity, boolean persistent, Mode mode)
      throws UsageException {
    if (name.isEmpty()) {
      throw new UsageException("Bitmap name cannot be empty");
    }
    long bytesPerBit = granularity.isPresent() ? granularity.getAsLong() : defaultGranularity();
    if (bytesPerBit < SECTOR || Long.bitCount(bytesPerBit) != 1) {
      throw new UsageException("Granularity must be power of 2 and at least 512");
    }
    if (persistent) {
      requireRoom(name, bytesPerBit);
    }
    DirtyBitmap bitmap = create(node, name, bytesPerBit);
    bitmap.enabled(mode == Mode.ENABLED);
    bitmap.persistent(persistent);
    node.bitmaps().add(bitmap);
    return bitmap;
  }

  private void requireRoom(String name, long bytesPerBit) throws UsageException {
    if (!(node.driver() instanceof BitmapStore store)) {
      throw new UsageException(
          "Can't store persistent bitmaps to " + node.name() + ": " + Errno.ENOTSUP.text());
    }
    store.requireRoomForBitmap(name, bytesPerBit);
  }

  private static DirtyBitmap create(Node node, String name, long bytesPerBit)
      throws UsageException {
    if (node.bitmaps().find(name).isPresent()) {
      throw new UsageException("Bitmap already exists: " + name);
    }
    if (name.getBytes(StandardCharsets.UTF_8).length > NAME_MAX) {
      throw new UsageException("Bitmap name too long: " + name);
    }
    try {
      return new DirtyBitmap(name, node.length(), bytesPerBit);
    } catch (BlockIoException e) {
      throw new UsageException("could not get length of device: " + e.errno().text());
    }
  }

  private long defaultGranularity() {
    try {
      int cluster = node.driver().info().clusterSize();
      if (cluster > 0) {
        return Math.clamp(cluster, GRANULARITY_LEAST, GRANULARITY_DEFAULT);
      }
    } catch (BlockIoException e) {
      // A driver without such information has no clusters.
    }
    return GRANULARITY_DEFAULT;
  }

  /** Removes a bitmap, from the image too if it is persistent. */
  public void remove(String name) throws UsageException {
    DirtyBitmap bitmap = find(name);
    bitmap.requireNotReadOnly();
    if (bitmap.persistent() && node.driver() instanceof BitmapStore store) {
      store.removeStoredBitmap(name);
    }
    node.bitmaps().remove(bitmap);
  }

  /** Marks everything clean. */
  public void clear(String name) throws UsageException {
    DirtyBitmap bitmap = find(name);
    bitmap.requireWritable();
    bitmap.clear();
  }

  /** From now on writes are recorded. */
  public void enable(String name) throws UsageException {
    usable(name).enabled(true);
  }

  /** From now on writes are not recorded. */
  public void disable(String name) throws UsageException {
    usable(name).enabled(false);
  }

  private DirtyBitmap usable(String name) throws UsageException {
    DirtyBitmap bitmap = find(name);
    bitmap.requireConsistent();
    return bitmap;
  }

  /** Adds what is dirty in {@code source}'s bitmap of that name to our bitmap {@code target}. */
  public void merge(String target, Node source, String sourceName) throws UsageException {
    DirtyBitmap bitmap = find(target);
    bitmap.merge(new BitmapCommands(source).find(sourceName));
  }

  private DirtyBitmap find(String name) throws UsageException {
    return node.bitmaps()
        .find(name)
        .orElseThrow(() -> new UsageException("Dirty bitmap '" + name + "' not found"));
  }

  /** The first persistent bitmap, in the order in which they are copied, that cannot be copied. */
  public Optional<DirtyBitmap> firstInconsistent() {
    return persistent().stream().filter(DirtyBitmap::inconsistent).findFirst();
  }

  /** The persistent bitmaps, newest first. */
  public List<DirtyBitmap> persistent() {
    return node.bitmaps().all().stream().filter(DirtyBitmap::persistent).toList();
  }
}
