package io.faultdisk.rules;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What an operation is done to, as rules see it: a file, by its path. Made once per open file,
 * since it remembers which globs it matches.
 *
 * <p>Safe from any thread.
 */
@SuppressWarnings("ReferenceEquality") // operations are constants, a table is itself
public final class Target {
  /** What is remembered beyond this many globs would be searched longer than it is worth. */
  private static final int KNOWN_MAX = 64;

  /** More operations than a file system has; a program's own have targets of their own. */
  private static final int QUIET_MAX = 32;

  private final String path;
  private final @Nullable String other;

  /** Newest first; replaced as a whole. A lost entry is found out again. */
  private volatile @Nullable Known known;

  /** What no rule names this target for; replaced as a whole. */
  private volatile @Nullable Quiet quiet;

  /** Operations with rules that are all for other files, in one table of rules. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Quiet(EventTable table, Operation[] operations) {}

  private record Known(PathGlob glob, boolean matches, int count, @Nullable Known next) {}

  private Target(String path, @Nullable String other) {
    this.path = path;
    this.other = other;
  }

  /**
   * A file.
   *
   * @param path absolute, with {@code /} between its names; what a rule's {@code path} is compared
   *     with
   */
  public static Target of(String path) {
    return new Target(path, null);
  }

  /** Two files, as of a rename: a rule looks at both. */
  public static Target of(String path, String other) {
    return new Target(path, other);
  }

  /** The path; of two the first. */
  public String path() {
    return path;
  }

  /** Whether it is known that no rule of the table is about this operation on this target. */
  boolean isQuietIn(EventTable table, Operation operation) {
    Quiet now = quiet;
    if (now == null || now.table != table) {
      return false;
    }
    for (Operation one : now.operations) {
      if (one == operation) {
        return true;
      }
    }
    return false;
  }

  /** From now on {@link #isQuietIn} knows. */
  void quietIn(EventTable table, Operation operation) {
    Quiet now = quiet;
    Operation[] before = now == null || now.table != table ? new Operation[0] : now.operations;
    if (before.length < QUIET_MAX) {
      Operation[] more = Arrays.copyOf(before, before.length + 1);
      more[before.length] = operation;
      quiet = new Quiet(table, more);
    }
  }

  /** Whether the glob matches the path, or one of the two. */
  boolean matches(PathGlob glob) {
    Known newest = known;
    for (Known one = newest; one != null; one = one.next) {
      if (one.glob.equals(glob)) {
        return one.matches;
      }
    }
    boolean matches = glob.matches(path) || (other != null && glob.matches(other));
    int count = newest == null ? 1 : newest.count + 1;
    if (count <= KNOWN_MAX) {
      known = new Known(glob, matches, count, newest);
    }
    return matches;
  }

  /** The path, or {@code source -> target}. */
  @Override
  public String toString() {
    return other == null ? path : path + " -> " + other;
  }
}
