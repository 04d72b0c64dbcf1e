package io.faultdisk.rules;

import org.jspecify.annotations.Nullable;

/**
 * What an operation is done to, as rules see it: a file, by its path. Made once per open file,
 * since it remembers which globs it matches.
 *
 * <p>Safe from any thread.
 */
public final class Target {
  /** What is remembered beyond this many globs would be searched longer than it is worth. */
  private static final int KNOWN_MAX = 64;

  private final String path;
  private final @Nullable String other;

  /** Newest first; replaced as a whole. A lost entry is found out again. */
  private volatile @Nullable Known known;

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
