package io.faultdisk.block.writecache;

import io.faultdisk.base.Seed;
import io.faultdisk.rules.Survivors;
import io.faultdisk.rules.Survivors.Part;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/** Which pending writes reach the medium when the power goes, one by one. */
final class SurvivorChoice {
  /** One in so many random cuts tears the write that reaches the medium last. */
  private static final int TORN = 4;

  private static final int SECTOR = 512;

  private SurvivorChoice() {}

  /**
   * The survivors of {@code writes}, of which the first has number {@code first}.
   *
   * <p>Those of {@link Survivors#random()} are as a disk may leave them: every write with even
   * chances, in any order, and at times only the first sectors of the last.
   *
   * @return parts of one write each, in the order in which they reach the medium; numbers of no
   *     write are left out
   */
  static List<Part> of(Survivors survivors, Seed seed, int first, List<PendingWrite> writes) {
    int end = first + writes.size();
    return switch (survivors) {
      case Survivors.None none -> List.of();
      case Survivors.All all -> {
        List<Part> parts = new ArrayList<>(writes.size());
        for (int number = first; number < end; number++) {
          parts.add(Part.write(number));
        }
        yield parts;
      }
      case Survivors.Random random -> random(seed.random(), first, writes);
      case Survivors.Listed listed -> listed(listed.parts(), first, end);
    };
  }

  private static List<Part> listed(List<Part> wanted, int first, int end) {
    List<Part> parts = new ArrayList<>();
    for (Part part : wanted) {
      for (int number = Math.max(first, part.first());
          number <= part.last() && number < end;
          number++) {
        parts.add(new Part(number, number, part.sectors()));
      }
    }
    return parts;
  }

  private static List<Part> random(RandomGenerator random, int first, List<PendingWrite> writes) {
    List<Part> parts = new ArrayList<>();
    for (int number = first; number < first + writes.size(); number++) {
      if (random.nextBoolean()) {
        parts.add(Part.write(number));
      }
    }
    for (int i = parts.size() - 1; i > 0; i--) {
      Collections.swap(parts, i, random.nextInt(i + 1));
    }
    if (!parts.isEmpty() && random.nextInt(TORN) == 0) {
      int last = parts.getLast().first();
      PendingWrite torn = writes.get(last - first);
      long sectors = (torn.end() - 1) / SECTOR - torn.offset / SECTOR + 1;
      if (sectors > 1) {
        int kept = random.nextInt(1, (int) Math.min(sectors, Integer.MAX_VALUE));
        parts.set(parts.size() - 1, Part.torn(last, 0, kept - 1));
      }
    }
    return parts;
  }
}
