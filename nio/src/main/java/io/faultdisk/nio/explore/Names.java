package io.faultdisk.nio.explore;

import java.nio.file.Path;

/**
 * Names of files as people want to read them: without the directory of the test.
 *
 * @param directory the directory's path, with {@code /} between its names
 */
record Names(String directory) {
  static Names in(Path directory) {
    return new Names(directory.toString().replace('\\', '/'));
  }

  /** The text with shorter names; the directory itself is a dot. */
  String shorten(String text) {
    return text.replace(directory + "/", "").replace(directory, ".");
  }
}
