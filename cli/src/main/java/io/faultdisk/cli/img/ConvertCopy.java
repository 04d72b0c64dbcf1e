package io.faultdisk.cli.img;

import io.faultdisk.base.TurnLock;
import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.cli.img.ConvertMap.Kind;
import io.faultdisk.cli.img.ConvertMap.Part;
import io.faultdisk.posix.AlignedBuffers;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Copies the parts of a {@link ConvertMap} to the target, by several workers.
 *
 * <p>A worker takes the next part, reads it, waits until the parts before it are written, and
 * writes it. The first failure stops all of them; those that fail at the same time report it, too.
 *
 * <p>Any number of threads call {@link #work}; the rest is for the one that made it.
 */
final class ConvertCopy {
  private static final int ALIGNMENT = 4096;

  private final ConvertMap map;
  private final ConvertSettings settings;
  private final ConvertTarget target;
  private final BlockBackend image;
  private final SparseRuns runs;
  private final boolean skipZeroes;
  private final Messages messages;
  private final Consumer<Double> progress;
  private final TurnLock lock;
  private final WriteOrder order;
  private final Pace pace;
  private long allocatedSectors;
  private long next;
  private long doneSectors;
  private volatile boolean failed;

  /** Where texts for the user go; complete, but without the tool's name. */
  interface Messages {
    /** What went wrong. */
    void error(String text);

    /** What was put up with. */
    void warning(String text);
  }

  /**
   * A copy that has not begun.
   *
   * @param turns who decides about waiting: the same as for the images
   * @param skipZeroes what is not written reads as zeroes
   * @param progress told how many of 100 percent are done
   */
  ConvertCopy(
      ConvertMap map,
      ConvertSettings settings,
      ConvertTarget target,
      boolean skipZeroes,
      Turns turns,
      Pace pace,
      Messages messages,
      Consumer<Double> progress) {
    this.map = map;
    this.settings = settings;
    this.target = target;
    this.image = target.image();
    this.runs = new SparseRuns(settings.minSparse(), target.alignment());
    this.skipZeroes = skipZeroes;
    this.messages = messages;
    this.progress = progress;
    this.lock = new TurnLock(turns);
    this.order = new WriteOrder(turns);
    this.pace = pace;
  }

  /** Goes through the whole map once, to know how much there is to copy. */
  void prepare() throws UsageException {
    long sector = 0;
    while (sector < map.total()) {
      Part part = map.part(sector);
      if (isCopied(part.kind())) {
        allocatedSectors += part.sectors();
      }
      sector += part.sectors();
    }
    map.restart();
  }

  /** Whether a worker has failed. */
  boolean failed() {
    return failed;
  }

  /** Copies parts until none is left, or one has failed. */
  void work() {
    boolean done = false;
    try {
      ByteBuffer buffer =
          AlignedBuffers.allocate(map.bufferSectors() * SectorScan.SECTOR, ALIGNMENT);
      for (Optional<Part> part = next(); part.isPresent(); part = next()) {
        copy(part.get(), buffer.clear());
      }
      done = true;
    } finally {
      if (!done) {
        giveUp(); // or the others would wait for this one
      }
    }
  }

  /** Takes the next part; nothing if there is none, or a worker has failed. */
  private Optional<Part> next() {
    lock.lock();
    try {
      if (failed || next >= map.total()) {
        return Optional.empty();
      }
      Part part = map.part(next);
      if (isCopied(part.kind())) {
        int sectors =
            part.kind() == Kind.ZERO
                ? Math.min(part.sectors(), map.bufferSectors())
                : part.sectors();
        part = new Part(part.sector(), sectors, part.kind());
        doneSectors += sectors;
        progress.accept(100.0 * doneSectors / allocatedSectors);
      }
      next += part.sectors();
      return Optional.of(part);
    } catch (UsageException e) {
      fail(e.getMessage());
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** With {@code -S 0} zeroes are copied like data. */
  private boolean isCopied(Kind kind) {
    return switch (kind) {
      case DATA -> true;
      case ZERO -> settings.minSparse() == 0;
      case BACKING -> false;
    };
  }

  private void copy(Part part, ByteBuffer buffer) {
    if (part.kind() == Kind.DATA) {
      try {
        read(part, buffer);
      } catch (BlockIoException e) {
        fail("error while reading at byte " + part.offset() + ": " + e.errno().text());
      }
    } else if (isCopied(part.kind())) {
      SectorScan.zero(buffer, 0, part.bytes());
    }
    if (settings.inOrder()) {
      order.await(part.sector());
    }
    if (!failed) {
      try {
        write(part, buffer);
      } catch (BlockIoException e) {
        fail("error while writing at byte " + part.offset() + ": " + e.errno().text());
      }
    }
    order.written(part.sector() + part.sectors());
  }

  private synchronized void fail(String message) {
    messages.error(message);
    giveUp();
  }

  private void giveUp() {
    failed = true;
    order.giveUp();
  }

  private void read(Part part, ByteBuffer buffer) throws BlockIoException {
    long sector = part.sector();
    int left = part.sectors();
    while (left > 0) {
      // A compressed cluster may lie in more than one source.
      ConvertSource source = map.source(sector);
      int sectors = (int) Math.min(left, source.end() - sector);
      int from = (int) (sector - part.sector()) * SectorScan.SECTOR;
      read(source.image(), source.offset(sector), buffer, from, sectors);
      sector += sectors;
      left -= sectors;
    }
  }

  private void read(BlockBackend source, long offset, ByteBuffer buffer, int from, int sectors)
      throws BlockIoException {
    int bytes = sectors * SectorScan.SECTOR;
    try {
      source.read(offset, buffer.limit(from + bytes).position(from));
    } catch (BlockIoException e) {
      if (!settings.salvage()) {
        throw e;
      }
      if (sectors > 1) {
        for (int i = 0; i < sectors; i++) {
          int skip = i * SectorScan.SECTOR;
          read(source, offset + skip, buffer, from + skip, 1);
        }
        return;
      }
      if (!settings.quiet()) {
        warn("error while reading offset " + offset + ": " + e.errno().text());
      }
      SectorScan.zero(buffer, from, SectorScan.SECTOR);
    }
  }

  private synchronized void warn(String text) {
    messages.warning(text);
  }

  private void write(Part part, ByteBuffer buffer) throws BlockIoException {
    switch (part.kind()) {
      case BACKING -> {}
      case ZERO -> {
        if (isCopied(part.kind())) {
          writeData(part, buffer);
        } else {
          zero(part.offset(), part.bytes());
        }
      }
      case DATA -> writeData(part, buffer);
    }
  }

  private void writeData(Part part, ByteBuffer buffer) throws BlockIoException {
    if (settings.minSparse() == 0 || settings.copyRange()) {
      put(part.offset(), buffer, 0, part.bytes());
      return;
    }
    if (settings.compressed()) {
      if (SectorScan.isZero(buffer, 0, part.bytes())) {
        zero(part.offset(), part.bytes());
      } else {
        put(part.offset(), buffer, 0, part.bytes());
      }
      return;
    }
    int done = 0;
    while (done < part.sectors()) {
      int run = runs.next(buffer, done, part.sectors() - done, part.sector() + done);
      int from = done * SectorScan.SECTOR;
      int bytes = Math.abs(run) * SectorScan.SECTOR;
      if (run > 0) {
        put(part.offset() + from, buffer, from, bytes);
      } else {
        zero(part.offset() + from, bytes);
      }
      done += Math.abs(run);
    }
  }

  private void put(long offset, ByteBuffer buffer, int from, int bytes) throws BlockIoException {
    pace.before(bytes);
    int flags = settings.compressed() ? RequestFlags.COMPRESSED : RequestFlags.NONE;
    image.write(offset, buffer.limit(from + bytes).position(from), flags);
    buffer.clear(); // whoever looks for zeroes looks at all of it
  }

  private void zero(long offset, int bytes) throws BlockIoException {
    if (!skipZeroes) {
      pace.before(bytes);
      image.writeZeroes(offset, bytes, RequestFlags.MAY_UNMAP);
    }
  }

  /** After the last compressed write: the file is made as long as its format wants it. */
  void finishCompressed() throws BlockIoException {
    target.image().writeCompressed(0, ByteBuffer.allocate(0));
  }
}
