package io.faultdisk.block.blkdebug;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.base.Turns;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.Node;
import io.faultdisk.block.PowerSwitch;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.writecache.WriteCache;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.StaleRead;
import io.faultdisk.rules.Survivors;
import io.faultdisk.rules.TearWrite;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is below a blkdebug node: its child, with a {@link WriteCache} before it if the rules want
 * to take back what was not flushed and nobody below has a cache; and what sectors held before, if
 * the rules read that.
 *
 * <p>Any thread. With rules as QEMU has them every request goes straight to the child.
 */
final class LowerDisk {
  private final Node image;
  private final Turns turns;

  /** Ours; null as long as no rule needs one, or if there is one below. */
  private volatile @Nullable WriteCache cache;

  /** Ours or one below. */
  private volatile @Nullable PowerSwitch power;

  private volatile @Nullable PreviousContent previous;

  LowerDisk(Node image, Turns turns) {
    this.image = image;
    this.turns = turns;
    this.power = image.power().orElse(null);
  }

  /**
   * Makes ready for rules. What was written before the first rule that needs a cache came is not
   * held back.
   */
  synchronized void prepareFor(Collection<? extends Rule> rules) {
    for (Rule rule : rules) {
      if (needsPower(rule)) {
        var unused = requirePowerSwitch();
      }
      if (previous == null && rule instanceof StaleRead) {
        previous = new PreviousContent();
      }
    }
  }

  /** The power switch; with a cache of our own from now on if there was none. */
  synchronized PowerSwitch requirePowerSwitch() {
    PowerSwitch found = power;
    if (found == null) {
      WriteCache own =
          new WriteCache(image, turns, WriteCache.BYTES_MAX, Survivors.none(), new Seed(0));
      cache = own;
      power = own;
      found = own;
    }
    return found;
  }

  private static boolean needsPower(Rule rule) {
    return switch (rule.kind()) {
      case CUT_POWER -> true;
      case FAIL_FLUSH -> ((FailFlush) rule).mode() != FailFlush.Mode.KEEP;
      case TEAR_WRITE -> ((TearWrite) rule).then() == TearWrite.Then.POWER_CUT;
      default -> false;
    };
  }

  /** The cache, if it is ours. */
  Optional<PowerSwitch> ownPower() {
    return Optional.ofNullable(cache);
  }

  /** The cache, ours or one below; only for rules that need one. */
  PowerSwitch power() {
    PowerSwitch found = power;
    if (found == null) {
      throw new IllegalStateException("a rule needs a power switch, and there is none");
    }
    return found;
  }

  boolean hasOwnCache() {
    return cache != null;
  }

  /** Without power no rule is asked any more. */
  void requirePower() throws BlockIoException {
    PowerSwitch found = power;
    if (found != null && !found.isOn()) {
      throw new BlockIoException(Errno.EIO);
    }
  }

  void read(long offset, ByteBuffer target) throws BlockIoException {
    WriteCache own = cache;
    if (own == null) {
      image.read(offset, target);
    } else {
      own.read(offset, target);
    }
  }

  /** Reads what was there before the last write to each sector. */
  void readPrevious(long offset, ByteBuffer target) throws BlockIoException {
    int start = target.position();
    read(offset, target);
    PreviousContent old = previous;
    if (old != null) {
      old.putOver(offset, target, start);
    }
  }

  void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    remember(offset, source.remaining());
    WriteCache own = cache;
    if (own == null) {
      image.write(offset, source, flags);
    } else {
      own.write(offset, source, flags);
    }
  }

  void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    remember(offset, bytes);
    WriteCache own = cache;
    if (own == null) {
      image.writeZeroes(offset, bytes, flags);
    } else {
      own.writeZeroes(offset, bytes, flags);
    }
  }

  void discard(long offset, long bytes) throws BlockIoException {
    remember(offset, bytes);
    WriteCache own = cache;
    if (own == null) {
      image.discard(offset, bytes);
    } else {
      own.discard(offset, bytes);
    }
  }

  private void remember(long offset, long bytes) throws BlockIoException {
    PreviousContent old = previous;
    if (old != null) {
      old.remember(offset, bytes, length(), this::read);
    }
  }

  void flush() throws BlockIoException {
    WriteCache own = cache;
    if (own == null) {
      image.flush();
    } else {
      own.flush();
    }
  }

  Mapping map(long offset, long bytes) throws BlockIoException {
    WriteCache own = cache;
    return own == null ? new Mapping.Forward(image, offset, bytes) : own.map(offset, bytes);
  }

  long length() throws BlockIoException {
    WriteCache own = cache;
    return own == null ? image.length() : own.length();
  }

  void truncate(long size, boolean exact, Preallocation preallocation) throws BlockIoException {
    WriteCache own = cache;
    if (own == null) {
      image.truncate(size, exact, preallocation);
    } else {
      own.truncate(size, exact, preallocation);
    }
  }

  void truncateZeroed(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    WriteCache own = cache;
    if (own == null) {
      image.truncateZeroed(size, exact, preallocation);
    } else {
      own.truncateZeroed(size, exact, preallocation);
    }
  }
}
