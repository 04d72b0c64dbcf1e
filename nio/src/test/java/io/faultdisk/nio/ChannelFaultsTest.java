package io.faultdisk.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.faultdisk.base.Errno;
import io.faultdisk.faults.Faults;
import io.faultdisk.faults.Trace;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.RuleBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.FileLock;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a rule does to an open file, on Java's own file system. */
class ChannelFaultsTest {
  @TempDir Path directory;

  private Faults faults;
  private FaultFileSystem files;
  private Path file;

  @BeforeEach
  void open() {
    faults = Faults.create();
    files = builder().open();
    file = files.wrap(directory.resolve("file"));
  }

  private FaultFileSystem.Builder builder() {
    return FaultFileSystem.over(FileSystems.getDefault()).faults(faults);
  }

  private static FileChannel channel(Path path) throws IOException {
    return FileChannel.open(
        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void shortTransfersSayHowMuchTheyMoved() throws IOException {
    faults.add(RuleBuilder.on("write").shortTransfer(3), RuleBuilder.on("read").shortTransfer(2));
    try (FileChannel channel = channel(file)) {
      ByteBuffer source = bytes("abcdef");
      assertThat(channel.write(source)).isEqualTo(3);
      assertThat(source.remaining()).isEqualTo(3);
      assertThat(source.limit()).isEqualTo(6);
      assertThat(channel.position()).isEqualTo(3);
      assertThat(channel.write(new ByteBuffer[] {bytes("x"), bytes("yz."), bytes("!")}))
          .isEqualTo(3);
      assertThat(channel.write(bytes("ABCDEF"), 1)).isEqualTo(3);
      channel.position(0);
      ByteBuffer target = ByteBuffer.allocate(10);
      assertThat(channel.read(target)).isEqualTo(2);
      assertThat(channel.read(target, 0)).isEqualTo(2);
      assertThat(channel.read(new ByteBuffer[] {ByteBuffer.allocate(1), ByteBuffer.allocate(9)}))
          .isEqualTo(2);
      assertThat(new String(target.array(), 0, 4, java.nio.charset.StandardCharsets.UTF_8))
          .isEqualTo("aAaA");
    }
  }

  @Test
  void transfersBetweenChannelsAreShortenedByEither() throws IOException {
    Files.writeString(file, "0123456789");
    Path other = file.resolveSibling("other");
    faults.add(RuleBuilder.on("write").path("other").shortTransfer(4));
    try (FileChannel from = channel(file);
        FileChannel to = channel(other);
        Trace trace = faults.trace(10)) {
      assertThat(from.transferTo(1, 100, to)).isEqualTo(4);
      assertThat(to.transferFrom(from, 4, 100)).isEqualTo(4);
      assertThat(trace.entries().stream().map(Trace.Entry::text).toList())
          .containsExactly(
              "read " + directory + "/file 1+9",
              "write " + directory + "/other 0+9",
              "read " + directory + "/file 0+10",
              "write " + directory + "/other 4+10");
      assertThat(from.position()).isEqualTo(4);
    }
    assertThat(Files.readString(other)).isEqualTo("12340123");
  }

  @Test
  void aStreamWritesOnUntilAllIsWritten() throws IOException {
    faults.add(RuleBuilder.on("write").shortTransfer(3));
    try (OutputStream out = Files.newOutputStream(file);
        Trace trace = faults.trace(10)) {
      out.write(bytes("0123456789").array());
      assertThat(trace.count()).isEqualTo(4);
    }
    assertThat(Files.readString(file)).isEqualTo("0123456789");
  }

  @Test
  void flushesGoWrongInEachWay() throws IOException {
    try (FileChannel channel = channel(file)) {
      faults.add(RuleBuilder.on("fsync").once().failFlush(FailFlush.Mode.DROP));
      assertThatThrownBy(() -> channel.force(true)).hasMessage("Input/output error");
      channel.force(true);
      faults.add(RuleBuilder.on("fsync").once().failFlush(FailFlush.Mode.LIE));
      channel.force(false);
    }
    assertThat(faults.unfired()).isEmpty();
  }

  @Test
  void afterAPowerCutEverythingFailsButClosing() throws IOException {
    FileChannel channel = channel(file);
    SeekableByteChannel reader = Files.newByteChannel(file);
    OutputStream out = Files.newOutputStream(file.resolveSibling("stream"));
    faults.add(RuleBuilder.on("write").cutPower());
    assertThat(files.isPowered()).isTrue();
    assertThatThrownBy(() -> channel.write(bytes("lost"))).hasMessageContaining("power was cut");
    assertThat(files.isPowered()).isFalse();
    assertThatThrownBy(() -> reader.read(ByteBuffer.allocate(1))).hasMessageContaining("power");
    assertThatThrownBy(channel::size).hasMessageContaining("power");
    assertThatThrownBy(() -> channel.force(true)).hasMessageContaining("power");
    assertThatThrownBy(() -> out.write(1)).hasMessageContaining("power");
    assertThatThrownBy(() -> Files.createFile(file.resolveSibling("x")))
        .hasMessageContaining("power");
    channel.close();
    reader.close();
    out.close();
    assertThat(Files.size(directory.resolve("file"))).isZero();
  }

  @Test
  void aPowerCutAtAnAnnouncementCountsToo() {
    faults.add(RuleBuilder.on("checkpoint").cutPower());
    assertThatThrownBy(() -> faults.check("checkpoint")).isInstanceOf(IOException.class);
    assertThat(files.isPowered()).isFalse();
  }

  @Test
  void whatFitsIsWrittenWhenTheSpaceEnds() throws IOException {
    FaultFileSystem small = builder().outOfSpaceAfter(10).open();
    try (FileChannel channel = channel(small.wrap(directory.resolve("file")))) {
      assertThat(channel.write(bytes("01234567"))).isEqualTo(8);
      assertThat(channel.write(bytes("89ab"))).isEqualTo(2);
      assertThatThrownBy(() -> channel.write(bytes("x"), 0))
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("No space left on device");
      channel.truncate(0);
      assertThatThrownBy(() -> channel.write(bytes("x"))).hasMessage("No space left on device");
    }
  }

  @Test
  void aQuotaIsGivenBack() throws IOException {
    FaultFileSystem small = builder().quota(10).open();
    Path one = small.wrap(directory.resolve("one"));
    Path two = small.wrap(directory.resolve("two"));
    try (FileChannel channel = channel(one)) {
      assertThat(channel.write(bytes("01234567"))).isEqualTo(8);
      assertThat(channel.write(bytes("over"), 0)).isEqualTo(4);
      assertThat(channel.write(bytes("89ab"))).isEqualTo(2);
      assertThatThrownBy(() -> channel.write(bytes("x"))).hasMessage("Disk quota exceeded");
      assertThatThrownBy(() -> Files.writeString(two, "x")).hasMessage("Disk quota exceeded");
      assertThatThrownBy(() -> Files.copy(one, two.resolveSibling("copy")))
          .hasMessage("Disk quota exceeded");
      channel.truncate(6);
      Files.writeString(two, "wxyz");
      assertThatThrownBy(() -> Files.writeString(two, "wxyz+")).hasMessage("Disk quota exceeded");
    }
    assertThat(Files.getFileStore(one).getUsableSpace()).isZero();
    Files.move(one, one.resolveSibling("moved"));
    Files.delete(one.resolveSibling("moved"));
    assertThat(Files.getFileStore(two).getUsableSpace()).isEqualTo(6);
    Files.writeString(two, "");
    Files.copy(new java.io.ByteArrayInputStream(new byte[10]), one);
    assertThat(Files.getFileStore(two).getUsableSpace()).isZero();
  }

  @Test
  void limitsHoldInMemoryAndInZipFiles() throws IOException {
    try (FileSystem memory = Jimfs.newFileSystem(Configuration.unix());
        FileSystem zip =
            FileSystems.newFileSystem(
                java.net.URI.create("jar:" + directory.resolve("a.zip").toUri()),
                java.util.Map.of("create", "true"))) {
      for (FileSystem each : java.util.List.of(memory, zip)) {
        FaultFileSystem small = FaultFileSystem.over(each).outOfSpaceAfter(5).open();
        try (SeekableByteChannel channel =
            Files.newByteChannel(
                small.getPath("/f"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
          assertThat(channel.write(bytes("0123456"))).isEqualTo(5);
          assertThatThrownBy(() -> channel.write(bytes("x"))).hasMessage("No space left on device");
        }
      }
    }
  }

  @Test
  void locksBelongToOurChannel() throws IOException {
    try (FileChannel channel = channel(file)) {
      FileLock lock = channel.lock();
      assertThat(lock.channel()).isSameAs(channel);
      assertThat(lock.acquiredBy()).isSameAs(channel);
      assertThatThrownBy(channel::tryLock)
          .isInstanceOf(java.nio.channels.OverlappingFileLockException.class);
      lock.close();
      assertThat(lock.isValid()).isFalse();
    }
  }

  @Test
  void anInterruptClosesOursToo() throws IOException {
    FileChannel channel = channel(file);
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
          .isInstanceOf(ClosedByInterruptException.class);
    } finally {
      Thread.interrupted();
    }
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void mappedMemoryIsRefusedPassedOrTracked() throws IOException {
    Files.write(file, new byte[10000]);
    FaultFileSystem refusing = builder().mappedMemory(MappedMemory.REFUSE).open();
    try (FileChannel channel = channel(refusing.wrap(directory.resolve("file")))) {
      assertThatThrownBy(() -> channel.map(MapMode.READ_ONLY, 0, 10))
          .isInstanceOf(UnsupportedOperationException.class);
    }
    faults.add(RuleBuilder.on("map").once().fail(Errno.ENOMEM));
    FaultFileSystem tracking = builder().mappedMemory(MappedMemory.TRACK).open();
    try (FileChannel channel = channel(tracking.wrap(directory.resolve("file")))) {
      assertThatThrownBy(() -> channel.map(MapMode.READ_WRITE, 0, 10))
          .hasMessage("Cannot allocate memory");
      MappedByteBuffer mapped = channel.map(MapMode.READ_WRITE, 100, 9000);
      mapped.put(5000, (byte) 1);
      try (Trace trace = faults.trace(10)) {
        channel.force(true);
        channel.force(true);
        assertThat(trace.entries().stream().map(Trace.Entry::text).toList())
            .containsExactly(
                "write " + directory + "/file 4196+4096",
                "fsync " + directory + "/file",
                "fsync " + directory + "/file");
      }
      mapped.put(0, (byte) 1);
      faults.add(RuleBuilder.on("write").fail(Errno.EIO));
      assertThatThrownBy(() -> channel.force(true)).hasMessage("Input/output error");
      faults.clear();
    }
  }

  @Test
  void asynchronousOperationsFailAndAreShortened() throws Exception {
    faults.add(
        RuleBuilder.on("write").occurrence(1).shortTransfer(2),
        RuleBuilder.on("write").occurrence(2).fail(Errno.ENOSPC));
    try (AsynchronousFileChannel channel =
        AsynchronousFileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      assertThat(channel.write(bytes("0123"), 0).get(30, TimeUnit.SECONDS)).isEqualTo(2);
      Future<Integer> second = channel.write(bytes("0123"), 0);
      assertThatThrownBy(() -> second.get(30, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasRootCauseMessage("No space left on device");
      FileLock lock = channel.lock().get(30, TimeUnit.SECONDS);
      assertThat(lock.acquiredBy()).isSameAs(channel);
    }
  }

  @Test
  void aSuspendedOperationDoesNotKeepTheSubmitterWaiting() throws Exception {
    Files.writeString(file, "content");
    faults.suspendAt("read");
    try (AsynchronousFileChannel channel = AsynchronousFileChannel.open(file)) {
      Future<Integer> suspended = channel.read(ByteBuffer.allocate(9), 0);
      faults.await("read");
      assertThat(suspended.isDone()).isFalse();
      assertThat(channel.read(ByteBuffer.allocate(9), 3).get(30, TimeUnit.SECONDS)).isEqualTo(4);
      faults.resume("read");
      assertThat(suspended.get(30, TimeUnit.SECONDS)).isEqualTo(7);
    }
  }

  @Test
  void aDirectoryInMemoryCanBeForced() throws IOException {
    try (FileSystem memory = Jimfs.newFileSystem(Configuration.unix());
        FaultFileSystem over = FaultFileSystem.over(memory).faults(faults).open()) {
      Path work = over.getPath("/work");
      try (FileChannel channel = FileChannel.open(work, StandardOpenOption.READ);
          Trace trace = faults.trace(10)) {
        channel.force(true);
        assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1))).hasMessage("Is a directory");
        assertThat(trace.entries().get(0).text()).isEqualTo("fsync /work");
      }
    }
  }
}
