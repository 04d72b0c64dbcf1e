package io.faultdisk.block.logwrites;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockLimits;
import io.faultdisk.block.Child;
import io.faultdisk.block.FilterDriver;
import io.faultdisk.block.Node;
import io.faultdisk.block.RequestFlags;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * An opened blklogwrites node: passes everything on and writes it down afterwards, also what has
 * failed. Requests have whole sectors of the log. Any thread.
 */
public final class LogWritesDriver implements FilterDriver {
  private final Node file;
  private final WriteLog log;

  LogWritesDriver(Node file, WriteLog log) {
    this.file = file;
    this.log = log;
  }

  /** The nearest such node of an image, found by walking down the primary children. */
  public static Optional<LogWritesDriver> nearest(BlockBackend image) {
    Optional<Node> node = Optional.of(image.root());
    while (node.isPresent()) {
      if (node.get().driver() instanceof LogWritesDriver found) {
        return Optional.of(found);
      }
      node = node.get().primaryChild().map(Child::node);
    }
    return Optional.empty();
  }

  /** Writes a mark into the log; EINVAL if the name is too long for a sector of it. */
  public void mark(String name) throws BlockIoException {
    log.mark(name);
  }

  /** How long a mark may be, in bytes of UTF-8. */
  public int markBytesMax() {
    return log.markBytesMax();
  }

  @Override
  public OptionalLong allocatedSize() {
    return file.allocatedSize();
  }

  @Override
  public Node below() {
    return file;
  }

  /** One of the two halves of a request. */
  private interface Half {
    void run() throws BlockIoException;
  }

  /** Both, whether the first fails or not; its error is the one that counts. */
  private static void both(Half done, Half logged) throws BlockIoException {
    @Nullable BlockIoException failure = null;
    try {
      done.run();
    } catch (BlockIoException e) {
      failure = e;
    }
    try {
      logged.run();
    } catch (BlockIoException e) {
      failure = failure == null ? e : failure;
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    ByteBuffer data = source.duplicate();
    both(() -> file.write(offset, source, flags), () -> log.write(offset, data, logFlags(flags)));
  }

  @Override
  public void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    both(
        () -> file.writeZeroes(offset, bytes, flags),
        () -> log.writeZeroes(offset, bytes, logFlags(flags)));
  }

  @Override
  public void discard(long offset, long bytes) throws BlockIoException {
    if (((offset | bytes) & (log.sectorSize() - 1)) != 0) {
      throw new BlockIoException(Errno.ENOTSUP); // the log has no word for parts of sectors
    }
    both(() -> file.discard(offset, bytes), () -> log.discard(offset, bytes));
  }

  @Override
  public void flushToDisk() throws BlockIoException {
    both(file::flush, log::flush);
  }

  private static int logFlags(int flags) {
    return (flags & RequestFlags.FUA) != 0 ? LogEntry.FUA : 0;
  }

  @Override
  public BlockLimits limits(BlockLimits inherited) {
    return inherited.withRequestAlignment(log.sectorSize());
  }
}
