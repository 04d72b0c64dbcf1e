package io.faultdisk.block.raw;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockLimits;
import io.faultdisk.block.Child;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.FileExchange;
import io.faultdisk.block.FilterDriver;
import io.faultdisk.block.FormatGuess;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Permission;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import io.faultdisk.block.options.Options;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * An opened raw image: shifts requests into its window and announces {@code read_aio} and {@code
 * write_aio} at its file.
 *
 * <p>Zero writes and discards pass without an event. Any thread.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/raw-format.c.
 */
final class RawDriver implements FilterDriver, FileExchange {
  private static final int PROBED_BYTES = 512;

  private volatile Node file;
  private final boolean probed;
  private volatile RawWindow window;
  private volatile long size;

  RawDriver(Child file, RawWindow window, boolean probed) throws BlockIoException {
    this.file = file.node();
    this.window = window;
    this.probed = probed;
    this.size = window.size().orElse(this.file.length() - window.offset());
  }

  @Override
  public Node below() {
    return file;
  }

  @Override
  public void file(Node next) throws BlockIoException {
    size = window.size().orElse(next.length() - window.offset());
    file = next;
  }

  @Override
  public void read(long offset, ByteBuffer target) throws BlockIoException {
    long bytes = target.remaining();
    long at = inFile(offset, bytes, Errno.EINVAL);
    file.announce(QemuEvents.READ_AIO, RequestType.READ, at, bytes);
    file.read(at, target);
  }

  @Override
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    long bytes = source.remaining();
    if (probed && offset < PROBED_BYTES && bytes > 0) {
      checkHeader(source);
    }
    long at = inFile(offset, bytes, Errno.ENOSPC);
    file.announce(QemuEvents.WRITE_AIO, RequestType.WRITE, at, bytes);
    file.write(at, source, flags);
  }

  /** Refuses to write another format's header. */
  private static void checkHeader(ByteBuffer source) throws BlockIoException {
    byte[] head = new byte[Math.min(PROBED_BYTES, source.remaining())];
    source.duplicate().get(head);
    if (FormatGuess.foreign(head).isPresent()) {
      throw new BlockIoException(Errno.EPERM);
    }
  }

  @Override
  public void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    file.writeZeroes(inFile(offset, bytes, Errno.ENOSPC), bytes, flags);
  }

  @Override
  public void discard(long offset, long bytes) throws BlockIoException {
    file.discard(inFile(offset, bytes, Errno.ENOSPC), bytes);
  }

  @Override
  public Mapping map(long offset, long bytes, boolean precise) {
    return new Mapping.Forward(file, offset + window.offset(), bytes);
  }

  /** With a fixed size nothing may leak out of the window. */
  private long inFile(long offset, long bytes, Errno outside) throws BlockIoException {
    RawWindow now = window;
    if (now.size().isPresent() && (offset > size || bytes > size - offset)) {
      throw new BlockIoException(outside);
    }
    if (offset > Long.MAX_VALUE - now.offset()) {
      throw new BlockIoException(Errno.EINVAL);
    }
    return offset + now.offset();
  }

  @Override
  public long length() throws BlockIoException {
    long inFile = file.length();
    RawWindow now = window;
    if (inFile < now.offset()) {
      size = 0;
    } else if (now.size().isPresent()) {
      size = Math.min(size, inFile - now.offset());
    } else {
      size = inFile - now.offset();
    }
    return size;
  }

  @Override
  public boolean lengthVaries() {
    return true;
  }

  @Override
  public void truncate(long newSize, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    file.truncate(fileSize(newSize), exact, preallocation);
  }

  @Override
  public void truncateZeroed(long newSize, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    file.truncateZeroed(fileSize(newSize), exact, preallocation);
  }

  /** How long the file is to become for an image of that size. */
  private long fileSize(long newSize) throws BlockIoException {
    RawWindow now = window;
    if (now.size().isPresent()) {
      throw new BlockIoException(Errno.ENOTSUP, "Cannot resize fixed-size raw disks");
    }
    if (Long.MAX_VALUE - newSize < now.offset()) {
      throw new BlockIoException(Errno.EINVAL, "Disk size too large for the chosen offset");
    }
    return newSize + now.offset();
  }

  @Override
  public BlockLimits limits(BlockLimits inherited) {
    return probed ? inherited.withRequestAlignment(PROBED_BYTES) : inherited;
  }

  /** A window needs neither to write nor to grow the file unless somebody above does. */
  @Override
  public Permission.Wish childWish(ChildRole role, Permission.Wish wish, boolean writable) {
    Permission.Wish usual = role.childWish(wish, writable);
    int onlyIfAsked = Permission.WRITE | Permission.RESIZE;
    return new Permission.Wish(
        (usual.taken() & ~onlyIfAsked) | (wish.taken() & onlyIfAsked), usual.shared());
  }

  @Override
  public void reopen(OpenFlags flags, Options options) throws UsageException {
    OptionValues values = options.absorb(OptionSpec.size("offset"), OptionSpec.size("size"));
    RawWindow wanted =
        new RawWindow(
            values.size("offset", 0),
            values.has("size") ? Optional.of(values.size("size", 0)) : Optional.empty());
    try {
      wanted.checkAgainst(file.length());
      size = wanted.size().orElse(file.length() - wanted.offset());
    } catch (BlockIoException e) {
      throw new UsageException("Could not get image size: " + e.reason());
    }
    window = wanted;
  }
}
