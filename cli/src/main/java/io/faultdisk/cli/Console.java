package io.faultdisk.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Where a command prints: standard output, buffered as C's stdio does it, and standard error, which
 * is not.
 *
 * <p>So when both go to the same place, errors come first; scripts that use qemu-io know that. If
 * {@code eager} is set (output is a terminal) every line appears at once. A reader that has gone
 * away (EPIPE) is not an error: what cannot be written is dropped and the commands go on, as they
 * do in QEMU, which ignores SIGPIPE. {@link #lost} tells those who want to know.
 *
 * <p>For one thread at a time. Text is written as UTF-8.
 */
public final class Console {
  private static final int BUFFER_BYTES = 8192;

  private final String program;
  private final Stdio stdio;
  private final boolean eager;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int used;
  private volatile boolean complained;
  private volatile boolean unmet;
  private volatile Optional<String> lost = Optional.empty();

  /**
   * A console for one run.
   *
   * @param program the name that {@link #report} puts before each message
   * @param eager write each line of standard output at once
   */
  public Console(String program, Stdio stdio, boolean eager) {
    this.program = program;
    this.stdio = stdio;
    this.eager = eager;
  }

  /** The name in messages and in the prompt. */
  public String program() {
    return program;
  }

  /** Standard input. */
  public InputStream in() {
    return stdio.in();
  }

  /** Whether a person sits at standard input. */
  public boolean terminal() {
    return stdio.terminal();
  }

  /** Whether standard output is a terminal, on which lines can be drawn anew. */
  public boolean outIsTerminal() {
    return eager;
  }

  /** Prints to standard output, without line break. */
  public void print(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > BUFFER_BYTES - used) {
      flush();
    }
    if (bytes.length > BUFFER_BYTES) {
      writeOut(bytes, bytes.length);
      return;
    }
    System.arraycopy(bytes, 0, buffer, used, bytes.length);
    used += bytes.length;
  }

  /** Prints a line to standard output. */
  public void line(String text) {
    print(text);
    print("\n");
    if (eager) {
      flush();
    }
  }

  /** Prints a line to standard error as it is. */
  public void error(String text) {
    errorText(text + "\n");
  }

  /** Prints to standard error as it is, without line break. */
  public void errorText(String text) {
    complained = true;
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      write(stdio.err(), bytes, bytes.length);
    } catch (IOException nobodyReads) {
      // The work is done all the same, and there is nobody left to tell.
    }
  }

  /** Prints {@code program: message} to standard error. */
  public void report(String message) {
    error(program + ": " + message);
  }

  /** The same for something that was expected and has not happened: the command has failed. */
  public void unmet(String message) {
    report(message);
    unmet = true;
  }

  /** Whether something that was expected has not happened; any thread. */
  public boolean unmet() {
    return unmet;
  }

  /** Prints {@code program: message} and lines of advice to standard error. */
  public void report(String message, List<String> hints) {
    report(message);
    for (String hint : hints) {
      error(hint);
    }
  }

  /** Prints {@code program: warning: message} to standard error. */
  public void warn(String message) {
    report("warning: " + message);
  }

  /** Whether anything went to standard error so far; any thread. */
  public boolean complained() {
    return complained;
  }

  /** Writes what standard output holds back. */
  public void flush() {
    if (used > 0) {
      writeOut(buffer, used);
      used = 0;
    }
  }

  /** Forgets what standard output holds back, as {@code abort()} does. */
  public void discard() {
    used = 0;
  }

  /** What the system said when standard output took no more; empty as long as it takes all. */
  public Optional<String> lost() {
    return lost;
  }

  private void writeOut(byte[] bytes, int count) {
    try {
      write(stdio.out(), bytes, count);
    } catch (IOException e) {
      lost = Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static void write(OutputStream stream, byte[] bytes, int count) throws IOException {
    stream.write(bytes, 0, count);
    stream.flush();
  }
}
