package io.faultdisk.block.file;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockLimits;
import io.faultdisk.block.ImageInfo;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Permission;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.block.format.Deletable;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.Options;
import io.faultdisk.posix.AlignedBuffers;
import io.faultdisk.posix.FallocateMode;
import io.faultdisk.posix.OpenFlag;
import io.faultdisk.posix.PosixException;
import io.faultdisk.posix.PosixFile;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * An opened image file. Any thread; the permissions and reopen calls come under the graph's lock.
 *
 * <p>Zeroes and discards become holes where the file system has them; what it has not is found out
 * once and remembered.
 */
final class FileDriver implements BlockDriver, Deletable {
  /** Alignment that always works with O_DIRECT, in bytes. */
  private static final int DIRECT_ALIGNMENT_MAX = 4096;

  private final FileKind kind;
  private final String filename;
  private final boolean locking;
  private final Turns turns;
  private volatile PosixFile file;
  private volatile ImageLock lock;
  private volatile int alignment;
  private volatile boolean readOnly;
  private volatile boolean direct;
  private volatile boolean canZeroRange = true;
  private volatile boolean canPunch = true;
  private volatile boolean canAllocate = true;

  private FileDriver(
      FileKind kind,
      String filename,
      PosixFile file,
      OpenFlags flags,
      boolean locking,
      int alignment,
      Turns turns) {
    this.kind = kind;
    this.readOnly = flags.readOnly();
    this.direct = flags.direct();
    this.filename = filename;
    this.file = file;
    this.locking = locking;
    this.alignment = alignment;
    this.turns = turns;
    this.lock = new ImageLock(file, filename);
  }

  /**
   * Opens an existing file or device.
   *
   * @throws UsageException naming the file, if it cannot be opened or is not of that kind
   */
  static FileDriver open(
      FileKind kind, String filename, OpenFlags flags, boolean locking, Turns turns)
      throws UsageException, BlockIoException {
    PosixFile file = openFile(kind, filename, flags);
    try {
      int alignment = flags.direct() ? probeAlignment(file) : 1;
      return new FileDriver(kind, filename, file, flags, locking, alignment, turns);
    } catch (PosixException e) {
      close(file);
      throw failed(e);
    }
  }

  private static PosixFile openFile(FileKind kind, String filename, OpenFlags flags)
      throws UsageException {
    Set<OpenFlag> how = EnumSet.noneOf(OpenFlag.class);
    if (!flags.readOnly()) {
      how.add(OpenFlag.READ_WRITE);
    }
    if (flags.direct()) {
      how.add(OpenFlag.DIRECT);
    }
    try {
      PosixFile file = PosixFile.open(filename, how);
      Optional<UsageException> refusal = kind.refusal(file.status().kind(), filename);
      if (refusal.isPresent()) {
        close(file);
        throw refusal.get();
      }
      return file;
    } catch (PosixException e) {
      throw new UsageException(
          flags.direct() && e.errno().equals(Errno.EINVAL)
              ? "Could not open '" + filename + "': filesystem does not support O_DIRECT"
              : "Could not open '" + filename + "': " + e.errno().text());
    }
  }

  /**
   * The alignment after a reopen. A file without blocks can be read at any, which tells nothing: so
   * it is looked for again.
   */
  private int alignmentNow(boolean wasDirect) {
    if (!direct) {
      return 1;
    }
    if (!wasDirect) {
      return DIRECT_ALIGNMENT_MAX;
    }
    try {
      return probeAlignment(file);
    } catch (PosixException e) {
      return alignment; // a reopen does not fail for that
    }
  }

  /** The smallest alignment at which the file lets itself be read past the page cache. */
  private static int probeAlignment(PosixFile file) throws PosixException {
    ByteBuffer buffer = AlignedBuffers.allocate(DIRECT_ALIGNMENT_MAX, DIRECT_ALIGNMENT_MAX);
    for (int align : new int[] {1, 512, 1024, 2048, DIRECT_ALIGNMENT_MAX}) {
      try {
        file.read(0, buffer.clear().limit(align));
        // Some file systems take anything where nothing is stored; do not believe 1.
        return align == 1 ? DIRECT_ALIGNMENT_MAX : align;
      } catch (PosixException e) {
        if (!e.errno().equals(Errno.EINVAL)) {
          return DIRECT_ALIGNMENT_MAX;
        }
      }
    }
    return DIRECT_ALIGNMENT_MAX;
  }

  @Override
  public void read(long offset, ByteBuffer target) throws BlockIoException {
    try {
      if (fits(target)) {
        file.read(offset, target);
      } else {
        ByteBuffer bounce = AlignedBuffers.allocate(target.remaining(), DIRECT_ALIGNMENT_MAX);
        file.read(offset, bounce);
        target.put(bounce.flip());
      }
      while (target.hasRemaining()) {
        target.put((byte) 0);
      }
    } catch (PosixException e) {
      throw failed(e);
    } finally {
      turns.pass();
    }
  }

