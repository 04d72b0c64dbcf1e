package io.faultdisk.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.faults.Faults;
import io.faultdisk.rules.RuleBuilder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** File systems by URI; paths of ours and others; watching. */
class NamesTest {
  private static final URI DEFAULT = URI.create("faultdisk:file:///");

  @TempDir Path directory;

  private static Map<String, ?> environment(Faults faults) {
    return Map.of("faults", faults, "mappedMemory", MappedMemory.REFUSE, "quota", 5);
  }

  @Test
  void byUri() throws IOException {
    Faults faults = Faults.create();
    URI uri = URI.create("faultdisk:" + directory.resolve("file").toUri());
    assertThatThrownBy(() -> Path.of(uri)).isInstanceOf(FileSystemNotFoundException.class);
    try (FileSystem files = FileSystems.newFileSystem(DEFAULT, environment(faults))) {
      assertThat(FileSystems.getFileSystem(DEFAULT)).isSameAs(files);
      assertThatThrownBy(() -> FileSystems.newFileSystem(DEFAULT, Map.of()))
          .isInstanceOf(FileSystemAlreadyExistsException.class);
      Path path = Path.of(uri);
      assertThat(path.toUri()).isEqualTo(uri);
      assertThat(path.getFileSystem()).isSameAs(files);
      faults.add(RuleBuilder.on("create").fail(Errno.EIO));
      assertThatThrownBy(() -> Files.createFile(path)).hasMessage(path + ": Input/output error");
    }
    assertThatThrownBy(() -> FileSystems.getFileSystem(DEFAULT))
        .isInstanceOf(FileSystemNotFoundException.class);
  }

  @Test
  void aZipFileByUriIsOpenedAndClosed() throws IOException {
    URI inner = URI.create("jar:" + directory.resolve("a.zip").toUri());
    URI uri = URI.create("faultdisk:" + inner);
    try (FileSystem files = FileSystems.newFileSystem(uri, Map.of("create", "true"))) {
      Files.writeString(files.getPath("/f"), "in a zip file");
    }
    assertThatThrownBy(() -> FileSystems.getFileSystem(inner))
        .isInstanceOf(FileSystemNotFoundException.class);
    try (FileSystem files =
        FileSystems.newFileSystem(directory.resolve("a.zip"), Map.of("faults", Faults.create()))) {
      assertThat(Files.readString(files.getPath("/f"))).isEqualTo("in a zip file");
    }
  }

  @Test
  void filesAreCopiedAndMovedBetweenTwoOfOneProvider() throws IOException {
    URI zip = URI.create("faultdisk:jar:" + directory.resolve("a.zip").toUri());
    try (FileSystem one = FileSystems.newFileSystem(DEFAULT, Map.of());
        FileSystem two = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      assertThat(one.provider()).isSameAs(two.provider());
      Path from = one.getPath(directory.resolve("from").toString());
      Files.writeString(from, "content");
      Files.copy(from, two.getPath("/copy"));
      assertThatThrownBy(() -> Files.copy(from, two.getPath("/copy")))
          .isInstanceOf(java.nio.file.FileAlreadyExistsException.class);
      Files.move(from, two.getPath("/moved"));
      assertThat(Files.readString(two.getPath("/copy"))).isEqualTo("content");
      assertThat(Files.readString(two.getPath("/moved"))).isEqualTo("content");
      assertThat(Files.exists(from)).isFalse();
    }
  }

  @Test
  void aMistakeInTheEnvironmentIsNamed() {
    assertThatThrownBy(() -> FileSystems.newFileSystem(DEFAULT, Map.of("faults", "x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'faults' is a java.lang.String, not a Faults");
    assertThatThrownBy(() -> FileSystems.newFileSystem(URI.create("faultdisk:/tmp"), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("faultdisk:file:///");
  }

  @Test
  void pathsOfOthersAreRefused() throws IOException {
    try (FaultFileSystem one = FaultFileSystem.over(FileSystems.getDefault()).open();
        FaultFileSystem two = FaultFileSystem.over(FileSystems.getDefault()).open()) {
      Path ours = one.getPath("a");
      for (Path foreign : new Path[] {Path.of("a"), two.getPath("a")}) {
        assertThat(ours.equals(foreign)).isFalse();
        assertThat(ours.startsWith(foreign)).isFalse();
        assertThatThrownBy(() -> ours.resolve(foreign))
            .isInstanceOf(ProviderMismatchException.class);
        assertThatThrownBy(() -> ours.relativize(foreign))
            .isInstanceOf(ProviderMismatchException.class);
        assertThatThrownBy(() -> ours.compareTo(foreign)).isInstanceOf(ClassCastException.class);
        assertThatThrownBy(() -> one.provider().createLink(ours, foreign))
            .isInstanceOf(ProviderMismatchException.class);
      }
      assertThat(ours).isEqualTo(one.getPath("a"));
      assertThatThrownBy(() -> one.provider().delete(Path.of("a")))
          .isInstanceOf(ProviderMismatchException.class);
      assertThat(one.unwrap(ours)).isEqualTo(Path.of("a"));
    }
  }

  @Test
  void filesAreCopiedBetweenTwoOfOurs() throws IOException {
    try (FaultFileSystem one = FaultFileSystem.over(FileSystems.getDefault()).open();
        FaultFileSystem two = FaultFileSystem.over(FileSystems.getDefault()).open()) {
      Path from = Files.writeString(one.wrap(directory.resolve("from")), "content");
      Path to = two.wrap(directory.resolve("to"));
      Files.copy(from, to);
      assertThat(Files.readString(to)).isEqualTo("content");
    }
  }

  @Test
  void watchingTellsInPathsOfOurs() throws Exception {
    try (FaultFileSystem files = FaultFileSystem.over(FileSystems.getDefault()).open();
        WatchService watcher = files.newWatchService()) {
      Path watched = files.wrap(directory);
      WatchKey key = watched.register(watcher, StandardWatchEventKinds.ENTRY_CREATE);
      assertThat(key.watchable()).isEqualTo(watched);
      Files.createFile(watched.resolve("new"));
      WatchKey signalled = watcher.poll(30, TimeUnit.SECONDS);
      assertThat(signalled).isSameAs(key);
      WatchEvent<?> event = signalled.pollEvents().get(0);
      assertThat(event.context()).isEqualTo(files.getPath("new"));
      assertThat(event.kind()).isEqualTo(StandardWatchEventKinds.ENTRY_CREATE);
      assertThatThrownBy(() -> directory.register(watcher, StandardWatchEventKinds.ENTRY_CREATE))
          .isInstanceOf(ProviderMismatchException.class);
    }
  }

  @Test
  void ofDefaultSaysHowToHaveIt() {
    assertThatThrownBy(FaultFileSystem::ofDefault)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("-Djava.nio.file.spi.DefaultFileSystemProvider=");
  }
}
