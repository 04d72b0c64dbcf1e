package io.faultdisk.nio;

import io.faultdisk.base.UsageException;
import io.faultdisk.faults.Faults;
import io.faultdisk.rules.RuleFile;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;

/**
 * What a JVM whose default file system is ours starts with: the rules of the file that {@code
 * -Dfaultdisk.rules} names, none without it, and what {@code -Dfaultdisk.powerLoss} takes to be
 * durable.
 */
final class StartRules {
  private static final String PROPERTY = "faultdisk.rules";
  private static final String DURABILITY = "faultdisk.powerLoss";
  private static final int EXIT_CODE = 2;

  private StartRules() {}

  static FaultFileSystem.Builder builder(FileSystem files) {
    FaultFileSystem.Builder builder = FaultFileSystem.over(files).faults(read(files));
    String durability = System.getProperty(DURABILITY, "");
    for (Durability each : Durability.values()) {
      if (each.name().equalsIgnoreCase(durability)) {
        builder.powerLoss(each);
        durability = "";
      }
    }
    if (!durability.isEmpty()) {
      throw refuse(DURABILITY, "'" + durability + "' is neither 'posix' nor 'journaled'");
    }
    return builder;
  }

  private static Faults read(FileSystem files) {
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
      throw refuse(PROPERTY, text.toString());
    } catch (NoSuchFileException e) {
      throw refuse(PROPERTY, name + ": there is no such file");
    } catch (IOException e) {
      throw refuse(PROPERTY, name + ": cannot be read: " + e.getMessage());
    } catch (RuntimeException e) {
      throw refuse(PROPERTY, name + ": " + e);
    }
  }

  /**
   * Java would show an error from here under a heap of frames of its own start, so say it and stop:
   * a program that meant to be tested must not run untested.
   */
  @SuppressWarnings("SystemOut") // before the program has begun
  private static Error refuse(String property, String message) {
    System.err.println("faultdisk: -D" + property + ": " + message);
    System.err.flush();
    Runtime.getRuntime().halt(EXIT_CODE);
    return new Error(message);
  }
}
