package io.faultdisk.explore.disk;

import io.faultdisk.base.Seed;
import io.faultdisk.explore.CrashState;
import io.faultdisk.explore.FaultPoint;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * All states that a power cut may leave, worked out from the log of one run: nothing is run for
 * them.
 *
 * <p>The power may go before each flush and at the end, at which time any of the writes since the
 * last flush may have survived: what an earlier moment could leave is among that, and by then the
 * most has been promised. Writes with FUA survive in any case. A change of the length is durable at
 * once. States of equal content are listed once, unless a flush was acknowledged in between, since
 * then more must be there. Immutable; any thread.
 */
final class CrashStates {
  private static final int SECTOR = 512;

  /** About how many snapshots are kept, so that a state need not begin at the beginning. */
  private static final int SNAPSHOTS = 24;

  private final DiskContent start;
  private final List<LogEntry> entries;
  private final Map<CrashState, Chosen> states = new LinkedHashMap<>();
  private final List<DiskContent> snapshots = new ArrayList<>();
  private final int snapshotEvery;
  private int listed;

  /** Where a state comes from. */
  private record Chosen(CutPoint cut, SurvivorList survivors) {}

  /** What tells apart states that need a check each. */
  private record Distinct(ContentKey content, long size, long promised) {}

  private CrashStates(DiskContent start, List<LogEntry> entries) {
    this.start = start;
    this.entries = List.copyOf(entries);
    this.snapshotEvery = Math.max(64, entries.size() / SNAPSHOTS);
  }

  /**
   * Works them out.
   *
   * @param points the requests of the run, by number
   * @param promised says how much was promised to the disk's user until some tick
   * @param perCut how many states of one moment at most
   */
  static CrashStates of(
      DiskContent start,
      List<LogEntry> entries,
      List<FaultPoint> points,
      LongFunction<Long> promised,
      int perCut,
      Seed seed) {
    CrashStates result = new CrashStates(start, entries);
    Set<Distinct> seen = new HashSet<>();
    Sectors durable = new Sectors(start);
    int done = 0;
    for (CutPoint cut : cuts(entries, points)) {
      for (; done < cut.durable(); done++) {
        durable.apply(entries.get(done));
      }
      Seed own = seed.fork("cut " + cut.before().id() + (cut.atEnd() ? " end" : ""));
      long promise = promised.apply(cut.tick());
      for (SurvivorList survivors : SurvivorChoices.of(cut, perCut, own)) {
        result.listed++;
        Sectors content = new Sectors(durable);
        result.pendingTruncates(cut).forEach(content::apply);
        apply(cut, survivors, content::write);
        if (seen.add(new Distinct(content.key, content.size, promise))) {
          int pending = cut.pending().size();
          CrashState state =
              new CrashState(
                  cut.before(), cut.atEnd(), pending, survivors.text(pending), cut.durable());
          result.states.put(state, new Chosen(cut, survivors));
        }
      }
    }
    result.takeSnapshots();
    return result;
  }

  private static List<CutPoint> cuts(List<LogEntry> entries, List<FaultPoint> points) {
    List<CutPoint> cuts = new ArrayList<>();
    List<LogEntry.Write> pending = new ArrayList<>();
    List<LogEntry.Write> forced = new ArrayList<>();
    int durable = 0;
    for (int i = 0; i < entries.size(); i++) {
      switch (entries.get(i)) {
        case LogEntry.Write write -> (write.fua() ? forced : pending).add(write);
        case LogEntry.Truncate truncate -> {} // durable with the next flush, or applied at once
        case LogEntry.Flush flush -> {
          cuts.add(
              new CutPoint(
                  points.get(flush.request() - 1), false, durable, pending, forced, flush.tick()));
          durable = i + 1;
          pending.clear();
          forced.clear();
        }
      }
    }
    if (!points.isEmpty()) {
      FaultPoint last = points.get(points.size() - 1);
      cuts.add(new CutPoint(last, true, durable, pending, forced, Long.MAX_VALUE));
    }
    return cuts;
  }

  /** Does what reached the medium, in its order. */
  private static void apply(CutPoint cut, SurvivorList survivors, Writer writer) {
    List<LogEntry.Write> forced = cut.forced();
    int nextForced = 0;
    for (SurvivorList.Part part : survivors.parts()) {
      LogEntry.Write write = cut.pending().get(part.write());
      while (nextForced < forced.size() && forced.get(nextForced).tick() < write.tick()) {
        LogEntry.Write now = forced.get(nextForced++);
        writer.write(now, 0, now.bytes());
      }
      long from = 0;
      long to = write.bytes();
      if (!part.isWhole()) {
        long firstSector = write.offset() / SECTOR;
        from = Math.max(0, (firstSector + part.firstSector()) * SECTOR - write.offset());
        to = Math.min(to, (firstSector + part.lastSector() + 1) * SECTOR - write.offset());
      }
      if (from < to) {
        writer.write(write, from, to);
      }
    }
    for (; nextForced < forced.size(); nextForced++) {
      LogEntry.Write now = forced.get(nextForced);
      writer.write(now, 0, now.bytes());
    }
  }

  /** Takes bytes of a write, {@code from} to {@code to} counted from its first. */
  private interface Writer {
    void write(LogEntry.Write write, long from, long to);
  }

  private void takeSnapshots() {
    DiskOverlay disk = new DiskOverlay(start);
    for (int i = 0; i < entries.size(); i++) {
      if (i % snapshotEvery == 0) {
        snapshots.add(i == 0 ? start : disk.snapshot());
      }
      apply(entries.get(i), disk);
    }
  }

