package io.faultdisk.cli.img;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.posix.AlignedBuffers;
import java.nio.ByteBuffer;

/**
 * Copies a range of an image to the start of another, block by block, as {@code dd} does.
 *
 * @param blockSize bytes of each read and write
 * @param start where the range begins, in bytes
 * @param end where it ends
 */
record DdCopy(int blockSize, long start, long end) {
  private static final int ALIGNMENT = 4096;

  /**
   * Copies.
   *
   * @throws UsageException with the text for the user, at the first failure
   */
  void run(BlockBackend source, BlockBackend target) throws UsageException {
    int longest = (int) Math.max(0, Math.min(blockSize, end - start));
    ByteBuffer buffer = AlignedBuffers.allocate(longest, ALIGNMENT);
    for (long at = start; at < end; at += blockSize) {
      buffer.clear().limit((int) Math.min(blockSize, end - at));
      try {
        source.read(at, buffer);
      } catch (BlockIoException e) {
        throw failed("reading from input", e);
      }
      try {
        target.write(at - start, buffer.flip(), RequestFlags.NONE);
      } catch (BlockIoException e) {
        throw failed("writing to output", e);
      }
    }
  }

  private static UsageException failed(String doing, BlockIoException e) {
    return new UsageException("error while " + doing + " image file: " + e.errno().text());
  }
}
