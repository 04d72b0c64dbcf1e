package io.faultdisk.cli.img;

import io.faultdisk.block.BackingChain;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockStatus;
import io.faultdisk.posix.AlignedBuffers;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Compares the content of two images.
 *
 * <p>What both know to be zero is not read. If only one of them holds a range, that one must be
 * zero there. An image that is longer must be zero behind the end of the other.
 *
 * <p>For one thread, used once. Source: the order of requests of QEMU 7.2, qemu-img.c.
 */
final class Comparison {
  private static final int CHUNK = 2 << 20;
  private static final int ALIGNMENT = 4096;

  /** How a comparison ends; the code is what the tool exits with. */
  enum Outcome {
    SAME(0),
    DIFFERENT(1),
    STATUS_UNKNOWN(3),
    UNREADABLE(4);

    private final int exitCode;

    Outcome(int exitCode) {
      this.exitCode = exitCode;
    }

    int exitCode() {
      return exitCode;
    }
  }

  /** What is told about the comparison. */
  interface Report {
    /** A result. */
    void result(String line);

    /** Why the comparison had to be given up. */
    void error(String text);

    /** So many percent more are done. */
    void progress(double percent);
  }

  /** An image and what the user calls it. */
  record Side(BlockBackend image, String name) {}

  /** The comparison is over. */
  private static final class Over extends Exception {
    private static final long serialVersionUID = 1L;

    private final Outcome outcome;

    Over(Outcome outcome) {
      super(outcome.name(), null, false, false);
      this.outcome = outcome;
    }
  }

  private final Side a;
  private final Side b;
  private final boolean strict;
  private final Report report;
  private final ByteBuffer bufferA = AlignedBuffers.allocate(CHUNK, ALIGNMENT);
  private final ByteBuffer bufferB = AlignedBuffers.allocate(CHUNK, ALIGNMENT);

  /**
   * A comparison.
   *
   * @param strict sizes and block status must be the same, too
   */
  Comparison(Side a, Side b, boolean strict, Report report) {
    this.a = a;
    this.b = b;
    this.strict = strict;
    this.report = report;
  }

  /** Compares; everything but the outcome has been reported. */
  Outcome run() {
    try {
      compare();
      report.result("Images are identical.");
      return Outcome.SAME;
    } catch (Over over) {
      return over.outcome;
    }
  }

  private void compare() throws Over {
    long lengthA = length(a);
    long lengthB = length(b);
    long longest = Math.max(lengthA, lengthB);
    report.progress(0);
    if (strict && lengthA != lengthB) {
      report.result("Strict mode: Image size mismatch!");
      throw new Over(Outcome.DIFFERENT);
    }
    long offset = 0;
    while (offset < Math.min(lengthA, lengthB)) {
      long chunk = compareAt(offset, lengthA, lengthB);
      offset += chunk;
      report.progress((float) chunk / longest * 100);
    }
    if (lengthA != lengthB) {
      report.result("Warning: Image size mismatch!");
      rest(lengthA > lengthB ? a : b, offset, longest);
    }
  }

  private long length(Side side) throws Over {
    try {
      return side.image().length();
    } catch (BlockIoException e) {
      report.error("Can't get size of " + side.name() + ": " + e.errno().text());
      throw new Over(Outcome.UNREADABLE);
    }
  }

  private long compareAt(long offset, long lengthA, long lengthB) throws Over {
    BlockStatus statusA = status(a, offset, lengthA - offset);
    BlockStatus statusB = status(b, offset, lengthB - offset);
    long chunk = Math.min(statusA.bytes(), statusB.bytes());
    if (strict && !alike(statusA, statusB)) {
      report.result("Strict mode: Offset " + offset + " block status mismatch!");
      throw new Over(Outcome.DIFFERENT);
    }
    boolean bothZero = statusA.zero() && statusB.zero();
    boolean neither = !statusA.allocated() && !statusB.allocated();
    if (bothZero || neither) {
      return chunk;
    }
    int bytes = (int) Math.min(chunk, CHUNK);
    if (statusA.allocated() && statusB.allocated()) {
      compareData(offset, bytes);
    } else {
      requireZero(statusA.allocated() ? a : b, offset, bytes);
    }
    return bytes;
  }

  private static boolean alike(BlockStatus a, BlockStatus b) {
    return a.allocated() == b.allocated()
        && a.data() == b.data()
        && a.zero() == b.zero()
        && a.end() == b.end()
        && a.host().isPresent() == b.host().isPresent();
  }

  private BlockStatus status(Side side, long offset, long bytes) throws Over {
    try {
      return BackingChain.status(side.image().root(), Optional.empty(), offset, bytes).status();
    } catch (BlockIoException e) {
      report.error("Sector allocation test failed for " + side.name());
      throw new Over(Outcome.STATUS_UNKNOWN);
    }
  }

  private void compareData(long offset, int bytes) throws Over {
    read(a, offset, bytes, bufferA);
    read(b, offset, bytes, bufferB);
    int same = SectorScan.sameBytes(bufferA, bufferB, 0, bytes);
    if (same < bytes) {
      throw mismatch(offset + same);
    }
  }

  private void requireZero(Side side, long offset, int bytes) throws Over {
    read(side, offset, bytes, bufferA);
    int zeroes = SectorScan.zeroBytes(bufferA, 0, bytes);
    if (zeroes < bytes) {
      throw mismatch(offset + zeroes);
    }
  }

  private Over mismatch(long offset) {
    report.result("Content mismatch at offset " + offset + "!");
    return new Over(Outcome.DIFFERENT);
  }

  private void read(Side side, long offset, int bytes, ByteBuffer buffer) throws Over {
    try {
      side.image().read(offset, buffer.clear().limit(bytes));
    } catch (BlockIoException e) {
      report.error(
          "Error while reading offset " + offset + " of " + side.name() + ": " + e.errno().text());
      throw new Over(Outcome.UNREADABLE);
    }
  }

  /** The longer image behind the end of the shorter one. */
  private void rest(Side side, long from, long end) throws Over {
    long offset = from;
    while (offset < end) {
      BlockStatus status = status(side, offset, end - offset);
      long chunk = status.bytes();
      if (status.allocated() && !status.zero()) {
        chunk = Math.min(chunk, CHUNK);
        requireZero(side, offset, (int) chunk);
      }
      offset += chunk;
      report.progress((float) chunk / end * 100);
    }
  }
}