  private static void apply(LogEntry entry, DiskOverlay disk) {
    switch (entry) {
      case LogEntry.Write write -> write(write, 0, write.bytes(), disk);
      case LogEntry.Truncate truncate -> disk.truncate(truncate.size());
      case LogEntry.Flush flush -> {}
    }
  }

  private static void write(LogEntry.Write write, long from, long to, DiskOverlay disk) {
    if (write.isZero()) {
      disk.zero(write.offset() + from, to - from);
    } else {
      disk.write(write.offset() + from, write.data().slice((int) from, (int) (to - from)));
    }
  }

  /** The length is the business of whoever keeps the disk: it changes at once. */
  private List<LogEntry.Truncate> pendingTruncates(CutPoint cut) {
    List<LogEntry.Truncate> truncates = new ArrayList<>(0);
    for (int i = cut.durable(); i < entries.size() && entries.get(i).tick() < cut.tick(); i++) {
      if (entries.get(i) instanceof LogEntry.Truncate truncate) {
        truncates.add(truncate);
      }
    }
    return truncates;
  }

  /** The states that need a check each. */
  List<CrashState> states() {
    return List.copyOf(states.keySet());
  }

  /** How many there were before those of equal content were left out. */
  int listed() {
    return listed;
  }

  /** When the power goes. */
  long tick(CrashState state) {
    return chosen(state).cut().tick();
  }

  /** What the disk is like then. */
  DiskContent content(CrashState state) {
    Chosen chosen = chosen(state);
    int durable = chosen.cut().durable();
    int snapshot =
        snapshots.isEmpty() ? 0 : Math.min(durable / snapshotEvery, snapshots.size() - 1);
    DiskOverlay disk = new DiskOverlay(snapshots.isEmpty() ? start : snapshots.get(snapshot));
    for (int i = snapshot * snapshotEvery; i < durable; i++) {
      apply(entries.get(i), disk);
    }
    pendingTruncates(chosen.cut()).forEach(truncate -> disk.truncate(truncate.size()));
    apply(chosen.cut(), chosen.survivors(), (write, from, to) -> write(write, from, to, disk));
    return disk.snapshot();
  }

  private Chosen chosen(CrashState state) {
    Chosen chosen = states.get(state);
    if (chosen == null) {
      throw new IllegalArgumentException("no such state: " + state);
    }
    return chosen;
  }

  /** The sectors that differ from the start, as far as a key needs them. For one thread. */
  private static final class Sectors {
    private final DiskContent start;

    /** The states of the sectors below; null if there is nothing below but the start. */
    private final @Nullable Sectors below;

    private final Map<Long, ContentKey> changed = new HashMap<>();
    private ContentKey key;
    private long size;

    Sectors(DiskContent start) {
      this.start = start;
      this.below = null;
      this.key = ContentKey.START;
      this.size = start.size();
    }

    Sectors(Sectors below) {
      this.start = below.start;
      this.below = below;
      this.key = below.key;
      this.size = below.size;
    }

    void apply(LogEntry entry) {
      switch (entry) {
        case LogEntry.Write write -> write(write, 0, write.bytes());
        case LogEntry.Truncate truncate -> truncate(truncate);
        case LogEntry.Flush flush -> {}
      }
    }

    /** What is cut off is not looked at: such content is taken for unlike any other. */
    private void truncate(LogEntry.Truncate truncate) {
      if (truncate.size() < size) {
        ByteBuffer unique = ByteBuffer.allocate(Long.BYTES).putLong(truncate.tick()).flip();
        key = key.plus(ContentKey.of(-1, unique));
      }
      size = truncate.size();
    }

    void write(LogEntry.Write write, long from, long to) {
      long first = (write.offset() + from) / SECTOR;
      long end = write.offset() + to;
      size = Math.max(size, end);
      ByteBuffer zeroes = ByteBuffer.allocate(SECTOR);
      for (long s = first; s * SECTOR < end; s++) {
        long at = s * SECTOR - write.offset();
        if (at < from || at + SECTOR > to) {
          partial(write, s, from, to);
          continue;
        }
        replace(
            s,
            ContentKey.of(
                s, write.isZero() ? zeroes.duplicate() : write.data().slice((int) at, SECTOR)));
      }
    }

    /** Requests of less than a sector are rare; they make the content unlike any other. */
    private void partial(LogEntry.Write write, long sector, long from, long to) {
      ByteBuffer unique =
          ByteBuffer.allocate(4 * Long.BYTES)
              .putLong(write.tick())
              .putLong(from)
              .putLong(to)
              .putLong(current(sector).high())
              .flip();
      replace(sector, ContentKey.of(sector, unique));
    }

    private void replace(long sector, ContentKey next) {
      key = key.minus(current(sector)).plus(next);
      changed.put(sector, next);
    }

    private ContentKey current(long sector) {
      for (Sectors level = this; level != null; level = level.below) {
        ContentKey found = level.changed.get(sector);
        if (found != null) {
          return found;
        }
      }
      byte[] data = new byte[SECTOR];
      start.read(sector * SECTOR, data, 0, SECTOR);
      ContentKey original = ContentKey.of(sector, ByteBuffer.wrap(data));
      // Remembered as low as possible: the start never changes.
      Sectors lowest = this;
      while (lowest.below != null) {
        lowest = lowest.below;
      }
      lowest.changed.put(sector, original);
      return original;
    }
  }
}
