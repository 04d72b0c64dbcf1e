package io.faultdisk.nio;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.DSYNC;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.SYNC;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.faultdisk.faults.Faults;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.RuleBuilder;
import io.faultdisk.testkit.Race;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Power loss of whole file systems, one sentence each; see {@link MediumTest} for the model. */
final class PowerLossTest {
  private final FileSystem memory = Jimfs.newFileSystem(Configuration.unix());
  private final Faults faults = Faults.create();
  private FaultFileSystem files = open(Durability.POSIX);
  private Path file = files.getPath("/f");
  private int copies;

  private FaultFileSystem open(Durability durability) {
    return FaultFileSystem.over(memory).faults(faults).powerLoss(durability).open();
  }

  @BeforeEach
  void createFile() throws IOException {
    Files.delete(memory.getPath("/work"));
    Files.createFile(memory.getPath("/f"));
  }

  @AfterEach
  void close() throws IOException {
    faults.close();
    memory.close();
  }

  private Map<String, String> after(PowerCut cut) throws IOException {
    try (FileSystem other = Jimfs.newFileSystem("copy" + copies++, Configuration.unix())) {
      Path target = Files.createDirectory(other.getPath("/copy"));
      files.afterPowerCut(cut, target);
      return Trees.of(target);
    }
  }

