package io.faultdisk.explore;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import java.util.Optional;

/**
 * One thing that is tried. Immutable. Release 17 has no pattern {@code switch}: switch on {@link
 * #family()}.
 */
public sealed interface Case {
  /** Unique in an exploration, and the same whenever the same recording is explored again. */
  String id();

  /** Which kind of case it is. */
  Family family();

  /** Where in the recorded run it begins; nothing if it may begin anywhere. */
  Optional<FaultPoint> point();

  /** The kinds of cases, in the order in which they are tried. */
  enum Family {
    /** {@link ErrorCase} and {@link FaultCase}. */
    ERRORS("errors"),
    /** {@link CrashCase}. */
    CRASHES("crashes"),
    /** {@link PairCase} and {@link RecoveryCase}. */
    PAIRS("pairs"),
    /** {@link RandomCase}. */
    RANDOM("random");

    private final String word;

    Family(String word) {
      this.word = word;
    }

    /** As on the command line and in reports. */
    public String word() {
      return word;
    }
  }

  /** One request fails, or all from it on. */
  record ErrorCase(Injection injection) implements Case {
    @Override
    public String id() {
      return injection.id();
    }

    @Override
    public Family family() {
      return Family.ERRORS;
    }

    @Override
    public Optional<FaultPoint> point() {
      return Optional.of(injection.point());
    }
  }

  /**
   * Something else goes wrong at a point than an error, or from it on: a short write, a lying
   * flush.
   *
   * @param where the point
   * @param fault what, as the point's {@link PointTraits} call it
   * @param sticky whether all later requests of the kind meet it, too
   */
  record FaultCase(FaultPoint where, String fault, boolean sticky) implements Case {
    @Override
    public String id() {
      return where.id() + ": " + fault + (sticky ? " sticky" : "");
    }

    @Override
    public Family family() {
      return Family.ERRORS;
    }

    @Override
    public Optional<FaultPoint> point() {
      return Optional.of(where);
    }
  }

  /** The power goes; afterwards the disk is as the crash state says. */
  record CrashCase(CrashState state) implements Case {
    @Override
    public String id() {
      return state.id();
    }

    @Override
    public Family family() {
      return Family.CRASHES;
    }

    @Override
    public Optional<FaultPoint> point() {
      return Optional.of(state.point());
    }
  }

  /**
   * One request fails, and another one while the program deals with that.
   *
   * @param first the first fault, not sticky
   * @param after which request after the first one fails as well, from 1
   * @param errno with what
   */
  record PairCase(Injection first, int after, Errno errno) implements Case {
    @Override
    public String id() {
      return first.id() + ", then the request " + after + " later: " + errno.name();
    }

    @Override
    public Family family() {
      return Family.PAIRS;
    }

    @Override
    public Optional<FaultPoint> point() {
      return Optional.of(first.point());
    }
  }

  /**
   * The power goes, and a request fails while the program recovers.
   *
   * @param state what the power cut leaves
   * @param request which request of the recovery fails, from 1
   * @param errno with what
   */
  record RecoveryCase(CrashState state, int request, Errno errno) implements Case {
    @Override
    public String id() {
      return state.id() + "; recovery's request " + request + ": " + errno.name();
    }

    @Override
    public Family family() {
      return Family.PAIRS;
    }

    @Override
    public Optional<FaultPoint> point() {
      return Optional.of(state.point());
    }
  }

  /**
   * Requests fail by chance.
   *
   * @param seed of the chance
   * @param percent how many of a hundred requests fail
   * @param errno with what
   */
  record RandomCase(Seed seed, double percent, Errno errno) implements Case {
    @Override
    public String id() {
      return "random " + percent + "% " + errno.name() + " seed " + seed;
    }

    @Override
    public Family family() {
      return Family.RANDOM;
    }

    @Override
    public Optional<FaultPoint> point() {
      return Optional.empty();
    }
  }
}
