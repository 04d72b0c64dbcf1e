package io.faultdisk.explore.disk;

import io.faultdisk.base.Seed;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Lists what may survive of the pending writes at one moment: none, all, each prefix, each prefix
 * with the next write torn, all but one, just one, overlapping writes in the other order, and
 * random subsets, or all subsets if they are few.
 *
 * <p>A program that flushes rarely has thousands of writes pending, and each choice may name most
 * of them: so what may be chosen is kept as how to make it, and only what is chosen is made.
 */
final class SurvivorChoices {
  /** Up to so many pending writes all subsets are listed, if the limit allows. */
  private static final int ALL_SUBSETS = 6;

  private static final int SECTOR = 512;

  private final CutPoint cut;
  private final int limit;
  private final RandomGenerator random;
  private final Set<SurvivorList> chosen = new LinkedHashSet<>();

  private SurvivorChoices(CutPoint cut, int limit, Seed seed) {
    this.cut = cut;
    this.limit = limit;
    this.random = seed.random();
  }

  /** The list, without doubles, at most {@code limit} long; the same for the same seed. */
  static List<SurvivorList> of(CutPoint cut, int limit, Seed seed) {
    SurvivorChoices choices = new SurvivorChoices(cut, limit, seed);
    choices.list();
    return List.copyOf(choices.chosen);
  }

  private void add(SurvivorList survivors) {
    if (chosen.size() < limit) {
      chosen.add(survivors);
    }
  }

  private void list() {
    int pending = cut.pending().size();
    add(SurvivorList.first(0));
    add(SurvivorList.first(pending));
    List<Supplier<SurvivorList>> more = new ArrayList<>();
    for (int count = 1; count < pending; count++) {
      int whole = count;
      more.add(() -> SurvivorList.first(whole));
    }
    for (int count = 0; count < pending; count++) {
      torn(count, more);
    }
    for (int i = 0; i < pending; i++) {
      int one = i;
      more.add(() -> allBut(one));
      more.add(() -> SurvivorList.of(List.of(one)));
    }
    reordered(more);
    if (pending <= ALL_SUBSETS) {
      for (int bits = 0; bits < 1 << pending; bits++) {
        int these = bits;
        more.add(() -> subset(these));
      }
    }
    // If they are too many, some of all kinds.
    while (more.size() > limit) {
      more.remove(random.nextInt(more.size()));
    }
    more.forEach(made -> add(made.get()));
    if (pending > ALL_SUBSETS) {
      for (int tries = limit; tries > 0 && chosen.size() < limit; tries--) {
        List<Integer> writes = new ArrayList<>();
        for (int i = 0; i < pending; i++) {
          if (random.nextBoolean()) {
            writes.add(i);
          }
        }
        add(SurvivorList.of(writes));
      }
    }
  }

  private void torn(int whole, List<Supplier<SurvivorList>> more) {
    LogEntry.Write write = cut.pending().get(whole);
    long sectors = (write.offset() + write.bytes() - 1) / SECTOR - write.offset() / SECTOR + 1;
    if (sectors < 2) {
      return;
    }
    more.add(() -> SurvivorList.torn(whole, 0, sectors / 2 - 1));
    more.add(() -> SurvivorList.torn(whole, sectors / 2, sectors - 1));
    if (sectors > 2) {
      more.add(() -> SurvivorList.torn(whole, 0, 0));
      more.add(() -> SurvivorList.torn(whole, 0, sectors - 2));
    }
  }

  private SurvivorList allBut(int dropped) {
    List<Integer> writes = new ArrayList<>();
    for (int i = 0; i < cut.pending().size(); i++) {
      if (i != dropped) {
        writes.add(i);
      }
    }
    return SurvivorList.of(writes);
  }

  private SurvivorList subset(int bits) {
    List<Integer> writes = new ArrayList<>();
    for (int i = 0; i < cut.pending().size(); i++) {
      if ((bits >> i & 1) != 0) {
        writes.add(i);
      }
    }
    return SurvivorList.of(writes);
  }

  /** Of each two that overlap, the later one first. */
  private void reordered(List<Supplier<SurvivorList>> more) {
    int pending = cut.pending().size();
    for (int i = 0; i < pending; i++) {
      LogEntry.Write one = cut.pending().get(i);
      for (int j = i + 1; j < pending; j++) {
        LogEntry.Write other = cut.pending().get(j);
        boolean overlap =
            one.offset() < other.offset() + other.bytes()
                && other.offset() < one.offset() + one.bytes();
        if (overlap && cut.mayBeReordered(i, j)) {
          int earlier = i;
          int later = j;
          more.add(() -> swapped(earlier, later));
          break; // the nearest will do
        }
      }
    }
  }

  /** All, the earlier one right behind the later one. */
  private SurvivorList swapped(int earlier, int later) {
    List<Integer> writes = new ArrayList<>();
    for (int k = 0; k < cut.pending().size(); k++) {
      if (k != earlier) {
        writes.add(k);
      }
      if (k == later) {
        writes.add(earlier);
      }
    }
    return SurvivorList.of(writes);
  }
}