  private void cut(PowerCut cut) throws IOException {
    files = files.cutPower(cut);
    file = files.getPath("/f");
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, READ)) {
      channel.force(true);
    }
  }

  @Test
  void whateverWritesIsLostWithoutFsync() throws Exception {
    Files.writeString(file, "string");
    Files.copy(file, files.getPath("/copy"));
    try (OutputStream out = Files.newOutputStream(file, APPEND)) {
      out.write("+stream".getBytes(StandardCharsets.UTF_8));
    }
    try (FileChannel channel = FileChannel.open(file, WRITE, APPEND)) {
      channel.write(new ByteBuffer[] {bytes("+gat"), bytes("her")});
    }
    try (FileChannel from = FileChannel.open(files.getPath("/copy"), READ);
        FileChannel to = FileChannel.open(file, WRITE)) {
      to.transferFrom(from, to.size(), 6);
      to.position(to.size());
      from.transferTo(0, 6, to);
    }
    try (AsynchronousFileChannel channel = AsynchronousFileChannel.open(file, WRITE)) {
      Future<Integer> written = channel.write(bytes("async"), 0);
      assertThat(written.get(60, TimeUnit.SECONDS)).isEqualTo(5);
    }
    String expected = "asyncg+stream+gatherstringstring";
    assertThat(Trees.of(memory.getPath("/"))).containsEntry("f", expected);
    assertThat(after(PowerCut.dropAll())).isEqualTo(Map.of("f", ""));
    assertThat(after(PowerCut.keepAll())).isEqualTo(Map.of("f", expected, "copy", "string"));
    sync(file);
    assertThat(after(PowerCut.dropAll())).isEqualTo(Map.of("f", expected));
  }

  @Test
  void writesOfAChannelOpenedForThatAreDurableAtOnce() throws IOException {
    for (OpenOption option : new OpenOption[] {DSYNC, SYNC}) {
      try (FileChannel channel = FileChannel.open(file, WRITE, APPEND, option)) {
        channel.write(bytes("x"));
      }
    }
    assertThat(after(PowerCut.dropAll())).isEqualTo(Map.of("f", "xx"));
    assertThat(files.unsynced().isEmpty()).isTrue();
  }

  @Test
  void theOldFileSystemIsDeadAndTheNewOneIsAlive() throws IOException {
    FaultFileSystem old = files;
    FileChannel channel = FileChannel.open(file, READ, WRITE);
    channel.write(bytes("lost"));
    cut(PowerCut.dropAll());
    assertThat(Files.size(file)).isZero();
    assertThatThrownBy(() -> channel.write(bytes("x"))).hasMessage("the power was cut");
    assertThatThrownBy(() -> channel.force(true)).hasMessage("the power was cut");
    assertThatThrownBy(() -> Files.createFile(old.getPath("/g")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the power was cut");
    assertThat(old.isPowered()).isFalse();
    channel.close();
    Files.writeString(file, "new");
    sync(file);
    cut(PowerCut.dropAll());
    assertThat(file).hasContent("new");
  }

  @Test
  void aRuleCutsThePowerAndTheTestSaysLaterWhatItLeaves() throws IOException {
    faults.add(RuleBuilder.on("fsync").occurrence(2).cutPower());
    try (FileChannel channel = FileChannel.open(file, WRITE)) {
      channel.write(bytes("a"));
      channel.force(true);
      channel.write(bytes("b"));
      assertThatThrownBy(() -> channel.force(true)).hasMessage("the power was cut");
    }
    assertThat(after(PowerCut.dropAll())).isEqualTo(Map.of("f", "a"));
    assertThat(after(PowerCut.keepAll())).isEqualTo(Map.of("f", "ab"));
    cut(PowerCut.dropAll());
    assertThat(file).hasContent("a");
  }

  @Test
  void aProgramThatIgnoresAFailedFlushLosesItsData() throws IOException {
    for (FailFlush.Mode mode : FailFlush.Mode.values()) {
      faults.clear();
      faults.add(RuleBuilder.on("fsync").times(1).failFlush(mode));
      Files.writeString(file, "");
      files.checkpoint();
      try (FileChannel channel = FileChannel.open(file, READ, WRITE)) {
        channel.write(bytes("data"));
        if (mode == FailFlush.Mode.LIE) {
          channel.force(true);
        } else {
          assertThatThrownBy(() -> channel.force(true)).hasMessage("Input/output error");
        }
        assertThat(after(PowerCut.dropAll())).isEqualTo(Map.of("f", ""));
        channel.force(true);
      }
      assertThat(file).hasContent("data");
      String lost = after(PowerCut.dropAll()).get("f");
      assertThat("data".equals(lost)).isEqualTo(mode != FailFlush.Mode.DROP);
    }
  }

  @Test
  void whatIsStoredInMappedMemoryIsWrittenWhenSomebodyLooks(@TempDir Path directory)
      throws IOException {
    FaultFileSystem real =
        FaultFileSystem.over(FileSystems.getDefault())
            .powerLoss(Durability.POSIX)
            .mappedMemory(MappedMemory.TRACK)
            .open();
    Path mapped = Files.createDirectory(directory.resolve("db")).resolve("mapped");
    Files.writeString(mapped, "....");
    MappedByteBuffer buffer;
    try (FileChannel channel = FileChannel.open(real.wrap(mapped), READ, WRITE)) {
      buffer = channel.map(FileChannel.MapMode.READ_WRITE, 0, 4);
      buffer.put(0, (byte) 'a');
      channel.force(true);
      buffer.put(1, (byte) 'b');
    }
    buffer.put(2, (byte) 'c');
    Path target = Files.createDirectory(directory.resolve("copy"));
    real.afterPowerCut(PowerCut.keepAll(), real.wrap(directory.resolve("db")), target);
    assertThat(target.resolve("mapped")).hasContent("abc.");
    real = real.cutPower(PowerCut.dropAll());
    assertThat(mapped).hasContent("a...");
    real.close();
  }

  @Test
  void whatIsNotDurableIsReportedAndCanBeMadeSo() throws IOException {
    Files.createDirectory(files.getPath("/d"));
    Files.writeString(files.getPath("/d/new"), "12345");
    Files.delete(file);
    assertThat(files.unsynced())
        .hasToString(
            """
            4 operations not durable
              mkdir /d
              create /d/new
              delete /f
              /d/new: 5 bytes\
            """);
    files.checkpoint();
    assertThat(files.unsynced()).hasToString("all is durable");
    assertThat(after(PowerCut.dropAll())).isEqualTo(Map.of("d/", "", "d/new", "12345"));
  }

  @Test
  void linksOnTheWayDoNotMatter() throws IOException {
    Files.createDirectory(memory.getPath("/real"));
    Files.createSymbolicLink(memory.getPath("/link"), memory.getPath("/real"));
    Files.writeString(files.getPath("/link/f"), "data");
    sync(files.getPath("/real/f"));
    sync(files.getPath("/link/../link"));
    assertThat(after(PowerCut.dropAll())).containsEntry("real/f", "data");
  }

  @Test
  void oneDirectoryOfTheDefaultFileSystemIsEnough(@TempDir Path directory) throws IOException {
    FaultFileSystem real =
        FaultFileSystem.over(FileSystems.getDefault()).powerLoss(Durability.POSIX).open();
    Path store = Files.createDirectories(directory.resolve("store/inner"));
    Files.writeString(store.resolve("old"), "old");
    Files.writeString(real.wrap(store.resolve("new")), "new");
    Path target = real.wrap(Files.createDirectory(directory.resolve("copy")));
    CrashState state =
        real.afterPowerCut(PowerCut.dropAll(), real.wrap(directory.resolve("store")), target);
    assertThat(Trees.of(directory.resolve("copy")))
        .isEqualTo(Map.of("inner/", "", "inner/old", "old"));
    assertThat(state.toString()).contains("lost: create " + store.resolve("new"));
    // Writing that was no change itself.
    assertThat(real.unsynced().entries()).hasSize(1);
    real = real.cutPower(PowerCut.dropAll());
    assertThat(Trees.of(directory.resolve("store")))
        .isEqualTo(Map.of("inner/", "", "inner/old", "old"));
    real.close();
  }

  @Test
  void whoeverStillHoldsThePathOfBeforeIsToldWhereToLook() throws IOException {
    Path before = file;
    cut(PowerCut.keepAll());
    assertThatThrownBy(() -> Files.readString(before))
        .hasMessageContaining("/f: the power was cut for this file system;")
        .hasMessageContaining("attempt.directory()");
  }

  @Test
  void aFileSystemThatWasReplacedDoesNotTouchItsSuccessor() throws IOException {
    FaultFileSystem before = files;
    cut(PowerCut.keepAll());
    Files.writeString(file, "new");
    assertThatThrownBy(() -> before.cutPower(PowerCut.dropAll()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cut that of the one which cutPower gave");
    assertThat(Files.readString(file)).isEqualTo("new");
  }

  @Test
  void aCopyGoesIntoAnEmptyDirectoryElsewhere() throws IOException {
    Files.createDirectory(files.getPath("/d"));
    Path missing = memory.getPath("/missing");
    assertThatThrownBy(() -> files.afterPowerCut(PowerCut.keepAll(), missing))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("/missing: make the empty directory first");
    Path full = Files.createDirectory(memory.getPath("/full"));
    Files.createFile(full.resolve("x"));
    assertThatThrownBy(() -> files.afterPowerCut(PowerCut.keepAll(), files.getPath("/d"), full))
        .isInstanceOf(DirectoryNotEmptyException.class);
    Path inside = Files.createDirectory(memory.getPath("/d/inside"));
    assertThatThrownBy(() -> files.afterPowerCut(PowerCut.keepAll(), inside))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("/d/inside: is within what is to be copied, /");
    assertThat(Trees.of(inside)).isEmpty();
  }

  @Test
  void aDirectoryThatIsLostLeavesNothing() throws IOException {
    Path directory = Files.createDirectory(files.getPath("/d"));
    Files.writeString(directory.resolve("x"), "x");
    try (FileSystem other = Jimfs.newFileSystem("other", Configuration.unix())) {
      Path target = Files.createDirectory(other.getPath("/copy"));
      files.afterPowerCut(PowerCut.dropAll(), directory, target);
      assertThat(Trees.of(target)).isEmpty();
      files.afterPowerCut(PowerCut.keepAll(), directory, target);
      assertThat(Trees.of(target)).isEqualTo(Map.of("x", "x"));
    }
  }

  @Test
  void theLimitOfMemoryIsNamed() throws IOException {
    Files.write(memory.getPath("/big"), new byte[] {1});
    Files.write(memory.getPath("/f"), new byte[100_000]);
    FaultFileSystem small =
        FaultFileSystem.over(memory).powerLoss(Durability.POSIX).powerLossBytesMax(50_000).open();
    assertThatThrownBy(() -> Files.delete(small.getPath("/f")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("powerLossBytesMax");
    assertThatThrownBy(() -> Files.write(small.getPath("/big"), new byte[60_000]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("50000");
    assertThat(small.getPath("/f")).exists();
  }

  @Test
  void withoutTheOptionNothingIsKnown() {
    FaultFileSystem plain = FaultFileSystem.over(memory).open();
    assertThatThrownBy(() -> plain.cutPower(PowerCut.dropAll()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(".powerLoss(Durability.POSIX)");
    assertThat(plain.isPowered()).isTrue();
  }

  @Test
  void aFileSystemWithAUriKeepsIt() throws IOException {
    FileSystem named = Jimfs.newFileSystem("power-loss", Configuration.unix());
    URI uri = URI.create("faultdisk:jimfs://power-loss");
    FaultFileSystem first =
        (FaultFileSystem) FileSystems.newFileSystem(uri, Map.of("powerLoss", Durability.POSIX));
    Files.writeString(first.getPath("/lost"), "lost");
    FaultFileSystem second = first.cutPower(PowerCut.dropAll());
    assertThat(FileSystems.getFileSystem(uri)).isSameAs(second);
    assertThat(second.getPath("/lost")).doesNotExist();
    second.close();
    named.close();
  }

  @Test
  void optionsAreKept() throws IOException {
    FaultFileSystem first =
        FaultFileSystem.over(memory).powerLoss(Durability.JOURNALED).quota(10).open();
    Files.writeString(first.getPath("/q"), "12345");
    FaultFileSystem second = first.cutPower(PowerCut.dropAll());
    assertThatThrownBy(() -> Files.write(second.getPath("/q"), new byte[11]))
        .hasMessageContaining("Disk quota exceeded");
    Files.createFile(second.getPath("/r"));
    Files.writeString(second.getPath("/s"), "");
    sync(second.getPath("/s"));
    FaultFileSystem third = second.cutPower(PowerCut.dropAll());
    assertThat(third.getPath("/r")).exists();
  }

  @Test
  void manyThreadsLeaveWhatIsThere() throws Exception {
    AtomicInteger cuts = new AtomicInteger();
    FaultFileSystem shared = files;
    new Race(Duration.ofSeconds(60))
        .threads(
            4,
            number -> {
              try (FileChannel channel =
                  FileChannel.open(shared.getPath("/all"), CREATE, WRITE, APPEND)) {
                for (int i = 0; i < 200; i++) {
                  Path mine = shared.getPath("/" + number + "." + i % 3);
                  Path common = shared.getPath("/common" + i % 2);
                  Files.writeString(mine, "x".repeat(i));
                  channel.write(bytes(number + ":" + i + " "));
                  Files.move(mine, common, StandardCopyOption.REPLACE_EXISTING);
                  Files.deleteIfExists(common);
                }
              }
            })
        .threads(
            1,
            number -> {
              for (int i = 0; i < 20; i++) {
                after(PowerCut.subset(i));
                cuts.incrementAndGet();
              }
            })
        .run();
    assertThat(cuts).hasValue(20);
    assertThat(after(PowerCut.keepAll())).isEqualTo(Trees.of(memory.getPath("/")));
  }
}
