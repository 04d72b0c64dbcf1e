package io.faultdisk.cli.own;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.Main;
import io.faultdisk.cli.Stdio;
import io.faultdisk.posix.FileExtent;
import io.faultdisk.posix.FileExtent.Trait;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code rules for-file} without a device: what is made of extents, mounts and mistakes. */
class ForFileTest {
  private static final HoldingDevice DISK = new HoldingDevice("ext4", "/dev/sda", true, List.of());

  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    List<String> words = new ArrayList<>(List.of("rules", "for-file"));
    words.addAll(List.of(args));
    return Main.run(words, new Stdio(new ByteArrayInputStream(new byte[0]), out, err, false));
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private static FileExtent extent(long offset, long physical, long bytes, Trait... traits) {
    return new FileExtent(offset, physical, bytes, Set.of(traits));
  }

  // ---- ranges ----

  @Test
  void extentsThatLieBehindEachOtherAreOneRangeUpToTheLastBlockOfTheFile() {
    FileRanges ranges =
        FileRanges.of(
            List.of(
                extent(0, 1 << 20, 8192),
                extent(8192, (1 << 20) + 8192, 65536),
                extent(1 << 20, 8192, 4096),
                extent(2 << 20, 1 << 30, 1 << 20)),
            (1 << 20) + 5,
            4096,
            DISK);
    assertThat(ranges.ranges())
        .containsExactly(
            new FileRanges.Range(0, 73728, 2048, 144, Set.of()),
            new FileRanges.Range(1 << 20, 4096, 16, 8, Set.of()));
    assertThat(ranges.warnings())
        .containsExactly("974848 bytes of the file are holes, which no sector holds");
  }

  @Test
  void whatIsOtherThanPlainDataIsWarnedAbout() {
    FileRanges ranges =
        FileRanges.of(
            List.of(
                extent(0, 0, 4096, Trait.UNKNOWN, Trait.DELAYED),
                extent(4096, 4096, 4096, Trait.UNWRITTEN),
                extent(8192, 8192, 4096, Trait.SHARED, Trait.ENCODED),
                extent(12288, 12300, 100, Trait.INLINE, Trait.UNALIGNED)),
            12388,
            4096,
            DISK);
    assertThat(ranges.ranges())
        .extracting(range -> range.start() + "+" + range.sectors())
        .containsExactly("8+8", "16+8", "24+1");
    assertThat(ranges.warnings())
        .containsExactly(
            "1 extent has no place on the device yet and is left out: sync, and ask again",
            "the file is stored encoded, compressed for example",
            "the file lies among the file system's metadata: its sectors hold other things, too",
            "some extents are allocated but not written: they read as zeroes without a request to"
                + " the device",
            "some extents are shared with other files, which the rules hit, too");
  }

  // ---- what the sectors are counted in ----

  /** A partition of a loop device over a part of a file, below a mount point with a blank. */
  private HoldingDevice partition() throws IOException {
    Path proc = Files.createDirectories(directory.resolve("proc"));
    Path sys = Files.createDirectories(directory.resolve("sys"));
    Files.createDirectories(proc.resolve("self"));
    Files.writeString(
        proc.resolve("self/mountinfo"),
        """
        27 1 254:0 / / rw - ext4 /dev/vda rw
        30 27 259:1 / /mnt/a\\040b rw shared:1 - xfs /dev/loop7p1 rw
        31 27 0:99 / /mnt/other rw - tmpfs tmpfs rw
        """);
    Path disk = Files.createDirectories(sys.resolve("devices/loop7"));
    Files.writeString(disk.resolve("uevent"), "MAJOR=7\nDEVNAME=loop7\n");
    Files.createDirectories(disk.resolve("loop"));
    Files.writeString(disk.resolve("loop/backing_file"), "/images/disk.img\n");
    Files.writeString(disk.resolve("loop/offset"), "1048576\n");
    Path part = Files.createDirectories(disk.resolve("loop7p1"));
    Files.writeString(part.resolve("uevent"), "MAJOR=259\nDEVNAME=loop7p1\n");
    Files.writeString(part.resolve("partition"), "1\n");
    Files.writeString(part.resolve("start"), "63\n");
    Path block = Files.createDirectories(sys.resolve("dev/block"));
    Files.createSymbolicLink(block.resolve("259:1"), part);
    return HoldingDevice.find(proc, sys, Path.of("/mnt/a b/file"), (259L << 32) + 1);
  }

