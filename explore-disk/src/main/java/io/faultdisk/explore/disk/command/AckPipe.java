package io.faultdisk.explore.disk.command;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * How a program tells us, line by line, what it has told the world: through a named pipe that we
 * read, or through a little script that also waits until we have read it.
 *
 * <p>A line counts from when it is read: never before it was written, and with the script before
 * the program goes on. For one thread; lines come on another.
 */
final class AckPipe implements AutoCloseable {
  /** Begins a line that is answered. */
  private static final char ASKS = '\u0001';

  /** Ends the reading; in no text. */
  private static final char END = '\0';

  private static final String SCRIPT =
      """
      #!/bin/sh
      # Says that something is done, and waits until that is known. One after the other.
      exec 9>"$FAULTDISK_RUN/ack.lock" && flock 9 &&
        printf '\\001%s\\n' "$*" >"$FAULTDISK_ACKS" && read -r _ <"$FAULTDISK_RUN/ack.answers"
      """;

  private static final long DEADLINE_MILLIS = TimeUnit.SECONDS.toMillis(5);

  private final Consumer<String> lines;
  private final Path pipe;
  private final Path script;
  private final RandomAccessFile input;
  private final RandomAccessFile answers;
  private final Thread reader;

  AckPipe(PrivateDirectory directory, Consumer<String> lines) {
    this.lines = lines;
    this.pipe = directory.file("ack.pipe");
    Path answersPipe = directory.file("ack.answers");
    Path unused = directory.file("ack.lock");
    this.script = directory.file("ack");
    try {
      Files.writeString(script, SCRIPT);
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
      Programs.Ended made =
          Programs.tool(List.of("mkfifo", pipe.toString(), answersPipe.toString()));
      if (!made.good()) {
        throw new IOException("mkfifo: " + made.describe());
      }
      // Open for both, there is neither a wait for the other side nor an end.
      this.input = new RandomAccessFile(pipe.toFile(), "rw");
      this.answers = new RandomAccessFile(answersPipe.toFile(), "rw");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.reader = new Thread(this::read, "acknowledgements");
    reader.setDaemon(true);
    reader.start();
  }

  /** What the program is told about it. */
  Map<String, String> environment() {
    return Map.of("FAULTDISK_ACKS", pipe.toString(), "FAULTDISK_ACK", script.toString());
  }

  private void read() {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    byte[] bytes = new byte[4096];
    try {
      while (true) {
        int count = input.read(bytes);
        for (int i = 0; i < count; i++) {
          if (bytes[i] == END) {
            return;
          }
          if (bytes[i] == '\n') {
            take(line.toString(StandardCharsets.UTF_8));
            line.reset();
          } else {
            line.write(bytes[i]);
          }
        }
      }
    } catch (IOException closed) {
      // Nobody listens any more.
    }
  }

  private void take(String line) throws IOException {
    if (line.indexOf(ASKS) == 0) {
      lines.accept(line.substring(1));
      answers.write('\n');
    } else {
      lines.accept(line);
    }
  }

  /** Reads what has been written until now, and ends. */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    try (input;
        answers) {
      input.write(END);
      reader.join(DEADLINE_MILLIS);
    } catch (InterruptedException e) {
      interrupted = true;
    } catch (IOException e) {
      // Then there is nothing to read.
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
