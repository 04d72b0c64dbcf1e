package io.faultdisk.block.blkdebug;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Turns;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.Decision.ByRule;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.InjectError;
import io.faultdisk.rules.Request;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.RuleFilter.ByteRange;
import io.faultdisk.rules.Survivors;
import io.faultdisk.rules.TearWrite;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Does to requests what rules have decided, and keeps the receipts. Any thread; no lock is held
 * while a request waits.
 */
final class Effects {
  private final LowerDisk disk;
  private final Turns turns;
  private final ReceiptBook receipts;
  private final AtomicLong epoch;

  /**
   * Effects on a disk.
   *
   * @param epoch counts the completed flushes
   */
  Effects(LowerDisk disk, Turns turns, ReceiptBook receipts, AtomicLong epoch) {
    this.disk = disk;
    this.turns = turns;
    this.receipts = receipts;
    this.epoch = epoch;
  }

  /** What the request would do if no rule had a say. */
  interface Action {
    void run() throws BlockIoException;
  }

  void read(ByRule decision, long offset, ByteBuffer target) throws BlockIoException {
    int start = target.position();
    int bytes = target.remaining();
    Request request = new Request(RequestType.READ, offset, bytes);
    switch (decision) {
      case Decision.Corrupt corrupt -> {
        attempt(decision, request, () -> disk.read(offset, target));
        corrupt.flip(offset, target.duplicate().flip().position(start));
        done(decision, request, flipped(corrupt));
      }
      case Decision.Stale stale -> {
        attempt(decision, request, () -> disk.readPrevious(offset, target));
        done(decision, request, "read what was there before");
      }
      // A caller that gets an error does not see the data, so they go elsewhere.
      case Decision.Fail fail when fail.when() == InjectError.When.AFTER ->
          other(fail, request, () -> disk.read(offset, ByteBuffer.allocate(bytes)));
      default -> other(decision, request, () -> disk.read(offset, target));
    }
  }

  void write(ByRule decision, long offset, ByteBuffer source, int flags) throws BlockIoException {
    int bytes = source.remaining();
    Request request = new Request(RequestType.WRITE, offset, bytes);
    switch (decision) {
      case Decision.Corrupt corrupt -> {
        ByteBuffer copy = ByteBuffer.allocate(bytes).put(source.duplicate()).flip();
        corrupt.flip(offset, copy);
        attempt(decision, request, () -> disk.write(offset, copy, flags));
        done(decision, request, flipped(corrupt));
      }
      case Decision.Tear tear -> tear(tear, request, source, flags);
      case Decision.Misdirect misdirect -> misdirect(misdirect, request, source, flags);
      default -> other(decision, request, () -> disk.write(offset, source, flags));
    }
  }

  private void tear(Decision.Tear decision, Request request, ByteBuffer source, int flags)
      throws BlockIoException {
    TearWrite rule = decision.rule();
    long offset = request.offset();
    List<ByteRange> parts = decision.writes(offset, request.bytes());
    // A power cut takes what is not durable; what is said to have reached the medium is.
    int partFlags = rule.then() == TearWrite.Then.POWER_CUT ? flags | RequestFlags.FUA : flags;
    StringBuilder effect = new StringBuilder("stored only");
    for (ByteRange part : parts) {
      int from = source.position() + (int) (part.offset() - offset);
      ByteBuffer data = source.slice(from, (int) part.bytes());
      attempt(decision, request, () -> disk.write(part.offset(), data, partFlags));
      effect.append(' ').append(part.bytes()).append(" bytes at ").append(part.offset());
    }
    String text = parts.isEmpty() ? "stored nothing" : effect.toString();
    switch (rule.then()) {
      case SUCCESS -> done(decision, request, text);
      case ERROR -> throw failed(decision, request, text, rule.errno());
      case POWER_CUT -> {
        disk.power().cut(Survivors.none(), decision.seed());
        throw failed(decision, request, text + ", then cut the power", Errno.EIO);
      }
    }
  }

