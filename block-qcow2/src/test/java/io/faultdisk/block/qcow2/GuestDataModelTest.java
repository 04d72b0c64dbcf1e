package io.faultdisk.block.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.testkit.RandomCases;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random requests against an array of bytes. In the end the real qemu-img must find the image
 * consistent and its content the same.
 */
class GuestDataModelTest {
  private static final int CASES = 40;
  private static final int REQUESTS = 60;
  private static final int SIZE = (1 << 20) + 3 * 512;
  private static final int REQUEST_MAX = 150_000;

  @TempDir private Path folder;
  private QemuImg qemuImg;

  @BeforeEach
  void prepare() throws Exception {
    qemuImg = QemuImg.in(folder);
  }

  @Test
  void requestsOneAfterTheOther() {
    RandomCases.run("guest data agree with the model", CASES, this::oneAfterTheOther);
  }

  private void oneAfterTheOther(RandomGenerator random) throws Exception {
    Shape shape = Shape.draw(random);
    byte[] model = new byte[SIZE];
    Path file = create(shape, model, random);
    try (TracedImage image = TracedImage.open(file, shape.openOptions)) {
      compress(image.disk(), shape, model, random);
      for (int i = 0; i < REQUESTS; i++) {
        request(image.disk(), shape, model, random);
      }
      assertThat(image.messages()).isEmpty();
    }
    try (TracedImage image = TracedImage.open(file)) {
      compare(image.disk(), model, 0, SIZE);
    }
    compareWithRealTool(shape, file, model);
  }

  /** Writers that own every fourth kilobyte each, so that they meet in all clusters. */
  @Test
  void requestsSideBySide() {
    RandomCases.run("guest data of parallel writers", CASES / 4, this::sideBySide);
  }

  private void sideBySide(RandomGenerator random) throws Exception {
    Shape shape = Shape.draw(random);
    byte[] model = new byte[SIZE];
    Path file = create(shape, model, random);
    int writers = 4;
    int stripe = 1024;
    try (TracedImage image = TracedImage.open(file);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> results = new ArrayList<>();
      for (int writer = 0; writer < writers; writer++) {
        int first = writer;
        byte value = (byte) (writer + 1);
        results.add(
            threads.submit(
                () -> {
                  for (int at = first * stripe; at < SIZE; at += writers * stripe) {
                    byte[] data = new byte[Math.min(stripe, SIZE - at)];
                    Arrays.fill(data, value);
                    image.disk().write(at, ByteBuffer.wrap(data), 0);
                  }
                  return null;
                }));
        for (int at = first * stripe; at < SIZE; at += writers * stripe) {
          Arrays.fill(model, at, Math.min(at + stripe, SIZE), value);
        }
      }
      for (Future<?> result : results) {
        result.get();
      }
      compare(image.disk(), model, 0, SIZE);
    }
    compareWithRealTool(shape, file, model);
  }

  /**
   * What kind of image.
   *
   * @param openOptions for opening, such as small caches
   */
  private record Shape(
      int version, int clusterSize, boolean extended, boolean backing, String openOptions) {
    static Shape draw(RandomGenerator random) {
      boolean extended = random.nextInt(3) == 0;
      int version = extended || random.nextInt(4) > 0 ? 3 : 2;
      int clusterSize = 1 << (extended ? 14 : 9) + random.nextInt(extended ? 4 : 9);
      boolean small = clusterSize <= 4096 && random.nextBoolean();
      String options = small ? ",l2-cache-size=" + 2 * clusterSize : "";
      return new Shape(version, clusterSize, extended, random.nextBoolean(), options);
    }

    String createOptions() {
      return "cluster_size="
          + clusterSize
          + (version == 2 ? ",compat=0.10" : ",lazy_refcounts=off")
          + (extended ? ",extended_l2=on" : "");
    }

    boolean discardsShowBacking() {
      return backing && version == 2;
    }
  }

  private Path create(Shape shape, byte[] model, RandomGenerator random) throws Exception {
    Path file = folder.resolve("disk.qcow2");
    Files.deleteIfExists(file);
    if (!shape.backing) {
      TracedImage.create(file, shape.createOptions(), SIZE);
      return file;
    }
    Path base = folder.resolve("base.qcow2");
    Files.deleteIfExists(base);
    TracedImage.create(base, "", SIZE);
    try (TracedImage image = TracedImage.open(base)) {
      for (int i = 0; i < 3; i++) {
        write(image.disk(), model, random);
      }
    }
    TracedImage.createOverlay(file, shape.createOptions(), base);
    return file;
  }

