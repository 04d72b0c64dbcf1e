package io.faultdisk.nio.explore;

import io.faultdisk.base.Seed;
import io.faultdisk.nio.PowerCut;
import java.util.ArrayList;
import java.util.List;

/**
 * What the power cuts at one point leave: nothing that was not durable, all of it, and so many
 * choices in between.
 *
 * @param subsets how many with some changes, whole pages of 4096 bytes
 * @param torn how many with some changes, blocks
 * @param blockBytes the size of a block; a power of two from 1 to 4096
 */
public record CutPlan(int subsets, int torn, int blockBytes) {
  /** Nothing, all, two subsets, one of them torn. */
  public static final CutPlan DEFAULT = new CutPlan(1, 1, 512);

  /** Checks the numbers. */
  public CutPlan {
    if (subsets < 0 || torn < 0) {
      throw new IllegalArgumentException("subsets and torn count from 0");
    }
    var unused = PowerCut.torn(0, blockBytes);
  }

  /** The cuts at a point, with seeds of its own. */
  List<PowerCut> cuts(Seed seed) {
    List<PowerCut> cuts = new ArrayList<>(List.of(PowerCut.dropAll(), PowerCut.keepAll()));
    for (int i = 0; i < subsets; i++) {
      cuts.add(PowerCut.subset(seed.fork("subset " + i)));
    }
    for (int i = 0; i < torn; i++) {
      cuts.add(PowerCut.torn(seed.fork("torn " + i), blockBytes));
    }
    return cuts;
  }
}
