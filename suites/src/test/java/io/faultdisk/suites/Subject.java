package io.faultdisk.suites;

import java.nio.file.Path;

/** A storage system, with something for it to do. */
public interface Subject {

  /** For reports. */
  String name();

  /** What is found where it has never committed anything. */
  Object empty();

  /**
   * Does the work, the same every time, and closes all it has opened, also if something fails.
   *
   * @param directory an empty directory of the file system under test
   * @param history is told of every commit: that it begins, and that the system says it is durable
   */
  void work(Path directory, History history) throws Exception;

  /**
   * Opens what is in a directory as a user would after a power cut or a crash.
   *
   * @param directory may be changed
   * @return what is there, to be compared with the contents in the history
   * @throws Exception if the system cannot open it, or finds that it contradicts itself
   */
  Object recover(Path directory) throws Exception;
}
