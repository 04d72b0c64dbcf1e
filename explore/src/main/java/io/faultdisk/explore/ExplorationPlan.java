package io.faultdisk.explore;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What to try.
 *
 * @param families the kinds of cases; not empty
 * @param errnos the errors of each fault point; not empty
 * @param once whether each error is tried for one request
 * @param sticky whether each error is tried for all requests from the point on
 * @param pairs how many pairs of faults at most
 * @param random how many random cases
 * @param statesPerEpoch how many crash states of one epoch at most, before equal ones are left out
 * @param cases how many cases at most; what is more is left out evenly
 * @param seed of all that is chosen
 */
public record ExplorationPlan(
    Set<Case.Family> families,
    List<Errno> errnos,
    boolean once,
    boolean sticky,
    int pairs,
    int random,
    int statesPerEpoch,
    int cases,
    Seed seed) {

  /** Errors and crashes, EIO and ENOSPC, once and sticky; some pairs and random ones if asked. */
  public static ExplorationPlan standard(Seed seed) {
    return new ExplorationPlan(
        EnumSet.of(Case.Family.ERRORS, Case.Family.CRASHES),
        List.of(Errno.EIO, Errno.ENOSPC),
        true,
        true,
        1000,
        100,
        100,
        Integer.MAX_VALUE,
        seed);
  }

  /** Checks and copies. */
  public ExplorationPlan {
    if (families.isEmpty() || errnos.isEmpty() || !(once || sticky)) {
      throw new IllegalArgumentException("a plan that tries nothing");
    }
    if (pairs < 0 || random < 0 || statesPerEpoch < 1 || cases < 1) {
      throw new IllegalArgumentException("a plan with a negative number");
    }
    families = Collections.unmodifiableSet(EnumSet.copyOf(families));
    errnos = List.copyOf(errnos);
  }

  /** Whether cases of a kind are wanted. */
  public boolean wants(Case.Family family) {
    return families.contains(family);
  }

  /** The same for these kinds of cases. */
  public ExplorationPlan withFamilies(Set<Case.Family> newFamilies) {
    return new ExplorationPlan(
        newFamilies, errnos, once, sticky, pairs, random, statesPerEpoch, cases, seed);
  }

  /** The same with these errors. */
  public ExplorationPlan withErrnos(List<Errno> newErrnos) {
    return new ExplorationPlan(
        families, newErrnos, once, sticky, pairs, random, statesPerEpoch, cases, seed);
  }

  /** The same with so many pairs at most. */
  public ExplorationPlan withPairs(int newPairs) {
    return new ExplorationPlan(
        families, errnos, once, sticky, newPairs, random, statesPerEpoch, cases, seed);
  }

  /** The same with so many random cases. */
  public ExplorationPlan withRandom(int newRandom) {
    return new ExplorationPlan(
        families, errnos, once, sticky, pairs, newRandom, statesPerEpoch, cases, seed);
  }

  /** All that decides which cases there are, in one line. */
  public String describe() {
    StringBuilder text = new StringBuilder();
    for (Case.Family family : families) {
      text.append(text.isEmpty() ? "" : "+").append(family.word());
    }
    text.append(" errno=");
    String separator = "";
    for (Errno errno : errnos) {
      text.append(separator).append(errno.name());
      separator = ",";
    }
    return text.append(once ? " once" : "")
        .append(sticky ? " sticky" : "")
        .append(" pairs=")
        .append(pairs)
        .append(" random=")
        .append(random)
        .append(" states-per-epoch=")
        .append(statesPerEpoch)
        .append(cases == Integer.MAX_VALUE ? "" : " cases=" + cases)
        .append(" seed=")
        .append(seed)
        .toString();
  }
}
