package io.faultdisk.cli.demo.guest;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes an archive in cpio's "newc" format, as the Linux kernel unpacks it into its first file
 * system. For one thread.
 *
 * <p>Each entry is a header of 110 ASCII characters, the name, and the content; name and content
 * are each filled up to a multiple of 4 bytes:
 *
 * <pre>
 *   offset  width
 *        0      6   070701
 *        6      8   inode      14  8  mode      22  8  user      30  8  group
 *       38      8   links      46  8  time      54  8  bytes of content
 *       62     32   device numbers, 4 of them
 *       94      8   bytes of the name, with the NUL at its end
 *      102      8   0
 * </pre>
 *
 * All numbers are hexadecimal. Source: Documentation/driver-api/early-userspace/buffer-format.rst
 * of Linux.
 */
final class CpioArchive implements AutoCloseable {
  private static final int DIRECTORY = 0040755;
  private static final int PROGRAM = 0100755;
  private static final int HEADER_BYTES = 110;
  private static final int ALIGNMENT = 4;

  private final OutputStream out;
  private int inode;

  CpioArchive(Path file) throws IOException {
    this.out = new BufferedOutputStream(Files.newOutputStream(file));
  }

  /** A directory; its parent comes before it. */
  void directory(String name) throws IOException {
    entry(name, DIRECTORY, new byte[0]);
  }

  /** A file that anybody may read and execute. */
  void file(String name, byte[] content) throws IOException {
    entry(name, PROGRAM, content);
  }

  private void entry(String name, int mode, byte[] content) throws IOException {
    byte[] nameBytes = (name + "\0").getBytes(StandardCharsets.UTF_8);
    int[] numbers = {
      ++inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, nameBytes.length, 0,
    };
    StringBuilder header = new StringBuilder("070701");
    for (int number : numbers) {
      header.append(String.format("%08x", number));
    }
    out.write(header.toString().getBytes(StandardCharsets.US_ASCII));
    out.write(nameBytes);
    fillUp(HEADER_BYTES + nameBytes.length);
    out.write(content);
    fillUp(content.length);
  }

  private void fillUp(int written) throws IOException {
    out.write(new byte[-written & (ALIGNMENT - 1)]);
  }

  /** Ends the archive. */
  @Override
  public void close() throws IOException {
    try (out) {
      entry("TRAILER!!!", 0, new byte[0]);
    }
  }
}
