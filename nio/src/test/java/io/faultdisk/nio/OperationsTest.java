package io.faultdisk.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.faultdisk.base.Errno;
import io.faultdisk.faults.Faults;
import io.faultdisk.faults.Trace;
import io.faultdisk.rules.RuleBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which operations each call is announced as, and how each of them fails. */
class OperationsTest {
  private static final FileTime LONG_AGO = FileTime.fromMillis(0);

  private FileSystem memory;
  private Faults faults;
  private FaultFileSystem files;
  private Path directory;

  @BeforeEach
  void open() throws IOException {
    memory =
        Jimfs.newFileSystem(
            Configuration.unix().toBuilder().setAttributeViews("basic", "posix", "user").build());
    faults = Faults.create();
    files = FaultFileSystem.over(memory).faults(faults).open();
    directory = Files.createDirectory(files.getPath("/d"));
    Files.writeString(directory.resolve("old"), "content");
  }

  @AfterEach
  void close() throws IOException {
    files.close();
    memory.close();
  }

  /** Something that a program does. */
  @FunctionalInterface
  private interface Act {
    void run() throws IOException;
  }

  private List<String> announced(Act act) throws IOException {
    try (Trace trace = faults.trace(1000)) {
      act.run();
      return trace.entries().stream().map(Trace.Entry::text).toList();
    }
  }

  /** The one operation fails; whatever comes before it passes. */
  private Throwable failed(String operation, Errno errno, Act act) {
    var rule = RuleBuilder.on(operation).fail(errno);
    faults.add(rule);
    try {
      return catchThrowable(act::run);
    } finally {
      faults.remove(List.of(rule));
    }
  }

  private Path at(String name) {
    return directory.resolve(name);
  }

  @Test
  void aChannelIsCreatedWrittenForcedAndClosed() throws IOException {
    assertThat(
            announced(
                () -> {
                  try (FileChannel channel =
                      FileChannel.open(
                          at("new"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                    channel.write(ByteBuffer.allocate(10));
                    channel.write(ByteBuffer.allocate(5));
                    channel.write(ByteBuffer.allocate(3), 100);
                    channel.force(true);
                    channel.force(false);
                    channel.truncate(4);
                    channel.tryLock().release();
                  }
                }))
        .containsExactly(
            "create /d/new",
            "write /d/new 0+10",
            "write /d/new 10+5",
            "write /d/new 100+3",
            "fsync /d/new",
            "fdatasync /d/new",
            "truncate /d/new 4+",
            "lock /d/new 0+",
            "close /d/new");
  }

  @Test
  void aFileThatIsThereIsOpenedAndPerhapsEmptied() throws IOException {
    assertThat(announced(() -> Files.writeString(at("old"), "x")))
        .startsWith("open /d/old", "truncate /d/old", "write /d/old 0+1");
    assertThat(announced(() -> Files.readString(at("old"))))
        .startsWith("open /d/old", "read /d/old 0+1")
        .endsWith("close /d/old");
  }

  @Test
  void appendingStreamsBeginAtTheEnd() throws IOException {
    assertThat(announced(() -> Files.writeString(at("old"), "more", StandardOpenOption.APPEND)))
        .contains("write /d/old 7+4");
  }

  @Test
  void namesAreMadeMovedLinkedAndDeleted() throws IOException {
    assertThat(announced(() -> Files.createDirectory(at("sub")))).containsExactly("mkdir /d/sub");
    assertThat(announced(() -> Files.createFile(at("sub/f")))).contains("create /d/sub/f");
    assertThat(announced(() -> Files.createLink(at("hard"), at("old"))))
        .containsExactly("link /d/hard -> /d/old");
    assertThat(announced(() -> Files.createSymbolicLink(at("soft"), at("old"))))
        .containsExactly("link /d/soft");
    assertThat(announced(() -> Files.readSymbolicLink(at("soft")))).containsExactly("stat /d/soft");
    assertThat(announced(() -> Files.move(at("hard"), at("moved"))))
        .containsExactly("rename /d/hard -> /d/moved");
    assertThat(announced(() -> Files.delete(at("moved")))).containsExactly("delete /d/moved");
    assertThat(announced(() -> Files.deleteIfExists(at("none")))).containsExactly("delete /d/none");
  }

  @Test
  void aCopyIsAllThatItTakes() throws IOException {
    assertThat(announced(() -> Files.copy(at("old"), at("copy"))))
        .containsExactly("open /d/old", "read /d/old 0+7", "create /d/copy", "write /d/copy 0+7");
    assertThat(
            announced(() -> Files.copy(at("old"), at("copy"), StandardCopyOption.REPLACE_EXISTING)))
        .containsExactly(
            "open /d/old",
            "read /d/old 0+7",
            "delete /d/copy",
            "create /d/copy",
            "write /d/copy 0+7");
    assertThat(announced(() -> Files.copy(directory, at("sub")))).containsExactly("mkdir /d/sub");
  }

  @Test
  void attributesAreLookedAtAndChanged() throws IOException {
    assertThat(announced(() -> Files.size(at("old")))).containsExactly("stat /d/old");
    assertThat(announced(() -> Files.exists(at("old")))).containsExactly("stat /d/old");
    assertThat(announced(() -> Files.isReadable(at("old")))).containsExactly("stat /d/old");
    assertThat(announced(() -> Files.setAttribute(at("old"), "user:a", new byte[1])))
        .containsExactly("setattr /d/old");
    BasicFileAttributeView view =
        Files.getFileAttributeView(at("old"), BasicFileAttributeView.class);
    assertThat(announced(() -> view.setTimes(LONG_AGO, null, null)))
        .containsExactly("setattr /d/old");
    assertThat(announced(view::readAttributes)).containsExactly("stat /d/old");
  }

  @Test
  void directoriesAreListed() throws IOException {
    assertThat(announced(() -> Files.newDirectoryStream(directory).close()))
        .containsExactly("list /d");
  }

  @Test
  void aSecureDirectoryStreamAsksTheRulesToo() throws IOException {
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      SecureDirectoryStream<Path> secure = (SecureDirectoryStream<Path>) stream;
      Path name = files.getPath("old");
      assertThat(announced(() -> secure.deleteFile(name))).containsExactly("delete /d/old");
      assertThat(failed("delete", Errno.EACCES, () -> secure.deleteFile(name)))
          .isInstanceOf(AccessDeniedException.class);
      assertThat(
              failed(
                  "create",
                  Errno.ENOSPC,
                  () ->
                      secure
                          .newByteChannel(
                              name,
                              java.util.Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE))
                          .close()))
          .hasMessage("/d/old: No space left on device");
    }
  }

