package io.faultdisk.cli.io;

import io.faultdisk.cli.tool.Refusal;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A file whose content is written again and again ({@code write -s}). */
final class SourceFile {
  private static final int CHUNK = 1 << 16;

  private SourceFile() {}

  /**
   * A buffer full of the file's content, repeated as often as it takes.
   *
   * @throws Refusal if the file cannot be read or is empty
   */
  static ByteBuffer repeated(Session session, String name, int bytes) throws Refusal {
    ByteBuffer buffer = session.buffers().allocate(bytes);
    int size;
    try {
      size = readInto(buffer, name);
    } catch (IOException failure) {
      session.console().error(name + ": " + reason(name, failure));
      throw new Refusal();
    }
    if (size == 0) {
      session.console().error(name + ": file is empty");
      throw new Refusal();
    }
    // Copies double in length: the first so many bytes are a multiple of the content.
    for (int done = size; done < bytes; ) {
      int next = Math.min(done, bytes - done);
      buffer.put(done, buffer, 0, next);
      done += next;
    }
    return buffer.clear();
  }

  private static int readInto(ByteBuffer buffer, String name) throws IOException {
    byte[] chunk = new byte[Math.min(buffer.capacity(), CHUNK)];
    try (FileInputStream file = new FileInputStream(name)) {
      while (buffer.hasRemaining()) {
        int count = file.read(chunk, 0, Math.min(chunk.length, buffer.remaining()));
        if (count < 0) {
          break;
        }
        buffer.put(chunk, 0, count);
      }
    }
    return buffer.position();
  }

  /** What the system says of the failure: {@code No such file or directory}. */
  private static String reason(String name, IOException failure) {
    if (new File(name).isDirectory()) {
      return "Is a directory";
    }
    String message = String.valueOf(failure.getMessage());
    int open = message.lastIndexOf('(');
    return open >= 0 && message.endsWith(")")
        ? message.substring(open + 1, message.length() - 1)
        : message;
  }
}