  /** What would land outside the disk is lost. */
  private void misdirect(Decision.Misdirect decision, Request request, ByteBuffer source, int flags)
      throws BlockIoException {
    long length = disk.length();
    for (ByteRange lands : decision.writes(request.offset(), request.bytes())) {
      long inside = Math.min(lands.bytes(), length - lands.offset());
      if (inside > 0) {
        ByteBuffer data = source.slice(source.position(), (int) inside);
        attempt(decision, request, () -> disk.write(lands.offset(), data, flags));
        String effect = "stored " + inside + " bytes at " + lands.offset() + " instead";
        done(decision, request, effect);
        return;
      }
    }
    done(decision, request, "stored nothing: the place is outside the disk");
  }

  void flush(ByRule decision) throws BlockIoException {
    Request request = new Request(RequestType.FLUSH, 0, 0);
    if (decision instanceof Decision.FailFlush fail) {
      FailFlush rule = fail.rule();
      switch (rule.mode()) {
        case KEEP -> throw failed(decision, request, "flushed nothing, kept it", rule.errno());
        case DROP -> {
          disk.power().dropUnsynced();
          throw failed(decision, request, "dropped what was not flushed", rule.errno());
        }
        case LIE -> {
          disk.power().dropUnsynced();
          done(decision, request, "dropped what was not flushed");
          epoch.incrementAndGet(); // as far as the client knows
        }
      }
      return;
    }
    other(
        decision,
        request,
        () -> {
          disk.flush();
          epoch.incrementAndGet();
        });
  }

  /** What rules do to requests of any type. */
  void other(ByRule decision, Request request, Action action) throws BlockIoException {
    switch (decision) {
      case Decision.Fail fail -> throw fail(fail, request, action);
      case Decision.Delay delay -> {
        turns.sleep(delay.delayNanos());
        attempt(decision, request, action);
        done(
            decision,
            request,
            delay.delayNanos() > 0
                ? "waited " + delay.delayNanos() + " ns"
                : "waited to be resumed");
      }
      case Decision.Drop drop -> done(decision, request, "stored nothing");
      case Decision.CutPower cut -> {
        Survivors left = disk.power().cut(cut.rule().survivors(), cut.seed());
        throw failed(decision, request, "cut the power, survivors: " + left, Errno.EIO);
      }
      case Decision.Corrupt unfit -> throw notFor(request, unfit);
      case Decision.Tear unfit -> throw notFor(request, unfit);
      case Decision.Misdirect unfit -> throw notFor(request, unfit);
      case Decision.Stale unfit -> throw notFor(request, unfit);
      case Decision.FailFlush unfit -> throw notFor(request, unfit);
      case Decision.Disconnect unfit -> throw notFor(request, unfit);
      case Decision.Shorten unfit -> throw notFor(request, unfit);
    }
  }

  private BlockIoException fail(Decision.Fail fail, Request request, Action action)
      throws BlockIoException {
    String effect = "failed";
    if (fail.delayNanos() > 0) {
      turns.sleep(fail.delayNanos());
      effect = "waited " + fail.delayNanos() + " ns, failed";
    }
    if (fail.when() == InjectError.When.AFTER) {
      attempt(fail, request, action);
      effect += " after it was done";
    } else if (!fail.immediately()) {
      turns.pass();
    }
    return failed(fail, request, effect, fail.errno());
  }

  private static IllegalStateException notFor(Request request, ByRule decision) {
    return new IllegalStateException("a " + request + " cannot " + decision);
  }

  /** The part of a request that the disk does: an error of its own is what the client gets. */
  private void attempt(ByRule decision, Request request, Action action) throws BlockIoException {
    try {
      action.run();
    } catch (BlockIoException e) {
      receipts.add(
          decision.rule(), request, epoch.get(), "the disk itself failed", e.errno().name());
      throw e;
    }
  }

  private void done(ByRule decision, Request request, String effect) {
    receipts.add(decision.rule(), request, epoch.get(), effect, "ok");
  }

  private BlockIoException failed(ByRule decision, Request request, String effect, Errno errno) {
    receipts.add(decision.rule(), request, epoch.get(), effect, errno.name());
    return new BlockIoException(errno);
  }

  private static String flipped(Decision.Corrupt corrupt) {
    int bits = corrupt.rule().bits();
    return "flipped " + bits + (bits == 1 ? " bit" : " bits");
  }
}
