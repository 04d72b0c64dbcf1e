package io.faultdisk.posix;

import io.faultdisk.base.Errno;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file of the operating system, driven by system calls.
 *
 * <p>Offsets and lengths are bytes and never negative. Any number of threads may use one file at
 * once; there is no file position. {@link #close()} must come after all other calls have returned:
 * the kernel may give the same descriptor to another file at once. Calls block the thread, and the
 * carrier of a virtual thread with it. EINTR is retried, every other failure is a {@link
 * PosixException} with the exact errno; EBADF after close.
 *
 * <p>The first call of a process takes some 24 ms to link (figures at {@link Native}); {@link
 * #warmUp()} moves that to another thread.
 *
 * <p>Source: the manual pages of the named calls, Linux 6.
 */
public final class PosixFile implements AutoCloseable {
  private static final long GET_EXTENDED_ATTRIBUTES = 0x801c581fL;
  private static final long SET_EXTENDED_ATTRIBUTES = 0x401c5820L;
  private static final int EXTENT_SIZE_FLAG = 0x800;

  /** How many extents one call asks for, which takes 28 KiB. */
  private static final int EXTENT_BATCH = 512;

  private static final int O_RDWR = 0x2;
  private static final int O_CREAT = 0x40;
  private static final int O_EXCL = 0x80;
  private static final int O_TRUNC = 0x200;
  private static final int O_CLOEXEC = 0x80000;

  /** One of the few numbers in which the two architectures differ. */
  private static final int O_DIRECT =
      System.getProperty("os.arch", "").equals("aarch64") ? 0x10000 : 0x4000;

  private static final int CREATE_MODE = 0644;

  private static final int SEEK_END = 2;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  private static final int F_OFD_GETLK = 36;
  private static final int F_OFD_SETLK = 37;
  private static final short F_RDLCK = 0;
  private static final short F_WRLCK = 1;
  private static final short F_UNLCK = 2;

  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_BASIC_STATS = 0x7ff;

  /** Longest piece copied between a heap buffer and native memory. */
  private static final int BOUNCE_BYTES = 128 * 1024;

  /** Strictest alignment O_DIRECT is known to want of memory. */
  private static final int BOUNCE_ALIGNMENT = 4096;

  private static final Pool<ByteBuffer> BOUNCE_BUFFERS =
      new Pool<>(8, () -> AlignedBuffers.allocate(BOUNCE_BYTES, BOUNCE_ALIGNMENT));

  private final String path;
  private final boolean direct;

  /** The descriptor, -1 once closed. */
  private final AtomicInteger descriptor;

  private PosixFile(String path, boolean direct, int descriptor) {
    this.path = path;
    this.direct = direct;
    this.descriptor = new AtomicInteger(descriptor);
  }

  /**
   * Links the native calls on a thread of its own, so that the first open need not wait for it. For
   * the first line of a short-lived tool's main; otherwise never needed. Returns at once.
   */
  public static void warmUp() {
    Thread.ofPlatform().daemon().name("posix-warm-up").start(Native::link);
  }

  /** {@link #open(String, Set)} with the flags listed. */
  public static PosixFile open(String path, OpenFlag... flags) throws PosixException {
    return open(path, Set.of(flags));
  }

  /**
   * Opens a file; for reading only unless the flags say otherwise. A directory can be opened for
   * reading, reads from it then fail with EISDIR.
   *
   * @param path as the kernel takes it, sent as UTF-8; a NUL character travels as {@code C0 80}, so
   *     that no path is silently cut
   * @throws PosixException ENOENT, EACCES, EISDIR, EROFS, ENXIO, EINVAL (no O_DIRECT there), ...
   */
  public static PosixFile open(String path, Set<OpenFlag> flags) throws PosixException {
    int bits = O_CLOEXEC;
    for (OpenFlag flag : flags) {
      bits |=
          switch (flag) {
            case READ_WRITE -> O_RDWR;
            case DIRECT -> O_DIRECT;
            case CREATE -> O_CREAT;
            case EXCLUSIVE -> O_EXCL;
            case TRUNCATE -> O_TRUNC;
          };
    }
    ByteBuffer name = cString(path);
    Scratch scratch = Scratch.POOL.take();
    try {
      int result;
      do {
        result = Native.callInt(Native.OPEN, scratch, address(name), bits, CREATE_MODE, 0, 0);
      } while (result == -1 && scratch.errnoIs(Errno.EINTR));
      if (result == -1) {
        throw new PosixException(scratch.errno(), "open of '" + path + "'");
      }
      return new PosixFile(path, flags.contains(OpenFlag.DIRECT), result);
    } finally {
      Reference.reachabilityFence(name);
      Scratch.POOL.giveBack(scratch);
    }
  }

  /** Removes a name from the file system; open files live on. Source: unlink(2). */
  public static void unlink(String path) throws PosixException {
    ByteBuffer name = cString(path);
    Scratch scratch = Scratch.POOL.take();
    try {
      if (Native.callInt(Native.UNLINK, scratch, address(name), 0, 0, 0, 0) == -1) {
        throw new PosixException(scratch.errno(), "unlink of '" + path + "'");
      }
    } finally {
      Reference.reachabilityFence(name);
      Scratch.POOL.giveBack(scratch);
    }
  }

  /** The path it was opened with. */
  public String path() {
    return path;
  }

  /**
   * Reads into all that remains of {@code dst}, or up to the end of the file.
   *
   * <p>A direct buffer is filled in place; a heap buffer through aligned native memory, in pieces
   * of at most 128 KiB. On failure the position tells how far it came.
   *
   * @return bytes read, less than wanted only at the end of the file
   * @throws PosixException EIO, EISDIR, EINVAL (O_DIRECT and not aligned), ...
   */
  public int read(long offset, ByteBuffer dst) throws PosixException {
    int start = dst.position();
    while (dst.hasRemaining()) {
      int done = dst.position() - start;
      long at = Math.addExact(offset, done);
      int count = dst.isDirect() ? readOnce(at, dst, done) : readThroughBounce(at, dst, done);
      if (count == 0) {
        break;
      }
    }
    return dst.position() - start;
  }

  private int readThroughBounce(long offset, ByteBuffer dst, int before) throws PosixException {
    ByteBuffer bounce = BOUNCE_BUFFERS.take();
    try {
      bounce.clear().limit(Math.min(dst.remaining(), BOUNCE_BYTES));
      int count = readOnce(offset, bounce, before);
      dst.put(bounce.flip());
      return count;
    } finally {
      BOUNCE_BUFFERS.giveBack(bounce);
    }
  }

  /**
   * One pread.
   *
   * @param before bytes this request has already read: with O_DIRECT the call after a short read is
   *     unaligned, and the EINVAL it earns means the end of the file
   */
  private int readOnce(long offset, ByteBuffer dst, int before) throws PosixException {
    Scratch scratch = Scratch.POOL.take();
    try {
      int wanted = dst.remaining();
      long result;
      do {
        result = Native.callLong(Native.PREAD, scratch, fd(), address(dst), wanted, offset, 0);
      } while (result == -1 && scratch.errnoIs(Errno.EINTR));
      if (result == -1) {
        if (direct && before > 0 && scratch.errnoIs(Errno.EINVAL)) {
          return 0;
        }
        throw failure(scratch, "pread of " + wanted + " bytes at " + offset + " from");
      }
      dst.position(dst.position() + (int) result);
      return (int) result;
    } finally {
      Reference.reachabilityFence(dst);
      Scratch.POOL.giveBack(scratch);
    }
  }

  /**
   * Writes all that remains of {@code src}; beyond the end the file grows.
   *
   * <p>A heap buffer is copied as for {@link #read}. On failure the position tells how far it came.
   *
   * @throws PosixException ENOSPC, EIO, EBADF (opened for reading), EFBIG, EINVAL (O_DIRECT and not
   *     aligned), ...
   */
  public void write(long offset, ByteBuffer src) throws PosixException {
    int start = src.position();
    while (src.hasRemaining()) {
      long at = Math.addExact(offset, src.position() - start);
      if (src.isDirect()) {
        writeOnce(at, src);
      } else {
        writeThroughBounce(at, src);
      }
    }
  }

  private void writeThroughBounce(long offset, ByteBuffer src) throws PosixException {
    ByteBuffer bounce = BOUNCE_BUFFERS.take();
    try {
      int piece = Math.min(src.remaining(), BOUNCE_BYTES);
      bounce.clear().put(0, src, src.position(), piece).limit(piece);
      writeOnce(offset, bounce);
      src.position(src.position() + bounce.position());
    } finally {
      BOUNCE_BUFFERS.giveBack(bounce);
    }
  }

  private void writeOnce(long offset, ByteBuffer src) throws PosixException {
    Scratch scratch = Scratch.POOL.take();
    try {
      int wanted = src.remaining();
      long result;
      do {
        result = Native.callLong(Native.PWRITE, scratch, fd(), address(src), wanted, offset, 0);
      } while (result == -1 && scratch.errnoIs(Errno.EINTR));
      if (result == -1) {
        throw failure(scratch, "pwrite of " + wanted + " bytes at " + offset + " to");
      }
      if (result == 0) {
        // Nothing written and no reason given; asking again would be an endless loop.
        throw new PosixException(Errno.EIO, "pwrite of " + wanted + " bytes to '" + path + "'");
      }
      src.position(src.position() + (int) result);
    } finally {
      Reference.reachabilityFence(src);
      Scratch.POOL.giveBack(scratch);
    }
  }

  /** Makes the data, and the size if it matters to read them, durable. Source: fdatasync(2). */
  public void fdatasync() throws PosixException {
    simple("fdatasync of", Native.FDATASYNC, 0, 0, 0);
  }

  /** Makes data and metadata durable. Source: fsync(2). */
  public void fsync() throws PosixException {
    simple("fsync of", Native.FSYNC, 0, 0, 0);
  }

  /** Sets the length; a longer file grows by a hole. Source: ftruncate(2). */
  public void ftruncate(long size) throws PosixException {
    simple("ftruncate to " + size + " bytes of", Native.FTRUNCATE, size, 0, 0);
  }

  /**
   * Changes how a range is stored.
   *
   * @throws PosixException EOPNOTSUPP if the file system or device cannot do this mode, ENOSPC,
   *     EINVAL if {@code bytes} is 0, ENODEV for a device, ...
   */
  public void fallocate(FallocateMode mode, long offset, long bytes) throws PosixException {
    simple(
        "fallocate (" + mode + ") of " + bytes + " bytes at " + offset + " in",
        Native.FALLOCATE,
        mode.bits(),
        offset,
        bytes);
  }

  /**
   * The first offset at or after {@code offset} that holds data.
   *
   * @return empty if there is only a hole up to the end, or {@code offset} is at or beyond the end
   */
  public OptionalLong seekData(long offset) throws PosixException {
    return seek(offset, SEEK_DATA);
  }

  /**
   * The first offset at or after {@code offset} that lies in a hole; the end of the file counts as
   * one.
   *
   * @return empty if {@code offset} is at or beyond the end
   */
  public OptionalLong seekHole(long offset) throws PosixException {
    return seek(offset, SEEK_HOLE);
  }

  private OptionalLong seek(long offset, int whence) throws PosixException {
    Scratch scratch = Scratch.POOL.take();
    try {
      long result = Native.callLong(Native.LSEEK, scratch, fd(), offset, whence, 0, 0);
      if (result != -1) {
        return OptionalLong.of(result);
      }
      if (scratch.errnoIs(Errno.ENXIO)) {
        return OptionalLong.empty();
      }
      throw failure(scratch, "lseek from " + offset + " in");
    } finally {
      Scratch.POOL.giveBack(scratch);
    }
  }

  /** Length in bytes of a regular file or a block device. Source: lseek(2), SEEK_END. */
  public long size() throws PosixException {
    return seek(0, SEEK_END).orElseThrow();
  }

  /** Kind, length, allocation and identity of the file. */
  public FileStatus status() throws PosixException {
    Scratch scratch = Scratch.POOL.take();
    try {
      ByteBuffer struct = scratch.struct();
      // The empty path is a NUL byte at the end of the struct, which the kernel copies first.
      int emptyPath = struct.capacity() - 1;
      struct.put(emptyPath, (byte) 0);
      int result =
          Native.callInt(
              Native.STATX,
              scratch,
              fd(),
              scratch.structAddress() + emptyPath,
              AT_EMPTY_PATH,
              STATX_BASIC_STATS,
              scratch.structAddress());
      if (result == -1) {
        throw failure(scratch, "statx of");
      }
      return statxToStatus(struct);
    } finally {
      Scratch.POOL.giveBack(scratch);
    }
  }

  /**
   * Decodes struct statx, native byte order, the same on all architectures.
   *
   * <pre>
   * offset width name          offset width name
   *      4     4 stx_blksize       40     8 stx_size
   *     28     2 stx_mode          48     8 stx_blocks (512-byte units)
   *     32     8 stx_ino          136     4 stx_dev_major
   *                               140     4 stx_dev_minor
   * </pre>
   */
  private static FileStatus statxToStatus(ByteBuffer struct) {
    int mode = Short.toUnsignedInt(struct.getShort(28));
    return new FileStatus(
        FileStatus.Kind.ofMode(mode),
        struct.getLong(40),
        Math.multiplyExact(struct.getLong(48), 512L),
        Integer.toUnsignedLong(struct.getInt(136)) << 32
            | Integer.toUnsignedLong(struct.getInt(140)),
        struct.getLong(32),
        struct.getInt(4),
        mode);
  }

  /**
   * Asks the file system to allocate space for this file in pieces of that size; XFS does so.
   * Source: ioctl(2) FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR; {@code struct fsxattr}: flags at 0,
   * extent size at 4, 28 bytes.
   *
   * @param bytes up to 2<sup>32</sup>-1
   * @throws PosixException ENOTTY or EOPNOTSUPP where that is unknown, EINVAL for an odd size
   */
  public void extentSizeHint(long bytes) throws PosixException {
    Scratch scratch = Scratch.POOL.take();
    try {
      control(scratch, GET_EXTENDED_ATTRIBUTES);
      ByteBuffer attributes = scratch.struct();
      attributes.putInt(0, attributes.getInt(0) | EXTENT_SIZE_FLAG).putInt(4, (int) bytes);
      control(scratch, SET_EXTENDED_ATTRIBUTES);
    } finally {
      Scratch.POOL.giveBack(scratch);
    }
  }

  /**
   * Where the file lies on the device of its file system, in the order of the file; holes are left
   * out. What is in memory only is written to its place first. Source: ioctl(2) FS_IOC_FIEMAP.
   *
   * @throws PosixException EOPNOTSUPP or ENOTTY if the file system does not tell, EIO, ...
   */
  public List<FileExtent> extents() throws PosixException {
    ExtentMap map = new ExtentMap(EXTENT_BATCH);
    // Asks even about an empty file, so that a file system which does not tell is found out.
    OptionalInt failure = map.read(fd(), Math.max(1, status().size()));
    if (failure.isPresent()) {
      throw new PosixException(
          Errno.of(failure.getAsInt()), "asking for the extents of '" + path + "'");
    }
    return map.extents();
  }

  private void control(Scratch scratch, long request) throws PosixException {
    long struct = scratch.structAddress();
    if (Native.callInt(Native.IOCTL, scratch, fd(), request, struct, 0, 0) == -1) {
      throw failure(scratch, "ioctl of");
    }
  }

  /**
   * Takes a shared OFD lock on one byte. The lock belongs to this open file, not to the process: it
   * conflicts with another PosixFile's too, and closing goes with losing it. Never waits.
   *
   * @return false if someone holds an exclusive lock on that byte (EAGAIN or EACCES)
   * @throws PosixException any other reason, e.g. ENOLCK or EINVAL where there are no OFD locks
   */
  public boolean tryLockShared(long offset) throws PosixException {
    Scratch scratch = Scratch.POOL.take();
    try {
      if (flock(scratch, F_OFD_SETLK, F_RDLCK, offset) == 0) {
        return true;
      }
      if (scratch.errnoIs(Errno.EAGAIN) || scratch.errnoIs(Errno.EACCES)) {
        return false;
      }
      throw failure(scratch, "lock of byte " + offset + " of");
    } finally {
      Scratch.POOL.giveBack(scratch);
    }
  }

  /** Gives this file's lock on one byte back; without one nothing happens. */
  public void unlock(long offset) throws PosixException {
    Scratch scratch = Scratch.POOL.take();
    try {
      if (flock(scratch, F_OFD_SETLK, F_UNLCK, offset) == -1) {
        throw failure(scratch, "unlock of byte " + offset + " of");
      }
    } finally {
      Scratch.POOL.giveBack(scratch);
    }
  }

  /**
   * Whether an exclusive lock on one byte could be had, that is, whether nobody else holds any lock
   * on it. Takes none. This file's own locks do not count.
   */
  public boolean couldLockExclusive(long offset) throws PosixException {
    Scratch scratch = Scratch.POOL.take();
    try {
      if (flock(scratch, F_OFD_GETLK, F_WRLCK, offset) == -1) {
        throw failure(scratch, "lock test of byte " + offset + " of");
      }
      return scratch.struct().getShort(0) == F_UNLCK;
    } finally {
      Scratch.POOL.giveBack(scratch);
    }
  }

  /**
   * One fcntl on a byte range lock. struct flock, native byte order:
   *
   * <pre>
   * offset width name               offset width name
   *      0     2 l_type                  8     8 l_start
   *      2     2 l_whence (SEEK_SET)    16     8 l_len
   *                                     24     4 l_pid (0 for OFD locks)
   * </pre>
   */
  private int flock(Scratch scratch, int command, short type, long offset) throws PosixException {
    ByteBuffer struct = scratch.struct();
    struct.putShort(0, type).putShort(2, (short) 0).putInt(4, 0);
    struct.putLong(8, offset).putLong(16, 1).putLong(24, 0);
    int result;
    do {
      result = Native.callInt(Native.FCNTL, scratch, fd(), command, scratch.structAddress(), 0, 0);
    } while (result == -1 && scratch.errnoIs(Errno.EINTR));
    return result;
  }

  /** Closes the descriptor and with it gives up all locks. Later calls do nothing. */
  @Override
  public void close() throws PosixException {
    int fd = descriptor.getAndSet(-1);
    if (fd == -1) {
      return;
    }
    Scratch scratch = Scratch.POOL.take();
    try {
      // Linux has let go of the descriptor even if it answers EINTR: never retry.
      int result = Native.callInt(Native.CLOSE, scratch, fd, 0, 0, 0, 0);
      if (result == -1 && !scratch.errnoIs(Errno.EINTR)) {
        throw failure(scratch, "close of");
      }
    } finally {
      Scratch.POOL.giveBack(scratch);
    }
  }

  @Override
  public String toString() {
    return "PosixFile[" + path + ", fd " + descriptor.get() + "]";
  }

  /** A call {@code function(fd, a, b, c)} that returns 0 or -1. */
  private void simple(String operation, MemorySegment function, long a, long b, long c)
      throws PosixException {
    Scratch scratch = Scratch.POOL.take();
    try {
      int result;
      do {
        result = Native.callInt(function, scratch, fd(), a, b, c, 0);
      } while (result == -1 && scratch.errnoIs(Errno.EINTR));
      if (result == -1) {
        throw failure(scratch, operation);
      }
    } finally {
      Scratch.POOL.giveBack(scratch);
    }
  }

  private int fd() throws PosixException {
    int fd = descriptor.get();
    if (fd == -1) {
      throw new PosixException(Errno.EBADF, "use of closed '" + path + "'");
    }
    return fd;
  }

  private PosixException failure(Scratch scratch, String operation) {
    return new PosixException(scratch.errno(), operation + " '" + path + "'");
  }

  /** Address of the first remaining byte; the caller keeps the buffer reachable. */
  static long address(ByteBuffer direct) {
    return MemorySegment.ofBuffer(direct).address();
  }

  static ByteBuffer cString(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer c = ByteBuffer.allocateDirect(2 * utf8.length + 1);
    for (byte b : utf8) {
      if (b == 0) {
        c.put((byte) 0xC0).put((byte) 0x80);
      } else {
        c.put(b);
      }
    }
    return c.put((byte) 0).flip();
  }

  static {
    if (!List.of("amd64", "aarch64").contains(System.getProperty("os.arch"))) {
      throw new UnsupportedOperationException(
          "faultdisk's file access needs Linux on amd64 or aarch64");
    }
  }
}
