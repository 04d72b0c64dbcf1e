package io.faultdisk.nio.explore;

import java.nio.file.Path;

/** What the program under test does to its files while something goes wrong. */
@FunctionalInterface
public interface Workload {
  /**
   * Does it. May let through what the program throws; see {@link Attempt#run}.
   *
   * @param directory where the files are
   */
  void run(Path directory) throws Exception;
}
