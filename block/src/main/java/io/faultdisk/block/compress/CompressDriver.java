package io.faultdisk.block.compress;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockLimits;
import io.faultdisk.block.FilterDriver;
import io.faultdisk.block.Node;
import io.faultdisk.block.RequestFlags;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * Passes everything on, writes with the wish to compress them. Since only whole clusters can be
 * compressed, requests are aligned to clusters. Any thread.
 */
final class CompressDriver implements FilterDriver {
  private final Node file;

  CompressDriver(Node file) {
    this.file = file;
  }

  @Override
  public Node below() {
    return file;
  }

  @Override
  public OptionalLong allocatedSize() {
    return file.allocatedSize();
  }

  @Override
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    file.write(offset, source, flags | RequestFlags.COMPRESSED);
  }

  @Override
  public boolean lengthVaries() {
    return true;
  }

  @Override
  public BlockLimits limits(BlockLimits inherited) {
    try {
      int cluster = file.driver().info().clusterSize();
      return cluster == 0 ? inherited : inherited.withRequestAlignment(cluster);
    } catch (BlockIoException e) {
      return inherited; // without info there are no clusters
    }
  }
}