  @Override
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    try {
      if (fits(source)) {
        file.write(offset, source);
      } else {
        ByteBuffer bounce = AlignedBuffers.allocate(source.remaining(), DIRECT_ALIGNMENT_MAX);
        file.write(offset, bounce.put(source).flip());
      }
    } catch (PosixException e) {
      throw failed(e);
    } finally {
      turns.pass();
    }
  }

  @Override
  public boolean waits() {
    return direct;
  }

  /**
   * Whether the kernel takes the buffer as it lies in memory; heap buffers are copied further down
   * in any case.
   */
  private boolean fits(ByteBuffer buffer) {
    return alignment == 1 || !buffer.isDirect() || AlignedBuffers.isAligned(buffer, alignment);
  }

  @Override
  public void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    try {
      if ((flags & RequestFlags.MAY_UNMAP) != 0 && tryPunch(offset, bytes)) {
        return;
      }
      zero(offset, bytes);
    } finally {
      turns.pass();
    }
  }

  private boolean tryPunch(long offset, long bytes) throws BlockIoException {
    try {
      file.fallocate(FallocateMode.PUNCH_HOLE, offset, bytes);
      return true;
    } catch (PosixException e) {
      if (unsupported(e) || e.errno().equals(Errno.EINVAL) || e.errno().equals(Errno.EBUSY)) {
        return false;
      }
      throw failed(e);
    }
  }

  /** Zeroes a range by the first means that works; ENOTSUP if none does. */
  private void zero(long offset, long bytes) throws BlockIoException {
    if (canZeroRange) {
      try {
        file.fallocate(FallocateMode.ZERO_RANGE, offset, bytes);
        return;
      } catch (PosixException e) {
        if (unsupported(e)) {
          canZeroRange = false;
        } else if (!e.errno().equals(Errno.EINVAL)) {
          throw failed(e);
        }
      }
    }
    if (canPunch && canAllocate && punchAndAllocate(offset, bytes)) {
      return;
    }
    if (canAllocate && offset >= length()) {
      try {
        file.fallocate(FallocateMode.ALLOCATE, offset, bytes);
        return;
      } catch (PosixException e) {
        if (!unsupported(e)) {
          throw failed(e);
        }
        canAllocate = false;
      }
    }
    throw new BlockIoException(Errno.ENOTSUP);
  }

  private boolean punchAndAllocate(long offset, long bytes) throws BlockIoException {
    try {
      file.fallocate(FallocateMode.PUNCH_HOLE, offset, bytes);
    } catch (PosixException e) {
      if (unsupported(e)) {
        canPunch = false;
        return false;
      }
      if (e.errno().equals(Errno.EINVAL)) {
        return false;
      }
      throw failed(e);
    }
    try {
      file.fallocate(FallocateMode.ALLOCATE, offset, bytes);
      return true;
    } catch (PosixException e) {
      if (!unsupported(e)) {
        throw failed(e);
      }
      canAllocate = false;
      return false;
    }
  }

  @Override
  public void discard(long offset, long bytes) throws BlockIoException {
    try {
      if (!canPunch) {
        throw new BlockIoException(Errno.ENOTSUP);
      }
      file.fallocate(FallocateMode.PUNCH_HOLE, offset, bytes);
    } catch (PosixException e) {
      if (unsupported(e)) {
        canPunch = false;
        throw new BlockIoException(Errno.ENOTSUP);
      }
      throw failed(e);
    } finally {
      turns.pass();
    }
  }

  @Override
  public void flushToDisk() throws BlockIoException {
    try {
      file.fdatasync();
    } catch (PosixException e) {
      throw failed(e);
    } finally {
      turns.pass();
    }
  }

  @Override
  public Mapping map(long offset, long bytes, boolean precise) {
    if (!precise || kind != FileKind.REGULAR) {
      return new Mapping.Data(offset, bytes);
    }
    try {
      OptionalLong data = file.seekData(offset);
      if (data.isEmpty()) {
        return new Mapping.Hole(offset, bytes); // a hole up to the end
      }
      if (data.getAsLong() > offset) {
        return new Mapping.Hole(offset, data.getAsLong() - offset);
      }
      OptionalLong hole = file.seekHole(offset);
      if (hole.isEmpty() || hole.getAsLong() <= offset) {
        return new Mapping.Data(offset, bytes);
      }
      long length = hole.getAsLong() - offset;
      return new Mapping.Data(offset, (length + alignment - 1) & -(long) alignment);
    } catch (PosixException e) {
      return new Mapping.Data(offset, bytes); // no information: nothing is known to be a hole
    }
  }

  @Override
  public long length() throws BlockIoException {
    try {
      return file.size();
    } catch (PosixException e) {
      throw failed(e);
    }
  }

  @Override
  public void truncate(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    if (kind != FileKind.REGULAR) {
      checkDeviceSize(size, exact, preallocation);
    } else {
      new FileResize(file).resize(size, preallocation);
    }
    turns.pass();
  }

  /** A device has the length that it has; more than what is asked for may be good enough. */
  private void checkDeviceSize(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    if (preallocation != Preallocation.OFF) {
      throw new BlockIoException(
          Errno.ENOTSUP,
          "Preallocation mode '"
              + preallocation.optionName()
              + "' unsupported for this non-regular file");
    }
    long length = length();
    if (size != length && exact) {
      throw new BlockIoException(Errno.ENOTSUP, "Cannot resize device files");
    }
    if (size > length) {
      throw new BlockIoException(Errno.EINVAL, "Cannot grow device files");
    }
  }

  @Override
  public void truncateZeroed(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    truncate(size, exact, preallocation); // what is new reads as zero in any case
  }

  @Override
  public BlockLimits limits(BlockLimits inherited) {
    return inherited.withRequestAlignment(alignment);
  }

  @Override
  public int zeroFlags() {
    return RequestFlags.MAY_UNMAP | RequestFlags.NO_FALLBACK;
  }

  @Override
  public boolean writesZeroes() {
    return true;
  }

  @Override
  public boolean discards() {
    return true;
  }

  @Override
  public void preparePermissions(Permission.Wish wish) throws UsageException {
    if (locking) {
      lock.prepare(wish);
    }
  }

  @Override
  public void settlePermissions(Permission.Wish wish) {
    if (locking) {
      lock.settle(wish);
    }
  }

  /**
   * Opens the file anew in the other mode, takes the locks over, and closes the old one: no request
   * is in flight meanwhile.
   *
   * <p>If O_DIRECT is new, the alignment is the one that always works: QEMU tries the old file,
   * which lets itself be read at any, and images that it refuses to write to should not be ones
   * that we change.
   */
  @Override
  public void reopen(OpenFlags flags, Options options) throws UsageException {
    var unused = options.absorb(OptionSpec.bool("x-check-cache-dropped"));
    if (flags.readOnly() == readOnly && flags.direct() == direct) {
      alignment = alignmentNow(direct);
      return;
    }
    PosixFile next = openFile(kind, filename, flags);
    ImageLock nextLock = new ImageLock(next, filename);
    if (locking) {
      try {
        nextLock.takeOver(lock);
      } catch (UsageException e) {
        close(next);
        throw e;
      }
    }
    PosixFile old = file;
    file = next;
    lock = nextLock;
    readOnly = flags.readOnly();
    boolean wasDirect = direct;
    direct = flags.direct();
    alignment = alignmentNow(wasDirect);
    close(old);
  }

  @Override
  public void delete() throws BlockIoException {
    if (kind != FileKind.REGULAR) {
      throw new BlockIoException(
          Errno.ENOTSUP, "Driver '" + kind.driver() + "' does not support image deletion");
    }
    try {
      PosixFile.unlink(filename);
    } catch (PosixException e) {
      if (e.errno().equals(Errno.ENOENT)) {
        throw new BlockIoException(
            e.errno(), filename + " is not a regular file: " + e.errno().text());
      }
      throw new BlockIoException(
          e.errno(), "Error when deleting file " + filename + ": " + e.errno().text());
    }
  }

  @Override
  public Optional<String> exactFilename() {
    return Optional.of(filename);
  }

  @Override
  public OptionalLong allocatedSize() {
    try {
      return OptionalLong.of(file.status().allocatedBytes());
    } catch (PosixException unknown) {
      return OptionalLong.empty();
    }
  }

  @Override
  public ImageInfo info() {
    return ImageInfo.PLAIN;
  }

  @Override
  public void close() {
    close(file);
  }

  /** Takes the name away from a file that is to go when it is closed. */
  static void unlink(String filename) {
    try {
      PosixFile.unlink(filename);
    } catch (PosixException e) {
      // Then it stays; the image works all the same.
    }
  }

  private static void close(PosixFile file) {
    try {
      file.close();
    } catch (PosixException e) {
      // Whoever cares whether the data is safe has flushed; nothing can be done about it here.
    }
  }

  private static boolean unsupported(PosixException e) {
    Errno errno = e.errno();
    return errno.equals(Errno.ENOTSUP) || errno.equals(Errno.ENOSYS) || errno.equals(Errno.ENOTTY);
  }

  private static BlockIoException failed(PosixException e) {
    return new BlockIoException(e.errno());
  }
}
