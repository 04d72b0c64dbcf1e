package io.faultdisk.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import io.faultdisk.base.Errno;
import io.faultdisk.testkit.RandomCases;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real files in a temporary folder; what the file system there cannot do is skipped, with a word.
 */
class PosixFileTest {
  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void name() {
    path = folder.resolve("disk.img");
  }

  private PosixFile create() throws IOException {
    return PosixFile.open(path.toString(), OpenFlag.READ_WRITE, OpenFlag.CREATE);
  }

  private static byte[] random(RandomGenerator random, int bytes) {
    byte[] content = new byte[bytes];
    random.nextBytes(content);
    return content;
  }

  private static ByteBuffer direct(byte[] content) {
    return ByteBuffer.allocateDirect(content.length).put(content).flip();
  }

  private static void assertErrno(Errno errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(PosixException.class, e -> assertThat(e.errno()).isEqualTo(errno))
        .hasMessageEndingWith(": " + errno.text());
  }

  // ---- reading and writing ----

  @Test
  void whatIsWrittenIsReadBackFromHeapAndDirectBuffersAtAnyOffset() {
    RandomCases.run(
        "write and read back",
        60,
        random -> {
          try (PosixFile file = create()) {
            byte[] content = random(random, random.nextInt(400 * KIB));
            long offset = random.nextLong(3L << 32);
            ByteBuffer src = random.nextBoolean() ? ByteBuffer.wrap(content) : direct(content);
            file.write(offset, src);
            assertThat(src.hasRemaining()).isFalse();

            ByteBuffer dst =
                random.nextBoolean()
                    ? ByteBuffer.allocate(content.length)
                    : ByteBuffer.allocateDirect(content.length);
            assertThat(file.read(offset, dst)).isEqualTo(content.length);
            byte[] back = new byte[content.length];
            dst.flip().get(back);
            assertThat(back).isEqualTo(content);
          }
        });
  }

  @Test
  void onlyTheRemainingPartOfABufferIsTransferred() throws IOException {
    try (PosixFile file = create()) {
      file.write(0, ByteBuffer.wrap("0123456789".getBytes()));
      for (ByteBuffer dst :
          new ByteBuffer[] {ByteBuffer.allocate(8), ByteBuffer.allocateDirect(8)}) {
        dst.position(2).limit(5);
        assertThat(file.read(4, dst)).isEqualTo(3);
        assertThat(dst.position()).isEqualTo(5);
        byte[] all = new byte[8];
        dst.clear().get(all);
        assertThat(all).containsExactly(0, 0, '4', '5', '6', 0, 0, 0);
      }
      for (ByteBuffer src :
          new ByteBuffer[] {
            ByteBuffer.wrap("abcdef".getBytes()).asReadOnlyBuffer(), direct("abcdef".getBytes())
          }) {
        src.position(1).limit(3);
        file.write(0, src);
        assertThat(Files.readString(path)).isEqualTo("bc23456789");
      }
    }
  }

  @Test
  void readReportsHowMuchThereWasBeforeTheEnd() throws IOException {
    try (PosixFile file = create()) {
      file.write(0, ByteBuffer.wrap(new byte[1000]));
      assertThat(file.read(600, ByteBuffer.allocate(4096))).isEqualTo(400);
      assertThat(file.read(600, ByteBuffer.allocateDirect(4096))).isEqualTo(400);
      assertThat(file.read(1000, ByteBuffer.allocate(10))).isZero();
      assertThat(file.read(1L << 40, ByteBuffer.allocate(10))).isZero();
      assertThat(file.read(0, ByteBuffer.allocate(0))).isZero();
      assertThat(file.size()).isEqualTo(1000);
    }
  }

