package io.faultdisk.rules;

/**
 * What an operation is done to, as rules see it: a file, by its path. Made once per open file,
 * since it remembers which rules its path matches.
 *
 * <p>Safe from any thread.
 */
public final class Target {
  private final String path;

  private Target(String path) {
    this.path = path;
  }

  /**
   * A file.
   *
   * @param path absolute, with {@code /} between its names; what a rule's {@code path} is compared
   *     with
   */
  public static Target of(String path) {
    return new Target(path);
  }

  /** The path. */
  public String path() {
    return path;
  }

  @Override
  public String toString() {
    return path;
  }
}
