package io.faultdisk.nbd.tls;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Says in the system's words why a file could not be read. */
final class FileProblem {
  private FileProblem() {}

  static String text(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "No such file or directory";
      case AccessDeniedException denied -> "Permission denied";
      default -> e.getMessage() == null ? e.toString() : e.getMessage();
    };
  }
}
