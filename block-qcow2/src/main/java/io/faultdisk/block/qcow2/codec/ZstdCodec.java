package io.faultdisk.block.qcow2.codec;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.zstd.ZstdCompressor;
import io.airlift.compress.v3.zstd.ZstdDecompressor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;

/**
 * Zstandard frames, level 3. With the native library that comes with the dependency the bytes are
 * those of QEMU; where it does not load, a Java encoder does the same less tightly.
 */
enum ZstdCodec implements Codec {
  /** Has no state, so one is enough. */
  ZSTD;

  private static final int FRAME_MAGIC = 0xfd2fb528;
  private static final int SKIPPABLE_MAGIC = 0x184d2a50;
  private static final int SKIPPABLE_MASK = 0xfffffff0;
  private static final int BLOCK_RLE = 1;

  @Override
  public int compress(byte[] cluster, byte[] target) {
    ZstdCompressor compressor = ZstdCompressor.create();
    byte[] output = new byte[compressor.maxCompressedLength(cluster.length)];
    int bytes = compressor.compress(cluster, 0, cluster.length, output, 0, output.length);
    if (bytes > target.length) {
      return -1;
    }
    System.arraycopy(output, 0, target, 0, bytes);
    return bytes;
  }

  @Override
  public boolean decompress(byte[] data, byte[] cluster) {
    ZstdDecompressor decompressor = ZstdDecompressor.create();
    int from = 0;
    int filled = 0;
    try {
      while (filled < cluster.length) {
        OptionalInt frame = frameBytes(ByteBuffer.wrap(data, from, data.length - from));
        if (frame.isEmpty()) {
          return false;
        }
        int bytes = frame.getAsInt();
        filled +=
            decompressor.decompress(data, from, bytes, cluster, filled, cluster.length - filled);
        from += bytes;
      }
    } catch (MalformedInputException | IllegalArgumentException e) {
      return false;
    }
    return true;
  }

  /**
   * Length of the first frame in {@code data}: decoders want to know where it ends, the image only
   * knows the sector. Empty if there is no whole frame.
   *
   * <p>Source: RFC 8878, section 3.1.
   */
  static OptionalInt frameBytes(ByteBuffer data) {
    ByteBuffer frame = data.slice().order(ByteOrder.LITTLE_ENDIAN);
    if (frame.remaining() < 8) {
      return OptionalInt.empty();
    }
    int magic = frame.getInt();
    if ((magic & SKIPPABLE_MASK) == SKIPPABLE_MAGIC) {
      long bytes = 8 + Integer.toUnsignedLong(frame.getInt());
      return bytes <= frame.capacity() ? OptionalInt.of((int) bytes) : OptionalInt.empty();
    }
    if (magic != FRAME_MAGIC) {
      return OptionalInt.empty();
    }
    int descriptor = frame.get();
    long at = (long) frame.position() + headerBytes(descriptor);
    boolean last = false;
    while (!last) {
      if (at + 3 > frame.capacity()) {
        return OptionalInt.empty();
      }
      int block = (frame.getShort((int) at) & 0xffff) | (frame.get((int) at + 2) & 0xff) << 16;
      last = (block & 1) != 0;
      at += 3 + ((block >> 1 & 3) == BLOCK_RLE ? 1 : block >> 3);
    }
    boolean checksum = (descriptor & 4) != 0;
    at += checksum ? 4 : 0;
    return at <= frame.capacity() ? OptionalInt.of((int) at) : OptionalInt.empty();
  }

  /** Bytes of the frame header behind the descriptor: window, dictionary and content size. */
  private static int headerBytes(int descriptor) {
    boolean singleSegment = (descriptor & 0x20) != 0;
    int dictionary =
        switch (descriptor & 3) {
          case 0 -> 0;
          case 1 -> 1;
          case 2 -> 2;
          default -> 4;
        };
    int contentSize =
        switch (descriptor >> 6 & 3) {
          case 0 -> singleSegment ? 1 : 0;
          case 1 -> 2;
          case 2 -> 4;
          default -> 8;
        };
    return (singleSegment ? 0 : 1) + dictionary + contentSize;
  }
}