  @Test
  void manyThreadsShareOneFile() throws Exception {
    try (PosixFile file = create()) {
      int threads = 64;
      Thread[] all = new Thread[threads];
      boolean[] good = new boolean[threads];
      for (int i = 0; i < threads; i++) {
        int me = i;
        all[i] =
            Thread.ofVirtual()
                .start(
                    () -> {
                      byte[] mine = new byte[10_000];
                      Arrays.fill(mine, (byte) (me + 1));
                      try {
                        for (int round = 0; round < 20; round++) {
                          file.write(me * 10_000L, ByteBuffer.wrap(mine));
                          ByteBuffer back = ByteBuffer.allocate(10_000);
                          file.read(me * 10_000L, back);
                          if (!Arrays.equals(back.array(), mine)) {
                            return;
                          }
                        }
                        good[me] = true;
                      } catch (IOException e) {
                        throw new AssertionError(e);
                      }
                    });
      }
      for (Thread thread : all) {
        thread.join();
      }
      assertThat(good).containsOnly(true);
    }
  }

  // ---- holes and sizes ----

  @Test
  void holesAreFound() throws IOException {
    try (PosixFile file = create()) {
      file.ftruncate(4 * MIB);
      file.write(MIB, ByteBuffer.wrap(new byte[64 * KIB]));

      assertThat(file.size()).isEqualTo(4 * MIB);
      assertThat(file.seekData(0)).isEqualTo(OptionalLong.of(MIB));
      assertThat(file.seekHole(0)).isEqualTo(OptionalLong.of(0));
      assertThat(file.seekHole(MIB)).isEqualTo(OptionalLong.of(MIB + 64 * KIB));
      assertThat(file.seekData(2 * MIB)).isEmpty();
      assertThat(file.seekHole(2 * MIB)).isEqualTo(OptionalLong.of(2 * MIB));
      assertThat(file.seekData(4 * MIB)).isEmpty();
      assertThat(file.seekHole(4 * MIB)).isEmpty();
      assertThat(file.status().allocatedBytes()).isLessThan(MIB);
    }
  }

  @Test
  void punchedHolesReadAsZeroesAndFreeTheirSpace() throws IOException {
    try (PosixFile file = create()) {
      byte[] content = new byte[MIB];
      Arrays.fill(content, (byte) 7);
      file.write(0, ByteBuffer.wrap(content));
      file.fsync();
      long before = file.status().allocatedBytes();
      skipIfUnsupported(() -> file.fallocate(FallocateMode.PUNCH_HOLE, 256 * KIB, 256 * KIB));

      assertThat(file.size()).isEqualTo(MIB);
      assertThat(file.status().allocatedBytes()).isLessThan(before);
      ByteBuffer back = ByteBuffer.allocate(MIB);
      file.read(0, back);
      Arrays.fill(content, 256 * KIB, 512 * KIB, (byte) 0);
      assertThat(back.array()).isEqualTo(content);
      assertThat(file.seekHole(0)).isEqualTo(OptionalLong.of(256 * KIB));
      assertThat(file.seekData(256 * KIB)).isEqualTo(OptionalLong.of(512 * KIB));
    }
  }

  @Test
  void everyFallocateModeKeepsOrGrowsTheSizeAsItSays() throws IOException {
    for (FallocateMode mode : FallocateMode.values()) {
      Files.deleteIfExists(path);
      try (PosixFile file = create()) {
        byte[] content = new byte[64 * KIB];
        Arrays.fill(content, (byte) 9);
        file.write(0, ByteBuffer.wrap(content));
        try {
          file.fallocate(mode, 32 * KIB, 64 * KIB);
        } catch (PosixException e) {
          assertThat(e.errno()).isEqualTo(Errno.EOPNOTSUPP);
          System.err.println("skipped: " + mode + " is not supported in " + folder);
          continue;
        }
        boolean grows = mode == FallocateMode.ALLOCATE || mode == FallocateMode.ZERO_RANGE;
        boolean zeroes = mode != FallocateMode.ALLOCATE && mode != FallocateMode.ALLOCATE_KEEP_SIZE;
        assertThat(file.size()).as("%s", mode).isEqualTo((grows ? 96 : 64) * KIB);
        ByteBuffer back = ByteBuffer.allocate(1);
        file.read(40 * KIB, back);
        assertThat(back.get(0)).as("%s", mode).isEqualTo((byte) (zeroes ? 0 : 9));
        file.read(0, back.clear());
        assertThat(back.get(0)).isEqualTo((byte) 9);
      }
    }
  }

