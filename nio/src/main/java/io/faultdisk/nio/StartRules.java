package io.faultdisk.nio;

import io.faultdisk.base.UsageException;
import io.faultdisk.faults.Faults;
import io.faultdisk.rules.RuleFile;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;

/**
 * The rules of a JVM whose default file system is ours: those of the file that {@code
 * -Dfaultdisk.rules} names, none without it.
 */
final class StartRules {
  private static final String PROPERTY = "faultdisk.rules";
  private static final int EXIT_CODE = 2;

  private StartRules() {}

  static Faults read(FileSystem files) {
    Faults faults = Faults.create();
    String name = System.getProperty(PROPERTY, "");
    if (name.isEmpty()) {
      return faults;
    }
    try {
      faults.add(new RuleFile(name, Files.readAllBytes(files.getPath(name))));
      return faults;
    } catch (UsageException e) {
      StringBuilder text = new StringBuilder(e.getMessage());
      e.hints().forEach(hint -> text.append(System.lineSeparator()).append(hint));
      throw refuse(text.toString());
    } catch (NoSuchFileException e) {
      throw refuse(name + ": there is no such file");
    } catch (IOException | RuntimeException e) {
      throw refuse(name + ": " + e);
    }
  }

  /**
   * Java would show an error from here under a heap of frames of its own start, so say it and stop:
   * a program that meant to be tested must not run untested.
   */
  @SuppressWarnings("SystemOut") // before the program has begun
  private static Error refuse(String message) {
    System.err.println("faultdisk: -D" + PROPERTY + ": " + message);
    System.err.flush();
    Runtime.getRuntime().halt(EXIT_CODE);
    return new Error(message);
  }
}
