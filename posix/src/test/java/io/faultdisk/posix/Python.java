package io.faultdisk.posix;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Another process that makes system calls; needs {@code python3}. */
final class Python implements AutoCloseable {
  private static final String PROGRAM = "/usr/bin/python3";
  private static final long DEADLINE_SECONDS = 60;

  private final Process process;
  private final BufferedReader out;
  private final OutputStream in;

  private Python(String script, Path argument) throws IOException {
    if (!Files.isExecutable(Path.of(PROGRAM))) {
      System.err.println("skipped: no " + PROGRAM);
      abort("no " + PROGRAM);
    }
    process =
        new ProcessBuilder(PROGRAM, "-c", script, argument.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    out = process.inputReader(StandardCharsets.UTF_8);
    in = process.getOutputStream();
  }

  /** Runs to its end and returns what it printed. */
  static String run(String script, Path argument) throws IOException {
    try (Python python = new Python(script, argument)) {
      return python.readLine();
    }
  }

  /** Starts a script that prints {@code ready} and ends when its stdin does. */
  static Python start(String script, Path argument) throws IOException {
    Python python = new Python(script, argument);
    if (!python.readLine().equals("ready")) {
      python.close();
      throw new IOException("script failed");
    }
    return python;
  }

  private String readLine() throws IOException {
    String line = out.readLine();
    return line == null ? "" : line;
  }

  @Override
  public void close() throws IOException {
    in.close();
    try {
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("python did not end");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new IOException(e);
    }
  }
}
