package io.faultdisk.block.qcow2.codec;

/**
 * One of the two ways in which clusters are compressed. No state; any thread.
 *
 * <p>Source: the compression types of the qcow2 specification; parameters as in QEMU.
 */
public sealed interface Codec permits ZlibCodec, ZstdCodec {
  /** Deflate, which every reader knows. */
  Codec ZLIB = ZlibCodec.ZLIB;

  /** Zstandard. */
  Codec ZSTD = ZstdCodec.ZSTD;

  /**
   * Compresses a cluster.
   *
   * @return how many bytes of {@code target} were filled, -1 if they are not enough
   */
  int compress(byte[] cluster, byte[] target);

  /**
   * Fills {@code cluster} from compressed data that may be followed by other bytes.
   *
   * @return false if the data are damaged or do not fill the cluster
   */
  boolean decompress(byte[] data, byte[] cluster);
}
