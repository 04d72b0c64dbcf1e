package io.faultdisk.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import io.faultdisk.base.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Extents of files in a temporary folder; skipped where the file system does not tell them. */
class FileExtentTest {
  private static final int KIB = 1024;

  @TempDir Path folder;
  private PosixFile file;

  @BeforeEach
  void create() throws IOException {
    file = PosixFile.open(folder.resolve("file").toString(), OpenFlag.READ_WRITE, OpenFlag.CREATE);
  }

  private void write(int offset, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    Arrays.fill(content, (byte) 7);
    file.write(offset, ByteBuffer.wrap(content));
  }

  private List<FileExtent> extents() throws IOException {
    try {
      return file.extents();
    } catch (PosixException e) {
      if (e.errno().equals(Errno.EOPNOTSUPP) || e.errno().equals(Errno.ENOTTY)) {
        System.err.println("skipped: no extents in " + folder);
        abort("no extents in " + folder);
      }
      throw e;
    }
  }

  @Test
  void dataHasAPlaceAndHolesHaveNone() throws IOException {
    write(0, 256 * KIB);
    write(1024 * KIB, 256 * KIB);
    long covered = 0;
    for (FileExtent extent : extents()) {
      // Written back by asking, although nobody has synced.
      assertThat(extent.isPlaced()).isTrue();
      assertThat(extent.physical()).isPositive();
      assertThat(extent.offset() + extent.bytes() <= 256 * KIB || extent.offset() >= 1024 * KIB)
          .as("%s", extent)
          .isTrue();
      covered += extent.bytes();
    }
    assertThat(covered).isEqualTo(512 * KIB);
  }

  @Test
  void anEmptyFileHasNone() throws IOException {
    assertThat(extents()).isEmpty();
  }

  /** Every second block is a hole, so that no two extents can be told as one. */
  @Test
  void manyExtentsComeInSeveralBatches() throws IOException {
    int pieces = 50;
    for (int i = 0; i < pieces; i++) {
      write(i * 128 * KIB, 64 * KIB);
    }
    List<FileExtent> all = extents();
    assertThat(all).hasSizeGreaterThanOrEqualTo(pieces);
    for (int batch : new int[] {1, 7, all.size()}) {
      ExtentMap map = new ExtentMap(batch);
      int descriptor = Integer.parseInt(file.toString().replaceAll(".*fd (\\d+)]", "$1"));
      assertThat(map.read(descriptor, file.size())).isEqualTo(OptionalInt.empty());
      assertThat(map.extents()).isEqualTo(all);
    }
  }

  @Test
  void aFileSystemThatDoesNotTellIsAnError() throws IOException {
    try (PosixFile version = PosixFile.open("/proc/version")) {
      assertThatThrownBy(version::extents)
          .isInstanceOfSatisfying(
              PosixException.class, e -> assertThat(e.errno()).isIn(Errno.EOPNOTSUPP, Errno.ENOTTY))
          .hasMessageStartingWith("asking for the extents of '/proc/version': ");
    }
  }
}
