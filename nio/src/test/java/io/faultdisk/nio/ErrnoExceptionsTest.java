package io.faultdisk.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.faultdisk.base.Errno;
import io.faultdisk.rules.FileEvents;
import io.faultdisk.rules.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our exceptions against those that the JDK throws when Linux really fails. */
class ErrnoExceptionsTest {
  @TempDir Path directory;

  private static void same(
      Operation operation, Errno errno, Path file, Path other, ThrowingCallable real) {
    Throwable thrown = catchThrowable(real);
    FileSystemException ours =
        ErrnoExceptions.ofPath(
            operation, errno, file.toString(), other == null ? null : other.toString());
    assertThat(thrown).isExactlyInstanceOf(ours.getClass()).hasMessage(ours.getMessage());
    FileSystemException theirs = (FileSystemException) thrown;
    assertThat(theirs.getFile()).isEqualTo(ours.getFile());
    assertThat(theirs.getOtherFile()).isEqualTo(ours.getOtherFile());
    assertThat(theirs.getReason()).isEqualTo(ours.getReason());
  }

  @Test
  void asTheJdkThrowsThem() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    Path full = Files.createDirectory(directory.resolve("full"));
    Files.createFile(full.resolve("inside"));
    Path loop = directory.resolve("loop");
    Files.createSymbolicLink(loop, loop);
    Path none = directory.resolve("none");
    Path longName = directory.resolve("x".repeat(300));

    same(FileEvents.OPEN, Errno.ENOENT, none, null, () -> Files.newByteChannel(none));
    same(FileEvents.OPEN, Errno.ELOOP, loop, null, () -> Files.newByteChannel(loop));
    same(FileEvents.STAT, Errno.ELOOP, loop, null, () -> Files.size(loop));
    same(FileEvents.CREATE, Errno.EEXIST, file, null, () -> Files.createFile(file));
    same(FileEvents.CREATE, Errno.ENAMETOOLONG, longName, null, () -> Files.createFile(longName));
    same(FileEvents.MKDIR, Errno.EEXIST, full, null, () -> Files.createDirectory(full));
    same(
        FileEvents.MKDIR,
        Errno.ENOTDIR,
        file.resolve("x"),
        null,
        () -> Files.createDirectory(file.resolve("x")));
    same(FileEvents.DELETE, Errno.ENOTEMPTY, full, null, () -> Files.delete(full));
    same(FileEvents.DELETE, Errno.ENOENT, none, null, () -> Files.delete(none));
    same(FileEvents.LIST, Errno.ENOTDIR, file, null, () -> Files.newDirectoryStream(file));
    same(
        FileEvents.LINK,
        Errno.ENOENT,
        directory.resolve("link"),
        none,
        () -> Files.createLink(directory.resolve("link"), none));
    same(
        FileEvents.RENAME,
        Errno.EISDIR,
        file,
        full,
        () -> Files.move(file, full, StandardCopyOption.ATOMIC_MOVE));
  }

  @Test
  void noSpaceAsTheJdkSaysIt() throws IOException {
    Path device = Path.of("/dev/full");
    assumeThat(Files.exists(device)).as("skipped: there is no /dev/full here").isTrue();
    try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE)) {
      IOException ours = ErrnoExceptions.ofChannel(Errno.ENOSPC);
      assertThat(catchThrowable(() -> channel.write(ByteBuffer.allocate(1))))
          .isExactlyInstanceOf(ours.getClass())
          .hasMessage(ours.getMessage());
    }
  }

  @Test
  void anAtomicMoveToAnotherDeviceAsTheJdkRefusesIt() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    Path shared = Path.of("/dev/shm");
    assumeThat(Files.isWritable(shared)).as("skipped: there is no /dev/shm here").isTrue();
    assumeThat(Files.getFileStore(shared).equals(Files.getFileStore(file)))
        .as("skipped: temporary files are in /dev/shm")
        .isFalse();
    Path other = shared.resolve(directory.getFileName() + "-moved");
    same(
        FileEvents.RENAME,
        Errno.EXDEV,
        file,
        other,
        () -> Files.move(file, other, StandardCopyOption.ATOMIC_MOVE));
  }
}
