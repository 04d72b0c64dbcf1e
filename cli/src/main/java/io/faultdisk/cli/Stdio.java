package io.faultdisk.cli;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The three standard streams of one run of a command, unbuffered.
 *
 * @param in read only by commands that want input
 * @param out results
 * @param err complaints
 * @param terminal a person sits there: input is a terminal, so a prompt with editing makes sense
 */
public record Stdio(InputStream in, OutputStream out, OutputStream err, boolean terminal) {

  /** This process's own streams. */
  public static Stdio ofProcess() {
    return new Stdio(
        new FileInputStream(FileDescriptor.in),
        new FileOutputStream(FileDescriptor.out),
        new FileOutputStream(FileDescriptor.err),
        isTerminal(0));
  }

  /** Not {@link System#console()}: that loads a line editor, and this is asked on every start. */
  private static boolean isTerminal(int descriptor) {
    try {
      String name = new File("/proc/self/fd/" + descriptor).getCanonicalPath();
      return name.startsWith("/dev/pts/")
          || name.startsWith("/dev/tty")
          || name.equals("/dev/console");
    } catch (IOException unknown) {
      return false;
    }
  }

  /**
   * Whether standard output of this process is a terminal, where people expect to see each line at
   * once.
   */
  static boolean outIsTerminal() {
    return isTerminal(1);
  }
}
