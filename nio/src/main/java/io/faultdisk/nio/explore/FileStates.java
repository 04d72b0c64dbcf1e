package io.faultdisk.nio.explore;

import io.faultdisk.base.Seed;
import io.faultdisk.explore.CrashState;
import io.faultdisk.explore.FaultPoint;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.nio.PowerCut;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The states that power cuts in a clean run may leave, found while it is running: nothing is
 * written for them. Of those with equal content one is kept, as long as what has been promised is
 * the same.
 *
 * <p>For one thread at a time.
 */
final class FileStates {
  private static final int BLOCK_BYTES = 512;

  /** How many choices are made by chance for each pending operation, at most. */
  private static final int CHOICES_PER_OPERATION = 8;

  private final int statesMax;
  private final Seed seed;
  private final Map<CrashState, PowerCut> cuts = new LinkedHashMap<>();
  private final Set<Distinct> distinct = new HashSet<>();
  private int listed;

  /** What tells apart states that need a check each. */
  private record Distinct(String digest, long promised) {}

  /**
   * None yet.
   *
   * @param statesMax how many of one moment at most
   * @param seed of those that are chosen by chance
   */
  FileStates(int statesMax, Seed seed) {
    this.statesMax = statesMax;
    this.seed = seed;
  }

  /**
   * Adds what a power cut may leave now.
   *
   * @param point the operation that is about to be done; at the end the last one
   * @param promised a number that changes with what was promised
   */
  void add(FaultFileSystem files, Path real, FaultPoint point, boolean atEnd, long promised)
      throws IOException {
    long pending = files.unsynced().operations();
    Seed own = seed.fork((atEnd ? "end " : "") + point.id());
    for (PowerCut cut : cuts(pending, own)) {
      listed++;
      String digest = files.afterPowerCut(cut).digest(real);
      if (distinct.add(new Distinct(digest, promised))) {
        String survivors = cut.toString().replaceFirst("^PowerCut\\.", "");
        cuts.put(
            new CrashState(point, atEnd, (int) Math.min(pending, Integer.MAX_VALUE), survivors, 0),
            cut);
      }
    }
  }

  /** Nothing, all, the first few of them, and choices by chance. */
  private List<PowerCut> cuts(long pending, Seed own) {
    List<PowerCut> all = new ArrayList<>(List.of(PowerCut.dropAll()));
    if (pending > 0) {
      all.add(PowerCut.keepAll());
    }
    long prefixes = Math.min(pending - 1, statesMax / 2);
    for (long i = 1; i <= prefixes; i++) {
      all.add(PowerCut.prefix(i * (pending - 1) / prefixes));
    }
    for (long i = 0; i < pending * CHOICES_PER_OPERATION && all.size() < statesMax; i++) {
      // Short numbers, since people have to read them.
      Seed choice = new Seed(own.fork("choice " + i).value() & 0xffffff);
      all.add(i % 2 == 0 ? PowerCut.subset(choice) : PowerCut.torn(choice, BLOCK_BYTES));
    }
    return all.subList(0, Math.min(all.size(), statesMax));
  }

  /** Those to check. */
  List<CrashState> states() {
    return List.copyOf(cuts.keySet());
  }

  /** How many there were before those of equal content were left out. */
  int listed() {
    return listed;
  }

  /** The cut that leaves a state. */
  PowerCut cut(CrashState state) {
    @Nullable PowerCut cut = cuts.get(state);
    if (cut == null) {
      throw new IllegalArgumentException("no such state: " + state);
    }
    return cut;
  }
}