  @Test
  void dataCanBeMadeDurable() throws IOException {
    try (PosixFile file = create()) {
      file.write(0, ByteBuffer.wrap(new byte[512]));
      file.fdatasync();
      file.fsync();
    }
  }

  @Test
  void statusTellsKindAndIdentity() throws IOException {
    try (PosixFile file = create();
        PosixFile again = PosixFile.open(path.toString());
        PosixFile dir = PosixFile.open(folder.toString());
        PosixFile zero = PosixFile.open("/dev/zero")) {
      file.write(0, ByteBuffer.wrap(new byte[5000]));
      FileStatus status = file.status();
      assertThat(status.kind()).isEqualTo(FileStatus.Kind.REGULAR);
      assertThat(status.size()).isEqualTo(5000);
      assertThat(status.inode()).isEqualTo(Files.getAttribute(path, "unix:ino"));
      assertThat(status.mode()).isEqualTo(Files.getAttribute(path, "unix:mode"));
      assertThat(again.status()).isEqualTo(file.status());
      assertThat(dir.status().kind()).isEqualTo(FileStatus.Kind.DIRECTORY);
      assertThat(dir.status().device()).isEqualTo(status.device());
      assertThat(zero.status().kind()).isEqualTo(FileStatus.Kind.CHARACTER_DEVICE);
    }
  }

  // ---- errors ----

  @Test
  void openFailsWithTheExactErrno() throws IOException {
    Files.createFile(path);
    assertErrno(Errno.ENOENT, () -> PosixFile.open(folder + "/none"));
    assertErrno(Errno.ENOTDIR, () -> PosixFile.open(path + "/below"));
    assertErrno(Errno.EISDIR, () -> PosixFile.open(folder.toString(), OpenFlag.READ_WRITE));
    assertErrno(
        Errno.EEXIST, () -> PosixFile.open(path.toString(), OpenFlag.CREATE, OpenFlag.EXCLUSIVE));
    assertErrno(Errno.ENAMETOOLONG, () -> PosixFile.open(folder + "/" + "x".repeat(256)));
    Path loop = folder.resolve("loop");
    Files.createSymbolicLink(loop, loop);
    assertErrno(Errno.ELOOP, () -> PosixFile.open(loop.toString()));
    assertErrno(Errno.ENOENT, () -> PosixFile.open(""));
    // A NUL does not cut the path: this must not open disk.img.
    assertErrno(Errno.ENOENT, () -> PosixFile.open(path + "\0"));
  }

  @Test
  void requestsFailWithTheExactErrno() throws IOException {
    try (PosixFile dir = PosixFile.open(folder.toString())) {
      assertErrno(Errno.EISDIR, () -> dir.read(0, ByteBuffer.allocate(10)));
      assertErrno(Errno.EISDIR, () -> dir.read(0, ByteBuffer.allocateDirect(10)));
    }
    Files.write(path, new byte[10]);
    try (PosixFile readOnly = PosixFile.open(path.toString())) {
      assertErrno(Errno.EBADF, () -> readOnly.write(0, ByteBuffer.allocate(10)));
      assertErrno(Errno.EINVAL, () -> readOnly.ftruncate(5));
      assertErrno(Errno.EBADF, () -> readOnly.fallocate(FallocateMode.ALLOCATE, 0, 5));
    }
    try (PosixFile file = create()) {
      assertErrno(Errno.EINVAL, () -> file.fallocate(FallocateMode.ALLOCATE, 0, 0));
      assertErrno(Errno.EINVAL, () -> file.write(Long.MAX_VALUE - 5, ByteBuffer.allocate(10)));
      assertErrno(Errno.EINVAL, () -> file.read(-1, ByteBuffer.allocate(10)));
    }
    try (PosixFile full = PosixFile.open("/dev/full", OpenFlag.READ_WRITE)) {
      ByteBuffer src = ByteBuffer.allocate(10);
      assertErrno(Errno.ENOSPC, () -> full.write(0, src));
      assertThat(src.position()).isZero();
      assertErrno(Errno.ENODEV, () -> full.fallocate(FallocateMode.PUNCH_HOLE, 0, 10));
    }
  }