  @Test
  void eachOperationOnAPathFailsAsItWouldInTheJdk() {
    assertThat(failed("open", Errno.EACCES, () -> Files.readString(at("old"))))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("/d/old");
    assertThat(failed("create", Errno.ENOSPC, () -> Files.createFile(at("new"))))
        .isExactlyInstanceOf(FileSystemException.class)
        .hasMessage("/d/new: No space left on device");
    assertThat(failed("mkdir", Errno.EEXIST, () -> Files.createDirectory(at("sub"))))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(failed("delete", Errno.ENOTEMPTY, () -> Files.delete(at("old"))))
        .isInstanceOf(DirectoryNotEmptyException.class);
    assertThat(failed("list", Errno.ENOTDIR, () -> Files.list(directory).close()))
        .isInstanceOf(NotDirectoryException.class);
    assertThat(failed("stat", Errno.ENOENT, () -> Files.size(at("old"))))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(
            failed(
                "rename",
                Errno.EXDEV,
                () -> Files.move(at("old"), at("new"), StandardCopyOption.ATOMIC_MOVE)))
        .isInstanceOf(AtomicMoveNotSupportedException.class)
        .hasMessage("/d/old -> /d/new: Invalid cross-device link");
    assertThat(failed("link", Errno.EPERM, () -> Files.createLink(at("new"), at("old"))))
        .hasMessage("/d/new -> /d/old: Operation not permitted");
    assertThat(failed("setattr", Errno.EROFS, () -> Files.setLastModifiedTime(at("old"), LONG_AGO)))
        .hasMessage("/d/old: Read-only file system");
    assertThat(Files.exists(at("old"))).isTrue();
    assertThat(Files.exists(at("new"))).isFalse();
  }

  @Test
  void eachOperationOnAChannelFailsAsItWouldInTheJdk() throws IOException {
    try (FileChannel channel =
        FileChannel.open(at("old"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.allocate(4);
      assertThat(failed("read", Errno.EIO, () -> channel.read(buffer)))
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("Input/output error");
      assertThat(failed("read", Errno.EIO, () -> channel.read(new ByteBuffer[] {buffer})))
          .hasMessage("Input/output error");
      assertThat(failed("write", Errno.ENOSPC, () -> channel.write(buffer, 3)))
          .hasMessage("No space left on device");
      assertThat(failed("truncate", Errno.EIO, () -> channel.truncate(0)))
          .hasMessage("Input/output error");
      assertThat(failed("lock", Errno.ENOLCK, channel::lock)).hasMessage("No locks available");
      assertThat(failed("fsync", Errno.EIO, () -> channel.force(true)))
          .hasMessage("Input/output error");
      assertThat(failed("fsync", Errno.EIO, () -> channel.force(false)))
          .hasMessage("Input/output error");
      assertThat(failed("fdatasync", Errno.EIO, () -> channel.force(true))).isNull();
      assertThat(buffer.position()).isZero();
    }
    assertThat(Files.readString(at("old"))).isEqualTo("content");
  }

  @Test
  void aCloseThatFailsHasClosed() throws IOException {
    FileChannel channel = FileChannel.open(at("old"));
    assertThat(failed("close", Errno.EDQUOT, channel::close)).hasMessage("Disk quota exceeded");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aFileSystemThatIsClosedDoesNothing() throws IOException {
    files.close();
    assertThat(files.isOpen()).isFalse();
    assertThat(memory.isOpen()).isTrue();
    assertThatThrownBy(() -> Files.size(at("old"))).isInstanceOf(ClosedFileSystemException.class);
  }
}