  private static void request(BlockBackend disk, Shape shape, byte[] model, RandomGenerator random)
      throws Exception {
    int offset = offset(random);
    int bytes = bytes(offset, random);
    switch (random.nextInt(9)) {
      case 0, 1, 2, 3 -> write(disk, model, random);
      case 4 -> {
        disk.writeZeroes(offset, bytes, random.nextBoolean() ? RequestFlags.MAY_UNMAP : 0);
        Arrays.fill(model, offset, offset + bytes, (byte) 0);
      }
      case 5 -> discard(disk, shape, model, offset, bytes);
      case 6 -> disk.flush();
      default -> compare(disk, model, offset, bytes);
    }
  }

  private static void write(BlockBackend disk, byte[] model, RandomGenerator random)
      throws Exception {
    int offset = offset(random);
    byte[] data = data(bytes(offset, random), random);
    disk.write(offset, ByteBuffer.wrap(data), 0);
    System.arraycopy(data, 0, model, offset, data.length);
  }

  /** Whole clusters read as zero afterwards; the rest stays. */
  private static void discard(BlockBackend disk, Shape shape, byte[] model, int offset, int bytes)
      throws Exception {
    disk.discard(offset, bytes);
    if (!shape.discardsShowBacking()) {
      int from = (offset + shape.clusterSize - 1) / shape.clusterSize * shape.clusterSize;
      int end = offset + bytes;
      int to = end == SIZE ? end : end / shape.clusterSize * shape.clusterSize;
      if (from < to) {
        Arrays.fill(model, from, to, (byte) 0);
      }
    }
  }

  /**
   * Some clusters, each once, and before anything else: as in QEMU, the end of the last compressed
   * data is remembered even if their cluster is freed and used again.
   */
  private static void compress(BlockBackend disk, Shape shape, byte[] model, RandomGenerator random)
      throws Exception {
    for (int offset = 0; offset < SIZE; offset += shape.clusterSize) {
      if (random.nextInt(SIZE / shape.clusterSize + 1) < 4) {
        byte[] data = data(Math.min(shape.clusterSize, SIZE - offset), random);
        disk.writeCompressed(offset, ByteBuffer.wrap(data));
        System.arraycopy(data, 0, model, offset, data.length);
      }
    }
  }

  private static int offset(RandomGenerator random) {
    int offset = random.nextInt(SIZE);
    return random.nextBoolean() ? offset & -512 : random.nextBoolean() ? offset & -65536 : offset;
  }

  private static int bytes(int offset, RandomGenerator random) {
    int max = Math.min(SIZE - offset, random.nextBoolean() ? REQUEST_MAX : 5000);
    int bytes = 1 + random.nextInt(max);
    return random.nextBoolean() && bytes > 512 ? bytes & -512 : bytes;
  }

  /** Random bytes, or such that can be compressed. */
  private static byte[] data(int bytes, RandomGenerator random) {
    byte[] data = new byte[bytes];
    if (random.nextBoolean()) {
      random.nextBytes(data);
    } else {
      Arrays.fill(data, (byte) random.nextInt(256));
      data[random.nextInt(bytes)]++;
    }
    return data;
  }

  private static void compare(BlockBackend disk, byte[] model, int offset, int bytes)
      throws Exception {
    byte[] found = new byte[bytes];
    disk.read(offset, ByteBuffer.wrap(found));
    byte[] expected = Arrays.copyOfRange(model, offset, offset + bytes);
    int at = Arrays.mismatch(found, expected);
    assertThat(at).as("first difference behind %d", offset).isEqualTo(-1);
  }

  private void compareWithRealTool(Shape shape, Path file, byte[] model) throws Exception {
    Path raw = folder.resolve("model.raw");
    Files.write(raw, model);
    assertThat(qemuImg.run("check", "-q", "-f", "qcow2", file.toString()))
        .as("check of %s", shape)
        .isEqualTo("exit 0\n");
    assertThat(qemuImg.run("compare", "-f", "qcow2", "-F", "raw", file.toString(), raw.toString()))
        .as("content of %s", shape)
        .endsWith("exit 0\n");
  }
}
