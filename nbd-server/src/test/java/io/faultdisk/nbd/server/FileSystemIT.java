package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.rules.Decision;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.QemuEvents;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The kernel's file systems on a disk of ours, faulty at times.
 *
 * <p>Each test makes a file system, looks where on the disk something is, serves the disk again
 * with rules that fail writes there, and arms and disarms them while it is mounted. For that it
 * announces events which a raw image does not have by itself.
 */
@Timeout(600)
class FileSystemIT {
  private static final String EIO = "Input/output error";

  @TempDir Path directory;

  private Path image;
  private Path oldContent;
  private Path newContent;
  private final AtomicInteger failedWrites = new AtomicInteger();
  private final AtomicInteger flushes = new AtomicInteger();

  @BeforeEach
  void makeFiles() throws IOException {
    MountedExport.assumePossible();
    Tools.assume("dd");
    image = directory.resolve("disk.img");
    oldContent = noise("old", 1);
    newContent = noise("new", 2);
  }

  private Path noise(String name, int seed) throws IOException {
    byte[] data = new byte[256 << 10];
    new Random(seed).nextBytes(data);
    return Files.write(directory.resolve(name), data);
  }

  private void makeImage(KernelFileSystem fileSystem) throws IOException {
    fileSystem.assumePossible();
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(fileSystem.bytesMin());
    }
  }

  /** The image over rules that can fail writes which touch one of these sectors. */
  private ServedImage serve(List<Long> sectors) throws Exception {
    StringBuilder rules = new StringBuilder();
    rules.append("[inject-error]\nevent = \"l2_update\"\nerrno = \"0\"\n");
    for (long sector : sectors) {
      rules.append(
          "[inject-error]\nevent = \"l1_update\"\niotype = \"write\"\nsector = \"%d\"\n"
              .formatted(sector));
    }
    Path file = Files.writeString(directory.resolve("rules.conf"), rules);
    ServedImage served =
        ServedImage.open(
            "driver=raw,file.driver=blkdebug,file.config=%s,file.image.driver=file,file.image.filename=%s"
                .formatted(file, image),
            ServedImage.WRITEBACK,
            ServerLimits.DEFAULT,
            settings -> settings);
    var unused = served.engine().observe(this::count);
    return served;
  }

  private void count(Observation observation) {
    if (observation instanceof Observation.EventAnnounced announced
        && announced.event().equals(QemuEvents.FLUSH_TO_OS)) {
      flushes.incrementAndGet();
    }
    if (observation instanceof Observation.RequestChecked checked
        && checked.decision() instanceof Decision.Fail) {
      failedWrites.incrementAndGet();
    }
  }

  private static void fail(ServedImage served) {
    served.engine().announce(QemuEvents.L1_UPDATE);
  }

  private static void lift(ServedImage served) {
    served.engine().announce(QemuEvents.L2_UPDATE);
  }

  /** Writes a whole file over what is there, and syncs it. */
  private static Tools.Result write(Path source, Path target) throws Exception {
    String how = "conv=notrunc,fsync";
    return Tools.result("dd", "if=" + source, "of=" + target, "bs=4k", how);
  }

  private static void writes(Path source, Path target) throws Exception {
    assertThat(write(source, target)).matches(result -> result.exit() == 0);
  }

  private static void failsToWrite(Path source, Path target) throws Exception {
    Tools.Result result = write(source, target);
    assertThat(result.exit()).as(result.output()).isNotZero();
    assertThat(result.output()).contains(EIO);
  }

  private static void sameContent(Path one, Path other) throws IOException {
    assertThat(Files.mismatch(one, other)).isEqualTo(-1);
  }

  @ParameterizedTest
  @EnumSource
  void filesSurviveUntilTheNextMount(KernelFileSystem fileSystem) throws Exception {
    makeImage(fileSystem);
    try (ServedImage served = serve(List.of());
        MountedExport disk = new MountedExport(directory, served)) {
      fileSystem.make(disk.device());
      Path top = disk.mount(fileSystem.type());
      Files.createDirectories(top.resolve("d"));
      int before = flushes.get();
      writes(oldContent, top.resolve("d/file"));
      assertThat(flushes.get()).isGreaterThan(before);
      disk.unmount();
      fileSystem.assertClean(disk.device());
    }
    try (ServedImage served = serve(List.of());
        MountedExport disk = new MountedExport(directory, served)) {
      Path top = disk.mount(fileSystem.type());
      sameContent(top.resolve("d/file"), oldContent);
      Files.delete(top.resolve("d/file"));
      disk.unmount();
      fileSystem.assertClean(disk.device());
    }
  }

  @ParameterizedTest
  @EnumSource
  void anErrorOfADataWriteComesBackFromFsyncAndTheFileSystemGoesOn(KernelFileSystem fileSystem)
      throws Exception {
    makeImage(fileSystem);
    List<Long> sectors;
    try (ServedImage served = serve(List.of());
        MountedExport disk = new MountedExport(directory, served)) {
      fileSystem.make(disk.device());
      Path top = disk.mount(fileSystem.type());
      writes(oldContent, top.resolve("victim"));
      sectors = fileSystem.sectorsOf(disk.device(), top, "victim");
      disk.unmount();
    }
    assertThat(sectors).hasSize(64);
    try (ServedImage served = serve(sectors);
        MountedExport disk = new MountedExport(directory, served)) {
      Path top = disk.mount(fileSystem.type());
      fail(served);
      failsToWrite(newContent, top.resolve("victim"));
      assertThat(failedWrites.get()).isPositive();
      writes(newContent, top.resolve("other"));
      lift(served);
      writes(newContent, top.resolve("victim"));
      disk.unmount();
      fileSystem.assertClean(disk.device());
      disk.mount(fileSystem.type());
      sameContent(top.resolve("victim"), newContent);
      sameContent(top.resolve("other"), newContent);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anErrorOfAJournalWriteStopsTheFileSystemAndNothingSyncedIsLost(KernelFileSystem fileSystem)
      throws Exception {
    makeImage(fileSystem);
    List<Long> sectors;
    try (ServedImage served = serve(List.of());
        MountedExport disk = new MountedExport(directory, served)) {
      fileSystem.make(disk.device());
      Path top = disk.mount(fileSystem.type());
      writes(oldContent, top.resolve("old"));
      disk.unmount();
      sectors = fileSystem.sectorsOfJournal(disk.device());
    }
    try (ServedImage served = serve(sectors);
        MountedExport disk = new MountedExport(directory, served)) {
      Path top = disk.mount(fileSystem.type());
      fail(served);
      failsToWrite(newContent, top.resolve("new"));
      assertThat(failedWrites.get()).isPositive();
      fileSystem.assertStopped(top);
      lift(served);
      fileSystem.assertStopped(top); // until it is mounted again
      disk.unmount();
      disk.mount(fileSystem.type());
      sameContent(top.resolve("old"), oldContent);
      writes(newContent, top.resolve("new"));
      disk.unmount();
      fileSystem.repair(disk.device());
      fileSystem.assertClean(disk.device());
      disk.mount(fileSystem.type());
      sameContent(top.resolve("old"), oldContent);
      sameContent(top.resolve("new"), newContent);
    }
  }

  @Test
  void sqliteReportsADiskErrorAndItsDatabaseRecovers() throws Exception {
    Tools.assume("sqlite3");
    KernelFileSystem fileSystem = KernelFileSystem.EXT4;
    makeImage(fileSystem);
    List<Long> sectors;
    try (ServedImage served = serve(List.of());
        MountedExport disk = new MountedExport(directory, served)) {
      fileSystem.make(disk.device());
      Path top = disk.mount(fileSystem.type());
      String numbers = "with recursive n(i) as (select 1 union all select i+1 from n limit 5000)";
      String make = "create table t(i integer primary key, text); " + numbers;
      sqlite(top, make + " insert into t select i, hex(randomblob(20)) from n");
      sectors = fileSystem.sectorsOf(disk.device(), top, "db");
      disk.unmount();
    }
    try (ServedImage served = serve(sectors);
        MountedExport disk = new MountedExport(directory, served)) {
      Path top = disk.mount(fileSystem.type());
      String database = top.resolve("db").toString();
      fail(served);
      assertThat(Tools.fails("sqlite3", database, "update t set text = 'new'"))
          .contains("disk I/O error");
      assertThat(failedWrites.get()).isPositive();
      lift(served);
      disk.unmount();
      disk.mount(fileSystem.type());
      assertThat(sqlite(top, "pragma integrity_check")).isEqualTo("ok");
      assertThat(sqlite(top, "select count(*) from t where text <> 'new'")).isEqualTo("5000");
      sqlite(top, "update t set text = 'new'");
      assertThat(sqlite(top, "pragma integrity_check")).isEqualTo("ok");
      disk.unmount();
      fileSystem.assertClean(disk.device());
    }
  }

  @Test
  void theDiskOfAServerThatIsGoneGivesErrorsAndCanBeReleased() throws Exception {
    KernelFileSystem fileSystem = KernelFileSystem.EXT4;
    makeImage(fileSystem);
    try (ServedImage served = serve(List.of())) {
      try (MountedExport disk = new MountedExport(directory, served)) {
        fileSystem.make(disk.device());
        Path top = disk.mount(fileSystem.type());
        writes(oldContent, top.resolve("file"));
        served.server().close();
        failsToWrite(newContent, top.resolve("file"));
      }
      // The kernel takes loop devices apart when their last user is gone.
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> {
                assertThat(Files.readString(Path.of("/proc/mounts")))
                    .doesNotContain(directory.toString());
                assertThat(Tools.run("losetup", "--list")).doesNotContain(directory.toString());
              });
    }
  }

  private static String sqlite(Path top, String statement) throws Exception {
    return Tools.run("sqlite3", top.resolve("db").toString(), statement).strip();
  }
}
