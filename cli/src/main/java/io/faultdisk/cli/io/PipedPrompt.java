package io.faultdisk.cli.io;

import io.faultdisk.cli.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads lines from a pipe or file, printing the prompt before each all the same.
 *
 * <p>A line of more than {@value #LINE_BYTES_MAX} bytes is several lines, as for C's {@code fgets}
 * with a buffer of 1024.
 */
final class PipedPrompt implements Prompt {
  private static final int LINE_BYTES_MAX = 1023;
  private static final int END = -1;

  private final Session session;
  private final byte[] line = new byte[LINE_BYTES_MAX];
  private final byte[] buffer = new byte[4096];
  private int filled;
  private int at;

  PipedPrompt(Session session) {
    this.session = session;
  }

  @Override
  public Optional<String> next() {
    Console console = session.console();
    console.print(console.program() + "> ");
    console.flush();
    session.loop().runOnce();

    int count = 0;
    while (count < LINE_BYTES_MAX) {
      int b = read(console.in());
      if (b == END && count == 0) {
        return Optional.empty();
      }
      if (b == END || b == '\n') {
        break;
      }
      line[count++] = (byte) b;
    }
    return Optional.of(new String(line, 0, count, StandardCharsets.UTF_8));
  }

  private int read(InputStream in) {
    if (at == filled) {
      try {
        filled = Math.max(0, in.read(buffer));
      } catch (IOException gone) {
        filled = 0; // as good as the end
      }
      at = 0;
      if (filled == 0) {
        return END;
      }
    }
    return buffer[at++] & 0xff;
  }

  @Override
  public void close() {
    // Standard input is not ours.
  }
}
