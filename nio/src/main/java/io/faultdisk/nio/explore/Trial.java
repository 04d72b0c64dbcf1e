package io.faultdisk.nio.explore;

import io.faultdisk.faults.FaultPoint;
import io.faultdisk.nio.PowerCut;
import io.faultdisk.rules.Rule;
import java.util.List;
import java.util.Optional;

/**
 * What is to go wrong in one attempt. Immutable.
 *
 * @param point where; empty is nowhere
 * @param fault what; empty is nothing
 * @param sticky whether all later operations of the same event fail, too
 * @param cut what a power cut leaves that comes with the fault, or when the workload has ended;
 *     empty is no power cut
 */
public record Trial(
    Optional<FaultPoint> point,
    Optional<PointFault> fault,
    boolean sticky,
    Optional<PowerCut> cut) {
  /** Nothing goes wrong. */
  public static final Trial CLEAN =
      new Trial(Optional.empty(), Optional.empty(), false, Optional.empty());

  /** Checks that a fault has a point. */
  public Trial {
    if (point.isPresent() != fault.isPresent()) {
      throw new IllegalArgumentException("a fault needs a point, and a point a fault");
    }
  }

  static Trial of(FaultPoint point, PointFault fault, boolean sticky, Optional<PowerCut> cut) {
    return new Trial(Optional.of(point), Optional.of(fault), sticky, cut);
  }

  /** The power goes when all has been done. */
  static Trial cutAtEnd(PowerCut cut) {
    return new Trial(Optional.empty(), Optional.empty(), false, Optional.of(cut));
  }

  /** Whether nothing goes wrong. */
  public boolean isClean() {
    return equals(CLEAN);
  }

  /** The rules that make it happen. */
  public List<Rule> rules() {
    return point.isEmpty() ? List.of() : List.of(fault.orElseThrow().at(point.get(), sticky));
  }

  /** Its name without that of the file, the same in every run: {@code fsync#3: EIO}. */
  public String id() {
    return point.isEmpty()
        ? named("end")
        : named(point.get().event() + "#" + point.get().occurrence());
  }

  private String named(String where) {
    if (isClean()) {
      return "clean run";
    }
    StringBuilder name = new StringBuilder(where).append(": ");
    String what = fault.map(PointFault::toString).orElse("power cut");
    name.append(what).append(sticky ? " from then on" : "");
    if (cut.isPresent()) {
      name.append(what.equals("power cut") ? ", " : ", then power cut, ")
          .append(cut.get().toString().replaceFirst("^PowerCut\\.", ""));
    }
    return name.toString();
  }

  /** {@code fsync#3 a.wal: EIO}. */
  @Override
  public String toString() {
    return named(point.map(FaultPoint::toString).orElse("end"));
  }
}
