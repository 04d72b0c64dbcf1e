package io.faultdisk.block.qcow2.codec;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Raw deflate with a window of 4 KiB. */
enum ZlibCodec implements Codec {
  /** Has no state, so one is enough. */
  ZLIB;

  @Override
  public int compress(byte[] cluster, byte[] target) {
    return new Deflate(cluster, target).run();
  }

  @Override
  public boolean decompress(byte[] data, byte[] cluster) {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(data);
      int filled = 0;
      while (filled < cluster.length) {
        int bytes = inflater.inflate(cluster, filled, cluster.length - filled);
        if (bytes == 0) {
          return false;
        }
        filled += bytes;
      }
      return true;
    } catch (DataFormatException e) {
      return false;
    } finally {
      inflater.end();
    }
  }
}
