package io.faultdisk.cli.img;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BackingChain;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockStatus;
import io.faultdisk.block.Node;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Divides the images to convert into parts of which each is data, zeroes, or left to the target's
 * backing file.
 *
 * <p>The source is asked for its block status as far as it knows at once, and the answer is used up
 * in pieces of at most a buffer. For one thread at a time: parts are asked for in order.
 *
 * <p>Source: the parts of QEMU 7.2, qemu-img.c, convert_iteration_sectors().
 */
final class ConvertMap {
  /** Longest part, in sectors. */
  private static final int PART_MAX = Node.REQUEST_MAX / SectorScan.SECTOR;

  /** What is in a part. */
  enum Kind {
    DATA,
    ZERO,
    BACKING
  }

  /** A part, in sectors. */
  record Part(long sector, int sectors, Kind kind) {
    long offset() {
      return sector * SectorScan.SECTOR;
    }

    int bytes() {
      return sectors * SectorScan.SECTOR;
    }
  }

  private final List<ConvertSource> sources;
  private final ConvertSettings settings;
  private final boolean targetHasBacking;
  private final long backingSectors;
  private final int clusterSectors;
  private final int bufferSectors;
  private final long total;
  private final Consumer<String> warnings;
  private Kind kind = Kind.DATA;
  private long known;

  /**
   * A map that knows nothing yet.
   *
   * @param warnings told of what could not be read, when salvaging
   */
  ConvertMap(
      List<ConvertSource> sources,
      ConvertSettings settings,
      ConvertTarget target,
      Consumer<String> warnings) {
    this.sources = sources;
    this.settings = settings;
    this.targetHasBacking = target.hasBacking();
    this.backingSectors = target.backingSectors();
    this.clusterSectors = target.clusterSectors();
    this.bufferSectors = settings.compressed() ? target.clusterSectors() : target.bufferSectors();
    this.total = sources.getLast().end();
    this.warnings = warnings;
  }

  /** Length of the result. */
  long total() {
    return total;
  }

  /** Longest part that is data. */
  int bufferSectors() {
    return bufferSectors;
  }

  /** Starts from the beginning, asking again. */
  void restart() {
    known = 0;
  }

  /** The source in which a sector of the result lies. */
  ConvertSource source(long sector) {
    for (ConvertSource source : sources) {
      if (sector < source.end()) {
        return source;
      }
    }
    throw new IllegalArgumentException("sector " + sector + " is behind the end");
  }

  /**
   * The part that begins at a sector.
   *
   * @throws UsageException if the source's block status cannot be had
   */
  Part part(long sector) throws UsageException {
    long length = Math.min(total - sector, PART_MAX);
    boolean behindBacking = false;
    if (backingSectors >= 0) {
      behindBacking = sector >= backingSectors;
      if (!behindBacking) {
        length = Math.min(length, backingSectors - sector);
      }
    }
    if (known <= sector) {
      length = ask(sector, length, behindBacking);
    }
    length = Math.min(length, known - sector);
    if (kind == Kind.DATA) {
      length = Math.min(length, bufferSectors);
    }
    if (settings.compressed()) {
      if (length < clusterSectors) {
        // Compressed clusters are written as a whole, so this one counts as data.
        length = Math.min(clusterSectors, total - sector);
        kind = Kind.DATA;
      } else {
        length -= length % clusterSectors;
      }
    }
    return new Part(sector, (int) length, kind);
  }

  private long ask(long sector, long wanted, boolean behindBacking) throws UsageException {
    ConvertSource source = source(sector);
    Node node = source.image().root();
    Optional<Node> base =
        targetHasBacking ? BackingChain.skipFilters(node).backing() : Optional.empty();
    long offset = source.offset(sector);
    long length = wanted;
    Kind found;
    while (true) {
      try {
        BlockStatus status =
            BackingChain.status(node, base, offset, length * SectorScan.SECTOR).status();
        length = (status.bytes() + SectorScan.SECTOR - 1) / SectorScan.SECTOR;
        found = kindOf(status, behindBacking);
        break;
      } catch (BlockIoException e) {
        String what =
            "error while reading block status at offset " + offset + ": " + e.errno().text();
        if (!settings.salvage()) {
          throw new UsageException(what);
        }
        if (length == 1) {
          if (!settings.quiet()) {
            warnings.accept(what);
          }
          found = Kind.DATA; // the read may know better
          break;
        }
        length = (length + 3) / 4;
      }
    }
    // Parts that end in the middle of a cluster would mean to read it twice.
    long tail = (sector - source.start() + length) % source.alignment();
    if (length > tail) {
      length -= tail;
    }
    kind = found;
    known = sector + length;
    return length;
  }

  private Kind kindOf(BlockStatus status, boolean behindBacking) {
    if (status.zero()) {
      return behindBacking ? Kind.BACKING : Kind.ZERO;
    }
    return status.data() || !targetHasBacking ? Kind.DATA : Kind.BACKING;
  }
}
