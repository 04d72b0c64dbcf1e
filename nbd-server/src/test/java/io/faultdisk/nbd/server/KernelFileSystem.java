package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file system of the kernel: how it is made and checked, and where things are on its disk. */
enum KernelFileSystem {
  EXT4(64 << 20, "mkfs.ext4", "debugfs", "e2fsck") {
    @Override
    void make(String device) throws IOException, InterruptedException {
      // Nothing is left for the kernel to do in the background.
      String now = "lazy_itable_init=0,lazy_journal_init=0";
      Tools.run("mkfs.ext4", "-q", "-F", "-b", "4096", "-E", now, device);
    }

    @Override
    List<Long> sectorsOf(String device, Path mountPoint, String file)
        throws IOException, InterruptedException {
      return blocks(device, "/" + file);
    }

    @Override
    List<Long> sectorsOfJournal(String device) throws IOException, InterruptedException {
      return blocks(device, "<8>");
    }

    private List<Long> blocks(String device, String file) throws IOException, InterruptedException {
      List<Long> sectors = new ArrayList<>();
      for (MatchResult number : numbers(Tools.run("debugfs", "-R", "blocks " + file, device))) {
        sectors.add(Long.parseLong(number.group()) * SECTORS_PER_BLOCK);
      }
      return sectors;
    }

    /** The first line is debugfs's version. */
    private static List<MatchResult> numbers(String output) {
      String line = output.lines().skip(1).findFirst().orElse("");
      return Pattern.compile("\\d+").matcher(line).results().toList();
    }

    @Override
    void assertClean(String device) throws IOException, InterruptedException {
      Tools.run("e2fsck", "-f", "-n", device);
    }

    @Override
    void repair(String device) throws IOException, InterruptedException {
      assertThat(Tools.result("e2fsck", "-f", "-y", device)).matches(each -> each.exit() <= 1);
    }

    @Override
    void assertStopped(Path mountPoint) throws IOException, InterruptedException {
      assertThat(Tools.fails("touch", mountPoint.resolve("x").toString()))
          .containsPattern("Read-only file system|Input/output error");
    }
  },

  XFS(320 << 20, "mkfs.xfs", "xfs_repair", "xfs_db", "xfs_bmap", "xfs_logprint") {
    @Override
    void make(String device) throws IOException, InterruptedException {
      Tools.run("mkfs.xfs", "-q", "-f", device);
    }

    @Override
    List<Long> sectorsOf(String device, Path mountPoint, String file)
        throws IOException, InterruptedException {
      String map = Tools.run("xfs_bmap", mountPoint.resolve(file).toString());
      Matcher extents = Pattern.compile("]: (\\d+)\\.\\.(\\d+)").matcher(map);
      List<Long> sectors = new ArrayList<>();
      while (extents.find()) {
        long last = Long.parseLong(extents.group(2));
        for (long at = Long.parseLong(extents.group(1)); at <= last; at += SECTORS_PER_BLOCK) {
          sectors.add(at);
        }
      }
      return sectors;
    }

    /** The next MiB that is written: the whole log would be many more. */
    @Override
    List<Long> sectorsOfJournal(String device) throws IOException, InterruptedException {
      String log = Tools.run("xfs_logprint", "-t", device);
      long start = number(log, "daddr: (\\d+)");
      long head = number(log, "head: (\\d+)");
      List<Long> sectors = new ArrayList<>();
      for (int i = 0; i < 2048; i++) {
        sectors.add(start + head + i);
      }
      return sectors;
    }

    private static long number(String text, String pattern) {
      Matcher found = Pattern.compile(pattern).matcher(text);
      assertThat(found.find()).as(text).isTrue();
      return Long.parseLong(found.group(1));
    }

    @Override
    void assertClean(String device) throws IOException, InterruptedException {
      Tools.run("xfs_repair", "-n", device);
    }

    /** The kernel has replayed the log when it was mounted. */
    @Override
    void repair(String device) throws IOException, InterruptedException {
      Tools.run("xfs_repair", device);
    }

    @Override
    void assertStopped(Path mountPoint) throws IOException, InterruptedException {
      assertThat(Tools.fails("ls", mountPoint.toString())).contains("Input/output error");
    }
  };

  private static final int SECTORS_PER_BLOCK = 8;

  private final long bytesMin;
  private final String[] programs;

  KernelFileSystem(long bytesMin, String... programs) {
    this.bytesMin = bytesMin;
    this.programs = programs;
  }

  /** The size of a disk that is large enough. */
  long bytesMin() {
    return bytesMin;
  }

  /** How mount calls it. */
  String type() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Skips the test where it cannot be made or mounted. */
  void assumePossible() {
    Tools.assume(programs);
  }

  /** Makes one. */
  abstract void make(String device) throws IOException, InterruptedException;

  /** One sector of each block that a file's content is in; while it is mounted. */
  abstract List<Long> sectorsOf(String device, Path mountPoint, String file)
      throws IOException, InterruptedException;

  /** Sectors one of which is written next to the journal; while it is not mounted. */
  abstract List<Long> sectorsOfJournal(String device) throws IOException, InterruptedException;

  /** The checker finds nothing wrong. */
  abstract void assertClean(String device) throws IOException, InterruptedException;

  /** The checker can make it good. */
  abstract void repair(String device) throws IOException, InterruptedException;

  /** It takes no more changes. */
  abstract void assertStopped(Path mountPoint) throws IOException, InterruptedException;
}