  @Test
  void aPartitionLeadsToItsDiskAndALoopDeviceToItsFile() throws IOException {
    HoldingDevice device = partition();
    assertThat(device)
        .isEqualTo(
            new HoldingDevice(
                "xfs",
                "/dev/loop7p1",
                true,
                List.of(
                    new HoldingDevice.Container("/dev/loop7", false, 63),
                    new HoldingDevice.Container("/images/disk.img", true, 2048))));
    assertThat(device.startInOutermost(10)).isEqualTo(2121);
    assertThat(device.outermost()).isEqualTo("/images/disk.img");
  }

  @Test
  void rulesSayWhatTheirSectorsAreCountedIn() throws IOException {
    HoldingDevice device = partition();
    FileRanges ranges =
        FileRanges.of(List.of(extent(0, 5120, 4096, Trait.SHARED)), 4000, 4096, device);
    var fault = new FileRangesReport.Fault("pwritev", "ENOSPC", Optional.of("write"));
    String whole = new FileRangesReport("/f", 4000, device, true, ranges, fault).rules();
    assertThat(whole)
        .isEqualTo(
            """
            # /f: 4000 bytes (3.906 KiB) on xfs
            # Sectors of 512 bytes, counted from the beginning of /images/disk.img
            # /dev/loop7p1 begins at sector 63 of /dev/loop7
            # /dev/loop7 is the file /images/disk.img from sector 2048 on
            # QEMU itself knows no start and nr_sectors.

            # bytes 0 to 4096 of the file: shared
            [inject-error]
            event = "pwritev"
            iotype = "write"
            errno = "ENOSPC"
            start = "2121"
            nr_sectors = "8"
            """);
    assertThat(new FileRangesReport("/f", 4000, device, false, ranges, fault).rules())
        .contains("counted from the beginning of /dev/loop7p1\n")
        .contains("start = \"10\"\n");
  }

  @Test
  void aFileSystemWithoutADeviceIsWarnedAbout() throws IOException {
    partition();
    HoldingDevice device =
        HoldingDevice.find(
            directory.resolve("proc"), directory.resolve("sys"), Path.of("/mnt/other/f"), 99);
    assertThat(device).isEqualTo(new HoldingDevice("tmpfs", "tmpfs", false, List.of()));
    assertThat(FileRanges.of(List.of(), 0, 4096, device).warnings())
        .containsExactly(
            "the file system (tmpfs on tmpfs) has no block device of its own: the sectors are"
                + " those of whatever holds its files");
  }

  // ---- mistakes ----

  @Test
  void mistakesAreOneLineEach() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x");
    record Mistake(String message, String... args) {}
    List<Mistake> mistakes =
        List.of(
            new Mistake("cannot open 'nope': No such file or directory", "nope"),
            new Mistake("cannot open '': No such file or directory", ""),
            new Mistake("'/proc' is a directory: name a file in it", "/proc"),
            new Mistake(
                "'/dev/null' is not a regular file, so no file system places it", "/dev/null"),
            new Mistake(
                "'/proc/version' is on proc, which does not tell where its files lie (it has no"
                    + " FIEMAP)",
                "/proc/version"));
    for (Mistake mistake : mistakes) {
      err.reset();
      assertThat(run(mistake.args)).isEqualTo(1);
      assertThat(err()).isEqualTo("faultdisk: " + mistake.message + "\n");
    }
    for (List<String> option :
        List.of(
            List.of("--errno", "EFOO"),
            List.of("--errno", "-5"),
            List.of("--iotype", "flush"),
            List.of("--iotype", "foo"),
            List.of("--event", "pwritew"))) {
      err.reset();
      assertThat(run(option.get(0), option.get(1), file.toString())).isEqualTo(2);
      assertThat(err())
          .startsWith("faultdisk: " + option.get(0) + ": '" + option.get(1) + "' is not ")
          .endsWith("Try 'faultdisk rules for-file --help'.\n");
    }
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
  }
}
