package io.faultdisk.block.compress;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Node;
import io.faultdisk.block.Opening;
import java.util.Optional;

/**
 * {@code driver=compress,file=...}: a filter over a format that can store data compressed.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/filter-compress.c.
 */
public final class CompressType implements DriverType {
  @Override
  public String name() {
    return "compress";
  }

  @Override
  public Kind kind() {
    return Kind.FILTER;
  }

  @Override
  public boolean opensAsProtocol() {
    return false;
  }

  @Override
  public boolean reopens() {
    return false;
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException {
    Node file = opening.openChild("file", ChildRole.FILTERED, Optional.empty()).node();
    if (!file.type().writesCompressed()) {
      throw new UsageException(
          "Compression is not supported for underlying format: " + file.type().name());
    }
    return new CompressDriver(file);
  }
}
