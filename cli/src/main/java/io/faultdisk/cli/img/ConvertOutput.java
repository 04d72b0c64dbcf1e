package io.faultdisk.cli.img;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.block.format.BitmapCommands;
import io.faultdisk.block.format.BitmapStore;
import io.faultdisk.cli.tool.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The image that {@code convert} writes to: made if need be, opened, and found to be good enough.
 *
 * <p>For one thread.
 */
final class ConvertOutput implements AutoCloseable {
  /** What is read at a time, in sectors, unless the target wants more. */
  private static final int BUFFER_SECTORS = 4096;

  private static final int BUFFER_SECTORS_MAX = 32768;

  private final ImgSession session;
  private final ConvertArguments arguments;
  private final NewImage created;
  private final BlockBackend image;
  private final ConvertTarget target;

  /** Makes and opens it. */
  ConvertOutput(
      ImgSession session, ConvertArguments arguments, NewImage created, List<ConvertSource> sources)
      throws Refusal {
    this.session = session;
    this.arguments = arguments;
    this.created = created;
    created.create();
    this.image = open();
    boolean done = false;
    try {
      this.target = examine(sources.getLast().end());
      done = true;
    } finally {
      if (!done) {
        image.close();
      }
    }
  }

  private BlockBackend open() throws Refusal {
    OpenFlags flags =
        ImageSource.withCache(
            session,
            ImageSource.WRITE.withUnmap(arguments.settings().minSparse() > 0),
            "cache",
            arguments.cache);
    if (flags.direct()) {
      // The file may have to grow to a whole block.
      flags = flags.with(OpenFlags.Mode.RESIZE);
    }
    return new ImageSource(
            arguments.target().orElse(""), arguments.newFormat, arguments.targetImageOptions, false)
        .open(session, flags);
  }

  private ConvertTarget examine(long sectors) throws Refusal {
    Node node = image.root();
    if (arguments.bitmaps
        && !(node.driver() instanceof BitmapStore store && store.storesBitmaps())) {
      throw session.failed("Format driver '" + node.type().name() + "' does not support bitmaps");
    }
    if (arguments.compressed && !node.type().writesCompressed()) {
      throw session.failed("Compression not supported for this file format");
    }
    int buffer =
        Math.min(
            BUFFER_SECTORS_MAX,
            Math.max(BUFFER_SECTORS, node.limits().discardAlignment() / SectorScan.SECTOR));
    int alignment =
        Math.max(
            Integer.highestOneBit(arguments.settings().minSparse()),
            (node.limits().requestAlignment() + SectorScan.SECTOR - 1) / SectorScan.SECTOR);
    if (arguments.skipCreate) {
      requireRoom(sectors);
    }
    long backingSectors = -1;
    if (created.hasBacking() && !arguments.skipCreate) {
      backingSectors = backingSectors(node);
    }
    OptionalInt cluster = clusterSize(node);
    if (cluster.isEmpty() && arguments.compressed) {
      throw session.failed("could not get block driver info");
    }
    int clusterSectors = cluster.orElse(0) / SectorScan.SECTOR;
    if (arguments.compressed && (clusterSectors <= 0 || clusterSectors > buffer)) {
      throw session.failed("invalid cluster size");
    }
    return new ConvertTarget(
        image, created.hasBacking(), backingSectors, clusterSectors, buffer, alignment);
  }

  private void requireRoom(long sectors) throws Refusal {
    try {
      if (image.length() / SectorScan.SECTOR < sectors) {
        throw session.failed("output file is smaller than input file");
      }
    } catch (BlockIoException e) {
      throw session.failed("unable to get output image length: " + e.errno().text());
    }
  }

  /** Negative if unknown. */
  private static long backingSectors(Node node) {
    Optional<Node> backing = node.backing();
    if (backing.isEmpty()) {
      return -1;
    }
    try {
      return backing.get().length() / SectorScan.SECTOR;
    } catch (BlockIoException e) {
      return -1; // only good for making it faster
    }
  }

  /** The size of an image's clusters in bytes; 0 if it has none, empty if it does not say. */
  static OptionalInt clusterSize(Node node) {
    try {
      return OptionalInt.of(node.driver().info().clusterSize());
    } catch (BlockIoException e) {
      return OptionalInt.empty();
    }
  }

  ConvertTarget target() {
    return target;
  }

  /**
   * Whether what is not written reads as zeroes: by the user's word, or since the image is new. A
   * new file reads as zeroes, and so does everything that is made of new files.
   */
  boolean readsAsZeroes() {
    ConvertSettings settings = arguments.settings();
    boolean isNew = !arguments.skipCreate && image.root().backing().isEmpty();
    return settings.zeroTarget() || (isNew && settings.minSparse() > 0 && !created.hasBacking());
  }

  /** Copies the persistent bitmaps of the source, if wanted. */
  void copyBitmaps(Node source) throws Refusal {
    if (!arguments.bitmaps) {
      return;
    }
    BitmapCommands target = new BitmapCommands(image.root());
    for (DirtyBitmap bitmap : new BitmapCommands(source).persistent()) {
      String name = bitmap.name();
      if (arguments.skipBroken && bitmap.inconsistent()) {
        session.console().warn("Skipping inconsistent bitmap '" + name + "'");
        continue;
      }
      try {
        target.add(
            name,
            OptionalLong.of(bitmap.granularity()),
            true,
            bitmap.enabled() ? BitmapCommands.Mode.ENABLED : BitmapCommands.Mode.DISABLED);
      } catch (UsageException refused) {
        throw session.failed("Failed to create bitmap " + name + ": ", refused);
      }
      try {
        target.merge(name, source, name);
      } catch (UsageException refused) {
        remove(target, name);
        throw session.failed("Failed to populate bitmap " + name + ": ", refused);
      }
    }
  }

  private static void remove(BitmapCommands target, String name) {
    try {
      target.remove(name);
    } catch (UsageException e) {
      // It stays as it is; the failure that brought us here is the one to report.
    }
  }

  @Override
  public void close() {
    image.close();
  }
}
