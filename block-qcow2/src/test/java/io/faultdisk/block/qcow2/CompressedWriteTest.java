package io.faultdisk.block.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What compressed writes refuse, and how they treat data that do not get smaller. */
class CompressedWriteTest {
  private static final int CLUSTER = 65536;
  private static final int SIZE = 4 * CLUSTER + 512;

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void create() throws Exception {
    file = folder.resolve("disk.qcow2");
    TracedImage.create(file, "", SIZE);
  }

  @Test
  void onlyWholeClusters() throws Exception {
    try (TracedImage image = TracedImage.open(file)) {
      assertThat(failure(image, 512, CLUSTER)).isEqualTo(Errno.EINVAL);
      assertThat(failure(image, 0, 512)).isEqualTo(Errno.EINVAL);
      assertThat(failure(image, CLUSTER, CLUSTER + 512)).isEqualTo(Errno.EINVAL);
    }
  }

  @Test
  void theLastClusterMayBeShort() throws Exception {
    try (TracedImage image = TracedImage.open(file)) {
      byte[] data = new byte[SIZE];
      Arrays.fill(data, (byte) 7);
      image.disk().writeCompressed(0, ByteBuffer.wrap(data));
      byte[] found = new byte[SIZE];
      image.disk().read(0, ByteBuffer.wrap(found));
      assertThat(found).isEqualTo(data);
    }
  }

  @Test
  void allocatedClustersAreRefused() throws Exception {
    try (TracedImage image = TracedImage.open(file)) {
      image.run("write 0 4k;compress 64k 64k");
      assertThat(failure(image, 0, CLUSTER)).isEqualTo(Errno.EIO);
      assertThat(failure(image, CLUSTER, CLUSTER)).isEqualTo(Errno.EIO);
    }
  }

  @Test
  void dataThatDoNotGetSmallerAreWrittenAsUsual() throws Exception {
    byte[] data = new byte[CLUSTER];
    RandomGenerator.getDefault().nextBytes(data);
    try (TracedImage image = TracedImage.open(file)) {
      image.disk().writeCompressed(0, ByteBuffer.wrap(data));
      assertThat(image.trace()).contains("write_aio").doesNotContain("write_compressed");
      byte[] found = new byte[CLUSTER];
      image.disk().read(0, ByteBuffer.wrap(found));
      assertThat(found).isEqualTo(data);
    }
  }

  private static Errno failure(TracedImage image, long offset, int bytes) {
    ByteBuffer data = ByteBuffer.allocate(bytes);
    return catchThrowableOfType(
            BlockIoException.class, () -> image.disk().writeCompressed(offset, data))
        .errno();
  }
}
