package io.faultdisk.nbd.server;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockLimits;
import io.faultdisk.block.Child;
import io.faultdisk.block.Node;
import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.nbd.ExportFlag;
import io.faultdisk.nbd.NbdLimits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An image as clients see it: a name, a size, and what they may do.
 *
 * <p>The size is the image's at the time the export is made. The image stays open as long as its
 * owner likes: closing a server closes no image.
 *
 * <p>Immutable; safe from any thread.
 */
public final class Export {
  private static final int SECTOR = 512;

  private final BlockBackend image;
  private final Settings settings;
  private final long size;
  private final BlockLimits limits;
  private final List<MetaContext> contexts;
  private final boolean slow;
  private final ConnectionFaults faults;

  /**
   * How an image is shown.
   *
   * @param name what clients ask for, up to 4096 bytes of UTF-8; {@code ""} is the default export
   * @param description a text for people
   * @param readOnly refuses all that changes the image
   * @param multiConn tells clients that they may use several connections at once
   * @param allocationDepth offers {@code qemu:allocation-depth}
   * @param bitmaps offered as {@code qemu:dirty-bitmap:NAME}
   */
  public record Settings(
      String name,
      Optional<String> description,
      boolean readOnly,
      boolean multiConn,
      boolean allocationDepth,
      List<DirtyBitmap> bitmaps) {

    /** A writable export with that name and nothing else. */
    public static Settings named(String name) {
      return new Settings(name, Optional.empty(), false, true, false, List.of());
    }

    public Settings {
      bitmaps = List.copyOf(bitmaps);
      if (tooLong(name) || description.filter(Settings::tooLong).isPresent()) {
        throw new IllegalArgumentException("export name or description too long");
      }
    }

    private static boolean tooLong(String text) {
      return text.getBytes(StandardCharsets.UTF_8).length > NbdLimits.STRING_BYTES_MAX;
    }

    /** The same with a text for people. */
    public Settings withDescription(String text) {
      return new Settings(name, Optional.of(text), readOnly, multiConn, allocationDepth, bitmaps);
    }

    /** The same, read-only or not. */
    public Settings withReadOnly(boolean on) {
      return new Settings(name, description, on, multiConn, allocationDepth, bitmaps);
    }

    /** The same, for several connections of a client or not. */
    public Settings withMultiConn(boolean on) {
      return new Settings(name, description, readOnly, on, allocationDepth, bitmaps);
    }

    /** The same with the depth of allocation, or without. */
    public Settings withAllocationDepth(boolean on) {
      return new Settings(name, description, readOnly, multiConn, on, bitmaps);
    }

    /** The same with these bitmaps. */
    public Settings withBitmaps(List<DirtyBitmap> offered) {
      return new Settings(
          name, description, readOnly, multiConn, allocationDepth, List.copyOf(offered));
    }
  }

  /**
   * Makes an image ready to be served.
   *
   * @throws BlockIoException if its length cannot be found out
   */
  public Export(BlockBackend image, Settings settings) throws BlockIoException {
    this.image = image;
    this.settings = settings;
    this.size = image.length() & -SECTOR;
    this.limits = image.root().limits();
    this.contexts = contexts(settings);
    this.slow = bypassesCache(image.root());
    this.faults = new ConnectionFaults(image);
  }

  private static List<MetaContext> contexts(Settings settings) {
    List<MetaContext> contexts = new ArrayList<>();
    contexts.add(new MetaContext.Allocation());
    if (settings.allocationDepth()) {
      contexts.add(new MetaContext.Depth());
    }
    int id = MetaContext.Dirty.FIRST_ID;
    for (DirtyBitmap bitmap : settings.bitmaps()) {
      contexts.add(new MetaContext.Dirty(id++, bitmap));
    }
    return List.copyOf(contexts);
  }

  /** Whether a read has to wait for the device, as far as the way the image is open tells. */
  private static boolean bypassesCache(Node node) {
    if (node.flags().direct()) {
      return true;
    }
    for (Child child : node.children()) {
      if (bypassesCache(child.node())) {
        return true;
      }
    }
    return false;
  }

  /** The image, for requests. */
  public BlockBackend image() {
    return image;
  }

  /** What clients ask for. */
  public String name() {
    return settings.name();
  }

  /** A text for people. */
  public Optional<String> description() {
    return settings.description();
  }

  /** Bytes, a multiple of 512. */
  public long size() {
    return size;
  }

  /** Whether changes are refused. */
  public boolean readOnly() {
    return settings.readOnly();
  }

  /** What requests should be multiples of, in bytes. */
  int blockBytesMin() {
    return limits.requestAlignment();
  }

  /** What they had best be multiples of, in bytes. */
  int blockBytesPreferred() {
    return Math.max(NbdLimits.PREFERRED_BLOCK_BYTES, blockBytesMin());
  }

  /** The longest read or write that the image takes in one piece, in bytes. */
  int blockBytesMax() {
    int transfer = limits.maxTransfer();
    return transfer == 0
        ? NbdLimits.PAYLOAD_BYTES_MAX
        : Math.min(transfer, NbdLimits.PAYLOAD_BYTES_MAX);
  }

  /** All that it can tell about its extents. */
  List<MetaContext> contexts() {
    return contexts;
  }

  /** Whether every read and write may take long. */
  boolean isSlow() {
    return slow;
  }

  /** What the image's rules say about connections. */
  ConnectionFaults faults() {
    return faults;
  }

  /** The {@link ExportFlag}s that a client of this mode sees. */
  int flags(ReplyMode mode) {
    int flags =
        ExportFlag.HAS_FLAGS.bit()
            | ExportFlag.SEND_FLUSH.bit()
            | ExportFlag.SEND_FUA.bit()
            | ExportFlag.SEND_CACHE.bit();
    if (settings.multiConn()) {
      flags |= ExportFlag.CAN_MULTI_CONN.bit();
    }
    if (settings.readOnly()) {
      flags |= ExportFlag.READ_ONLY.bit();
    } else {
      flags |=
          ExportFlag.SEND_TRIM.bit()
              | ExportFlag.SEND_WRITE_ZEROES.bit()
              | ExportFlag.SEND_FAST_ZERO.bit();
    }
    if (mode != ReplyMode.SIMPLE) {
      flags |= ExportFlag.SEND_DF.bit();
    }
    if (mode == ReplyMode.EXTENDED) {
      flags |= ExportFlag.BLOCK_STATUS_PAYLOAD.bit();
    }
    return flags;
  }
}
