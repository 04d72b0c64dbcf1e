package io.faultdisk.block.copyonread;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.FilterDriver;
import io.faultdisk.block.Node;
import io.faultdisk.block.Permission;
import io.faultdisk.block.RequestFlags;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * Passes everything on; reads also store what they found in a backing file. The node below has to
 * be writable for that, whatever the parents want. Any thread.
 */
final class CopyOnReadDriver implements FilterDriver {
  private static final int PASSED =
      Permission.CONSISTENT_READ | Permission.WRITE | Permission.RESIZE;

  private final Node file;

  CopyOnReadDriver(Node file) {
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
  public void read(long offset, ByteBuffer target) throws BlockIoException {
    file.readAndKeep(offset, target);
  }

  @Override
  public void writeCompressed(long offset, ByteBuffer source) throws BlockIoException {
    file.write(offset, source, RequestFlags.COMPRESSED);
  }

  @Override
  public boolean lengthVaries() {
    return true;
  }

  @Override
  public Permission.Wish childWish(ChildRole role, Permission.Wish wish, boolean writable) {
    return wish(wish);
  }

  /** What it takes of the node below when its own parents want that, whatever it is open for. */
  static Permission.Wish wish(Permission.Wish wish) {
    return new Permission.Wish(
        (wish.taken() & PASSED) | Permission.WRITE_UNCHANGED,
        (wish.shared() & PASSED) | (Permission.ALL & ~PASSED));
  }
}
