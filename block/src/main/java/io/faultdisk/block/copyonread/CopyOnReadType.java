package io.faultdisk.block.copyonread;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Opening;
import io.faultdisk.block.Permission;
import java.util.Optional;

/**
 * {@code driver=copy-on-read,file=...}: a filter over a format with backing files. The option
 * {@code bottom} is not there.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/copy-on-read.c.
 */
public final class CopyOnReadType implements DriverType {
  @Override
  public String name() {
    return "copy-on-read";
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
  public boolean writesCompressed() {
    return true;
  }

  @Override
  public boolean reopens() {
    return false;
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException {
    return new CopyOnReadDriver(
        opening
            .openChild(
                "file",
                ChildRole.FILTERED,
                Optional.empty(),
                CopyOnReadDriver.wish(Permission.Wish.NONE))
            .node());
  }
}
