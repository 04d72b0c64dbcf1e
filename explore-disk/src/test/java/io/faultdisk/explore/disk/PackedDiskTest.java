package io.faultdisk.explore.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A packed disk is unpacked by the real tar. */
class PackedDiskTest {
  @TempDir Path directory;

  private void roundTrip(DiskContent content) throws Exception {
    Path text = directory.resolve("text");
    Path expected = directory.resolve("expected");
    Files.writeString(text, PackedDisk.text(content, "disk.img").orElseThrow());
    content.writeTo(expected);
    Process tar =
        new ProcessBuilder("sh", "-c", "base64 -d text | tar -xzf -")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(tar.getInputStream().readAllBytes());
    assertThat(tar.waitFor()).as(said).isZero();
    assertThat(said).isEmpty();
    assertThat(Files.mismatch(directory.resolve("disk.img"), expected)).isEqualTo(-1);
  }

  @Test
  void comesOutAsItWasWithFewExtentsAndWithMany() throws Exception {
    Seed seed = Seed.fresh();
    System.out.println("packed disks: seed " + seed);
    RandomGenerator random = seed.random();
    for (int pages : new int[] {0, 1, 3, 4, 5, 24, 25, 26, 60}) {
      Map<Long, byte[]> content = new HashMap<>();
      for (int i = 0; i < pages; i++) {
        byte[] page = new byte[DiskContent.PAGE];
        page[random.nextInt(page.length)] = 1;
        content.put((long) random.nextInt(pages * 4), page);
      }
      long size = pages * 4L * DiskContent.PAGE + (pages % 2 == 0 ? 512 : 1 << 20);
      roundTrip(new DiskContent(content, size));
    }
  }

  @Test
  void whatIsTooLargeIsNoText() {
    Map<Long, byte[]> content = new HashMap<>();
    RandomGenerator random = new Seed(1).random();
    for (long i = 0; i < 100; i++) {
      byte[] page = new byte[DiskContent.PAGE];
      random.nextBytes(page);
      content.put(i, page);
    }
    assertThat(PackedDisk.text(new DiskContent(content, 1 << 20), "disk.img")).isEmpty();
  }
}
