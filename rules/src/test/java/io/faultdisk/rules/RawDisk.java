package io.faultdisk.rules;

import io.faultdisk.base.Errno;
import java.util.ArrayList;
import java.util.List;

/**
 * Plays what QEMU's raw driver and generic layer do on top of blkdebug: which events they announce
 * and which requests they send, with a write-through cache as qemu-io has by default.
 *
 * <p>A request is written as qemu-io takes it: {@code read 0 512}, {@code write -z 0 512}, {@code
 * map}.
 */
final class RawDisk {
  static final long BYTES = 64 * 1024;

  private final FaultEngine engine;

  // Writes done and writes covered by the last good flush, for the raw node and for blkdebug below
  // it.
  private int written;
  private int flushed;
  private int writtenBelow;
  private int flushedBelow;

  /** Opens the disk. */
  RawDisk(List<Rule> rules) {
    engine = new FaultEngine(rules);
    engine.announce(QemuEvents.NONE);
  }

  /** What each command comes to. */
  List<Errno> run(List<String> commands) {
    List<Errno> outcomes = new ArrayList<>();
    for (String command : commands) {
      outcomes.add(run(command));
    }
    return outcomes;
  }

  private Errno run(String command) {
    String[] words = command.split(" ");
    long offset = words.length < 3 ? 0 : Long.parseLong(words[words.length - 2]);
    long bytes = words.length < 3 ? BYTES : Long.parseLong(words[words.length - 1]);
    switch (words[0]) {
      case "read":
        announce(QemuEvents.READ_AIO, RequestType.READ, offset, bytes);
        return check(RequestType.READ, offset, bytes);
      case "write":
        boolean zeroes = words[1].equals("-z");
        return zeroes ? writeZeroes(offset, bytes) : write(offset, bytes);
      case "discard":
        Errno discarded = check(RequestType.DISCARD, offset, bytes);
        writtenBelow++;
        written++;
        return discarded;
      case "map":
        return check(RequestType.BLOCK_STATUS, offset, bytes);
      case "flush":
        return flush();
      default:
        throw new IllegalArgumentException(command);
    }
  }

  private Errno write(long offset, long bytes) {
    announce(QemuEvents.WRITE_AIO, RequestType.WRITE, offset, bytes);
    announce(QemuEvents.PWRITEV, RequestType.WRITE, offset, bytes);
    return finish(RequestType.WRITE, offset, bytes);
  }

  private Errno writeZeroes(long offset, long bytes) {
    announce(QemuEvents.PWRITEV_ZERO, RequestType.WRITE_ZEROES, offset, bytes);
    return finish(RequestType.WRITE_ZEROES, offset, bytes);
  }

  private Errno finish(RequestType type, long offset, long bytes) {
    Errno outcome = check(type, offset, bytes);
    announce(QemuEvents.PWRITEV_DONE, type, offset, bytes);
    writtenBelow++;
    if (outcome.equals(Errno.SUCCESS)) {
      // Write-through; the write itself is not yet counted above.
      outcome = flush();
    }
    written++;
    return outcome;
  }

  private Errno flush() {
    int covered = written;
    announce(QemuEvents.FLUSH_TO_OS, RequestType.FLUSH, 0, 0);
    if (flushed != written) {
      announce(QemuEvents.FLUSH_TO_DISK, RequestType.FLUSH, 0, 0);
    }
    if (flushedBelow != writtenBelow) {
      Errno outcome = check(RequestType.FLUSH, 0, 0);
      if (!outcome.equals(Errno.SUCCESS)) {
        return outcome;
      }
      flushedBelow = writtenBelow;
    }
    flushed = covered;
    return Errno.SUCCESS;
  }

  private void announce(Event event, RequestType type, long offset, long bytes) {
    engine.announce(event, type, offset, bytes);
  }

  private Errno check(RequestType type, long offset, long bytes) {
    return engine.check(type, offset, bytes) instanceof Decision.Fail fail
        ? fail.errno()
        : Errno.SUCCESS;
  }
}
