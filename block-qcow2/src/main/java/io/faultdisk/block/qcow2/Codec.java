package io.faultdisk.block.qcow2;

/**
 * One of the two ways in which clusters are compressed. No state; any thread.
 *
 * <p>Source: the compression types of the qcow2 specification; parameters as in QEMU.
 */
sealed interface Codec permits ZlibCodec, ZstdCodec {
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

  /** The codec that an image's header asks for. */
  static Codec of(Header header) {
    return header.compression() == Header.COMPRESSION_ZSTD ? ZstdCodec.ZSTD : ZlibCodec.ZLIB;
  }
}
