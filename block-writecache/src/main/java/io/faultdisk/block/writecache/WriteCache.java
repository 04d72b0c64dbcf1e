package io.faultdisk.block.writecache;

import static io.faultdisk.block.RequestFlags.FUA;
import static io.faultdisk.block.RequestFlags.MAY_UNMAP;
import static io.faultdisk.block.RequestFlags.WRITE_UNCHANGED;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.base.Turns;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.ExclusiveTurn;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.Node;
import io.faultdisk.block.PowerSwitch;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.Unsynced;
import io.faultdisk.block.Unsynced.Range;
import io.faultdisk.block.writecache.CachedContent.Extent;
import io.faultdisk.block.writecache.PendingWrite.Kind;
import io.faultdisk.rules.Survivors;
import io.faultdisk.rules.Survivors.Part;
import io.faultdisk.rules.Survivors.Sectors;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The model of a volatile disk cache over a node, the medium.
 *
 * <h2>Fault model</h2>
 *
 * Writes, write-zeroes and discards are acknowledged once they are in memory. Reads see them. They
 * are <em>pending</em>, in the order in which they arrived, until a flush has written all that
 * arrived before it to the medium, in that order, and has flushed the medium. At a {@link #cut} the
 * {@link Survivors} say which of them reach the medium, in which order and with which of their
 * sectors; the rest is gone, and every request fails with EIO until {@link #restore}.
 *
 * <pre>
 *      write, write-zeroes, discard                 write with FUA
 *               |                                        |
 *        pending 1 2 3 4 ... --- flush: in order --->  medium  (the node below)
 *               |      \
 *             reads     cut: survivors only
 * </pre>
 *
 * <ul>
 *   <li>A write with FUA makes nothing durable but itself. What is pending in its range is older,
 *       and is never written over it: it loses that part, and keeps its number.
 *   <li>A pending discard changes nothing for reads: until it is on the medium they see what was
 *       there, and then whatever the medium shows.
 *   <li>A flush that fails because the medium fails loses nothing. All that was pending stays so,
 *       and the next flush writes all of it again. What it has written may survive a cut of the
 *       power even if that leaves nobody; so may what a flush has written that a cut interrupts.
 *   <li>Numbers count from 1 what arrived since the last completed flush.
 *   <li>A change of the length is durable at once.
 * </ul>
 *
 * <h2>Memory</h2>
 *
 * It holds the data of pending writes, and of those that {@link #dropUnsynced} has dropped, which
 * reads still see. When they take more than a limit, the oldest dropped ones are forgotten first,
 * as a page cache drops clean pages; reads see the medium again. Then the oldest pending writes are
 * written to the medium early, without a flush: they keep their numbers and are unsynced as before,
 * but a power cut cannot take them any more. The write that needs the room waits for that, and
 * fails if it fails. A single write larger than the limit is held all the same.
 *
 * <p><b>Thread rule:</b> any thread. Whoever changes the medium takes turns with others who do (a
 * flush, a write with FUA, a change of the length, a power cut), through {@link Turns}; other
 * requests do not wait for them. No lock is held while the medium works.
 */
public final class WriteCache implements PowerSwitch {
  /** What a cache holds unless told otherwise, in bytes. */
  public static final long BYTES_MAX = 256L << 20;

  private static final byte[] NO_DATA = {};

  private final Node medium;
  private final ExclusiveTurn turn;
  private final long bytesMax;
  private final Survivors survivors;
  private final Seed seed;

  /** Held for moments only; guards what follows, which is written by nobody without it. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Deque<PendingWrite> pending = new ArrayDeque<>();
  private final Deque<PendingWrite> dropped = new ArrayDeque<>();
  private final CachedContent content = new CachedContent();
  private long heldBytes;

  /** The last write that arrived. */
  private long arrived;

  /** The last write that needs no flush any more: the next one has number 1. */
  private long settled;

  private int cuts;
  private long epochs;
  private volatile boolean on = true;

  /**
   * An empty cache.
   *
   * @param medium the node below
   * @param turns how requests wait for each other
   * @param bytesMax what it may hold in memory, more than 0
   * @param survivors what {@link #cut()} leaves
   * @param seed what it chooses by, if that is random
   */
  public WriteCache(Node medium, Turns turns, long bytesMax, Survivors survivors, Seed seed) {
    if (bytesMax <= 0) {
      throw new IllegalArgumentException("a cache must hold something, not " + bytesMax);
    }
    this.medium = medium;
    this.turn = new ExclusiveTurn(turns);
    this.bytesMax = bytesMax;
    this.survivors = survivors;
    this.seed = seed;
  }

  /** How many flushes have completed. */
  public long epochs() {
    lock.lock();
    try {
      return epochs;
    } finally {
      lock.unlock();
    }
  }

  /** Reads {@code target.remaining()} bytes. */
  public void read(long offset, ByteBuffer target) throws BlockIoException {
    requirePower();
    long end = offset + target.remaining();
    List<Extent> cached;
    lock.lock();
    try {
      cached = content.within(offset, end);
    } finally {
      lock.unlock();
    }
    if (cached.isEmpty()) {
      medium.read(offset, target);
    } else {
      int base = target.position();
      long at = offset;
      for (Extent extent : cached) {
        readMedium(target, base, offset, at, extent.start());
        at = Math.min(end, extent.end());
        copy(extent, target, base, offset, end);
      }
      readMedium(target, base, offset, at, end);
      target.position(target.limit());
    }
    requirePower();
  }

  /** Reads the bytes from {@code from} to {@code to}, if any, to their place in the target. */
  private void readMedium(ByteBuffer target, int base, long offset, long from, long to)
      throws BlockIoException {
    if (from < to) {
      medium.read(from, target.slice(base + (int) (from - offset), (int) (to - from)));
    }
  }

  private static void copy(Extent extent, ByteBuffer target, int base, long offset, long end) {
    long from = Math.max(extent.start(), offset);
    int count = (int) (Math.min(extent.end(), end) - from);
    ByteBuffer part = target.slice(base + (int) (from - offset), count);
    if (extent.isZero()) {
      while (part.hasRemaining()) {
        part.put((byte) 0);
      }
    } else {
      part.put(extent.write().data, (int) (from - extent.write().offset), count);
    }
  }

  /** Writes {@code source.remaining()} bytes. */
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    int bytes = source.remaining();
    if ((flags & FUA) != 0) {
      through(offset, bytes, () -> medium.write(offset, source, flags));
      return;
    }
    byte[] data = new byte[bytes];
    source.duplicate().get(data);
    accept(Kind.WRITE, offset, bytes, flags & WRITE_UNCHANGED, data);
    source.position(source.limit());
  }

  /** Makes a range read as zeroes. */
  public void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    if ((flags & FUA) != 0) {
      through(offset, bytes, () -> medium.writeZeroes(offset, bytes, flags));
      return;
    }
    accept(Kind.WRITE_ZEROES, offset, bytes, flags & (WRITE_UNCHANGED | MAY_UNMAP), NO_DATA);
  }

  /** Gives a range up. */
  public void discard(long offset, long bytes) throws BlockIoException {
    accept(Kind.DISCARD, offset, bytes, 0, NO_DATA);
  }

  private void accept(Kind kind, long offset, long bytes, int flags, byte[] data)
      throws BlockIoException {
    makeRoom(new PendingWrite(kind, 0, offset, bytes, flags, data).cost());
    lock.lock();
    try {
      requirePower();
      arrived++;
      PendingWrite write = new PendingWrite(kind, arrived, offset, bytes, flags, data);
      pending.add(write);
      heldBytes += write.cost();
      if (kind != Kind.DISCARD) {
        content.put(write);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Something done to the medium. */
  private interface Action {
    void run() throws BlockIoException;
  }

  /** A write that is durable when it is done. */
  private void through(long offset, long bytes, Action write) throws BlockIoException {
    turn.enter();
    try {
      requirePower();
      write.run();
      lock.lock();
      try {
        content.cut(offset, offset + bytes);
        for (PendingWrite older : pending) {
          older.supersede(offset, offset + bytes);
        }
      } finally {
        lock.unlock();
      }
      requirePower();
    } finally {
      turn.leave();
    }
  }

  /** Sees to it that so many bytes can be held. */
  private void makeRoom(long cost) throws BlockIoException {
    if (forget(cost)) {
      return;
    }
    turn.enter();
    try {
      while (!forget(cost)) {
        PendingWrite oldest;
        lock.lock();
        try {
          oldest = pending.peek();
        } finally {
          lock.unlock();
        }
        if (oldest == null) {
          return;
        }
        store(oldest);
        lock.lock();
        try {
          if (pending.peek() == oldest) {
            pending.remove();
            release(oldest);
          }
        } finally {
          lock.unlock();
        }
      }
    } finally {
      turn.leave();
    }
  }

  /** Forgets dropped writes until there is room; false if that is not enough. */
  private boolean forget(long cost) {
    lock.lock();
    try {
      while (heldBytes + cost > bytesMax && !dropped.isEmpty()) {
        release(dropped.remove());
      }
      return heldBytes + cost <= bytesMax || pending.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock: a write that is in no list any more. */
  private void release(PendingWrite write) {
    heldBytes -= write.cost();
    content.remove(write);
  }

  /** Writes to the medium what is left of a pending write. By who has the turn. */
  private void store(PendingWrite write) throws BlockIoException {
    List<Range> live;
    lock.lock();
    try {
      requirePower();
      live = write.dropped ? List.of() : write.live();
    } finally {
      lock.unlock();
    }
    for (Range range : live) {
      store(write, range);
    }
  }

  private void store(PendingWrite write, Range range) throws BlockIoException {
    switch (write.kind) {
      case WRITE -> {
        int from = (int) (range.offset() - write.offset);
        ByteBuffer data = ByteBuffer.wrap(write.data).slice(from, (int) range.bytes());
        medium.write(range.offset(), data, write.flags);
      }
      case WRITE_ZEROES -> medium.writeZeroes(range.offset(), range.bytes(), write.flags);
      case DISCARD -> medium.discard(range.offset(), range.bytes());
    }
  }

  /** Makes durable what has arrived before. */
  public void flush() throws BlockIoException {
    turn.enter();
    try {
      List<PendingWrite> covered;
      long last;
      lock.lock();
      try {
        requirePower();
        covered = List.copyOf(pending);
        last = arrived;
      } finally {
        lock.unlock();
      }
      for (PendingWrite write : covered) {
        store(write);
      }
      medium.flush();
      flushed(last);
      requirePower();
    } finally {
      turn.leave();
    }
  }

  private void flushed(long last) {
    lock.lock();
    try {
      while (!pending.isEmpty() && pending.element().sequence <= last) {
        release(pending.remove());
      }
      settled = Math.max(settled, last);
      epochs++;
    } finally {
      lock.unlock();
    }
  }

  /** Where the data of a range comes from. */
  public Mapping map(long offset, long bytes) throws BlockIoException {
    requirePower();
    Extent next;
    lock.lock();
    try {
      next = content.next(offset, offset + bytes);
    } finally {
      lock.unlock();
    }
    if (next != null && next.start() <= offset) {
      long covered = Math.min(next.end() - offset, bytes);
      return next.isZero() ? new Mapping.Zero(covered) : new Mapping.Data(offset, covered);
    }
    long gap = next == null ? bytes : next.start() - offset;
    long length = medium.length();
    return offset < length
        ? new Mapping.Forward(medium, offset, Math.min(gap, length - offset))
        : new Mapping.Zero(gap);
  }

  /** How long the disk is, with what is cached behind the end of the medium. */
  public long length() throws BlockIoException {
    long end;
    lock.lock();
    try {
      end = content.end();
    } finally {
      lock.unlock();
    }
    return Math.max(medium.length(), end);
  }

  /** Changes the length, at once. */
  public void truncate(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    resize(size, () -> medium.truncate(size, exact, preallocation));
  }

  /** The same, and what is new reads as zero whatever a backing file has there. */
  public void truncateZeroed(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    resize(size, () -> medium.truncateZeroed(size, exact, preallocation));
  }

  private void resize(long size, Action action) throws BlockIoException {
    turn.enter();
    try {
      requirePower();
      action.run();
      lock.lock();
      try {
        content.cut(size, Long.MAX_VALUE);
        for (PendingWrite write : pending) {
          write.supersede(size, Long.MAX_VALUE);
        }
      } finally {
        lock.unlock();
      }
    } finally {
      turn.leave();
    }
  }

  @Override
  public boolean isOn() {
    return on;
  }

  private void requirePower() throws BlockIoException {
    if (!on) {
      throw new BlockIoException(Errno.EIO);
    }
  }

  @Override
  public Survivors cut() throws BlockIoException {
    Seed choice;
    lock.lock();
    try {
      choice = seed.fork("cut " + cuts);
    } finally {
      lock.unlock();
    }
    return cut(survivors, choice);
  }

  @Override
  public Survivors cut(Survivors wanted, Seed choice) throws BlockIoException {
    lock.lock();
    try {
      if (!on) {
        return Survivors.none();
      }
      on = false; // what arrives from now on is refused, even if the medium is busy
      cuts++;
    } finally {
      lock.unlock();
    }
    turn.enter();
    try {
      return storeSurvivors(wanted, choice);
    } finally {
      forgetAll();
      turn.leave();
    }
  }

  private Survivors storeSurvivors(Survivors wanted, Seed choice) throws BlockIoException {
    List<PendingWrite> writes;
    int first;
    lock.lock();
    try {
      writes = List.copyOf(pending);
      first = Math.toIntExact(arrived - settled) - writes.size() + 1;
    } finally {
      lock.unlock();
    }
    List<Part> parts = SurvivorChoice.of(wanted, choice, first, writes);
    if (parts.isEmpty()) {
      return Survivors.none();
    }
    for (Part part : parts) {
      storePart(writes.get(part.first() - first), part.sectors());
    }
    medium.flush();
    return Survivors.of(parts);
  }

  /** Stores the sectors of a write that survive, unless something durable has replaced them. */
  private void storePart(PendingWrite write, Optional<Sectors> sectors) throws BlockIoException {
    long start = write.offset;
    long end = write.end();
    if (sectors.isPresent()) {
      start = Math.min(end, sectors.get().start(write.offset));
      end = Math.min(end, sectors.get().end(write.offset));
    }
    for (Range range : write.live()) {
      long from = Math.max(range.offset(), start);
      long to = Math.min(range.offset() + range.bytes(), end);
      if (from < to) {
        store(write, new Range(from, to - from));
      }
    }
  }

  private void forgetAll() {
    lock.lock();
    try {
      pending.clear();
      dropped.clear();
      content.clear();
      heldBytes = 0;
      settled = arrived;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void restore() {
    turn.enter(); // a cut may still be busy
    on = true;
    turn.leave();
  }

  @Override
  public void loseUnsynced() throws BlockIoException {
    turn.enter();
    try {
      requirePower();
      forgetAll();
    } finally {
      turn.leave();
    }
  }

  @Override
  public void checkpoint() throws BlockIoException {
    flush();
  }

  @Override
  public void dropUnsynced() {
    lock.lock();
    try {
      for (PendingWrite write : pending) {
        write.dropped = true;
        if (write.kind == Kind.DISCARD) {
          heldBytes -= write.cost();
        } else {
          dropped.add(write);
        }
      }
      pending.clear();
      settled = arrived;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Unsynced unsynced() {
    lock.lock();
    try {
      List<Range> ranges = new ArrayList<>();
      for (PendingWrite write : pending) {
        ranges.addAll(write.live());
      }
      List<Range> merged = merge(ranges);
      long bytes = merged.stream().mapToLong(Range::bytes).sum();
      return new Unsynced(arrived - settled, pending.size(), bytes, merged, dropped.size());
    } finally {
      lock.unlock();
    }
  }

  private static List<Range> merge(List<Range> ranges) {
    ranges.sort(Comparator.comparingLong(Range::offset));
    List<Range> merged = new ArrayList<>();
    @Nullable Range last = null;
    for (Range range : ranges) {
      if (last == null || range.offset() > last.offset() + last.bytes()) {
        merged.add(range);
        last = range;
      } else {
        long end = Math.max(last.offset() + last.bytes(), range.offset() + range.bytes());
        last = new Range(last.offset(), end - last.offset());
        merged.set(merged.size() - 1, last);
      }
    }
    return merged;
  }
}
