package io.faultdisk.cli.demo.guest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether a program needs no libraries: its ELF program headers name no interpreter.
 *
 * <pre>
 *   offset  width   of the file header, little endian
 *       32      8   where the program headers are
 *       54      2   bytes of each
 *       56      2   how many
 *
 *        0      4   of each program header: its type, 3 is PT_INTERP
 * </pre>
 */
final class StaticProgram {
  private static final byte[] MAGIC = {0x7f, 'E', 'L', 'F', 2, 1};
  private static final int INTERPRETER = 3;

  /** The headers are in the first page of every program. */
  private static final int HEAD_BYTES = 4096;

  private StaticProgram() {}

  /** Whether it is a 64-bit ELF program without interpreter. */
  static boolean is(Path file) throws IOException {
    ByteBuffer head;
    try (InputStream in = Files.newInputStream(file)) {
      head = ByteBuffer.wrap(in.readNBytes(HEAD_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    }
    if (head.remaining() < 64 || head.mismatch(ByteBuffer.wrap(MAGIC)) < MAGIC.length) {
      return false;
    }
    long offset = head.getLong(32);
    int bytes = Short.toUnsignedInt(head.getShort(54));
    int count = Short.toUnsignedInt(head.getShort(56));
    for (int index = 0; index < count; index++) {
      long at = offset + (long) index * bytes;
      if (at < 0 || at > head.limit() - 4 || head.getInt((int) at) == INTERPRETER) {
        return false;
      }
    }
    return true;
  }
}