  @Test
  void closedFilesAnswerEbadfAndCloseTwiceIsFine() throws IOException {
    PosixFile file = create();
    file.close();
    file.close();
    assertErrno(Errno.EBADF, () -> file.read(0, ByteBuffer.allocate(1)));
    assertErrno(Errno.EBADF, file::fsync);
    assertErrno(Errno.EBADF, file::size);
    assertErrno(Errno.EBADF, file::status);
    assertErrno(Errno.EBADF, () -> file.tryLockShared(0));
  }

  @Test
  void messageNamesOperationAndFile() {
    assertThatThrownBy(() -> PosixFile.open("/no/such/file"))
        .hasMessage("open of '/no/such/file': No such file or directory");
  }

  @Test
  void pathsAreSentAsUtf8() throws IOException {
    try (PosixFile file =
        PosixFile.open(folder + "/größe 😀", OpenFlag.READ_WRITE, OpenFlag.CREATE)) {
      assertThat(file.status().kind()).isEqualTo(FileStatus.Kind.REGULAR);
    }
    // Asked of a program that knows nothing of Java's file name encoding.
    assertThat(
            Python.run("import os,sys; print(ascii(os.listdir(os.fsencode(sys.argv[1]))))", folder))
        .isEqualTo("[b'gr\\xc3\\xb6\\xc3\\x9fe \\xf0\\x9f\\x98\\x80']");
  }

  // ---- O_DIRECT ----

  @Test
  void directTransfersWorkAlignedAndFailUnaligned() throws IOException {
    byte[] content = new byte[8 * KIB + 1000];
    Arrays.fill(content, (byte) 3);
    Files.write(path, content);
    try (PosixFile file = openDirect()) {
      ByteBuffer aligned = AlignedBuffers.allocate(16 * KIB, 4 * KIB);
      assertThat(AlignedBuffers.isAligned(aligned, 4 * KIB)).isTrue();
      assertThat(file.read(0, aligned)).isEqualTo(content.length);
      assertThat(aligned.get(content.length - 1)).isEqualTo((byte) 3);

      // Heap buffers go through aligned memory.
      assertThat(file.read(4 * KIB, ByteBuffer.allocate(4 * KIB))).isEqualTo(4 * KIB);
      assertThat(file.read(8 * KIB, ByteBuffer.allocate(4 * KIB))).isEqualTo(1000);
      file.write(4 * KIB, ByteBuffer.allocate(4 * KIB));

      assertErrno(Errno.EINVAL, () -> file.read(1, AlignedBuffers.allocate(4 * KIB, 4 * KIB)));
      assertErrno(Errno.EINVAL, () -> file.read(0, ByteBuffer.allocate(100)));
      assertErrno(Errno.EINVAL, () -> file.write(0, ByteBuffer.allocate(100)));
    }
  }

  private PosixFile openDirect() throws PosixException {
    try {
      return PosixFile.open(path.toString(), OpenFlag.READ_WRITE, OpenFlag.DIRECT);
    } catch (PosixException e) {
      System.err.println("skipped: no O_DIRECT in " + folder + ": " + e.getMessage());
      return abort("no O_DIRECT in " + folder);
    }
  }

  private interface Call {
    void run() throws IOException;
  }

  private void skipIfUnsupported(Call call) throws IOException {
    try {
      call.run();
    } catch (PosixException e) {
      if (e.errno().equals(Errno.EOPNOTSUPP)) {
        System.err.println("skipped: not supported in " + folder + ": " + e.getMessage());
        abort(e.getMessage());
      }
      throw e;
    }
  }
}
