package io.faultdisk.block.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.testkit.Race;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The proxy in front of the real qemu-nbd, which is killed and started again under load. */
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RealFarServerIT {
  private static final int WRITERS = 6;
  private static final int AREA = 1 << 18;

  @TempDir Path dir;

  private Process start() throws IOException {
    Path socket = dir.resolve("far");
    String disk = dir.resolve("disk.raw").toString();
    Files.deleteIfExists(socket);
    List<String> command = List.of("qemu-nbd", "-t", "-k", socket.toString(), "-f", "raw", disk);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("far.log").toFile())
            .start();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> Files.exists(socket) || !process.isAlive());
    assertThat(process.isAlive()).isTrue();
    return process;
  }

  private static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void losesNothingWhenItIsKilledAndStartedAgain() throws Exception {
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/qemu-nbd")),
        "qemu-nbd is not installed (Debian: apt install qemu-utils)");
    try (RandomAccessFile disk = new RandomAccessFile(dir.resolve("disk.raw").toFile(), "rw")) {
      disk.setLength((long) WRITERS * AREA);
    }
    // All meet before each kill, so that it falls into the middle of things.
    int kills = 4;
    CyclicBarrier round = new CyclicBarrier(WRITERS + 1);
    Process[] far = {start()};
    try (Served proxy =
            Served.proxy(
                dir.resolve("proxy"),
                dir.resolve("far"),
                ",file.image.reconnect-delay=60,file.image.open-timeout=60");
        RemoteDisk disk = RemoteDisk.open(proxy.socket())) {
      new Race(Duration.ofSeconds(200))
          .threads(
              WRITERS,
              number -> {
                Random random = new Random(number);
                byte[] expected = new byte[AREA];
                for (int i = 0; i < kills; i++) {
                  round.await();
                  for (int j = 0; j < 20; j++) {
                    byte[] data = new byte[1 + random.nextInt(20_000)];
                    random.nextBytes(data);
                    int at = random.nextInt(AREA - data.length);
                    disk.write((long) number * AREA + at, data);
                    System.arraycopy(data, 0, expected, at, data.length);
                    assertThat(disk.read((long) number * AREA + at, data.length)).isEqualTo(data);
                  }
                }
                assertThat(disk.read((long) number * AREA, AREA)).isEqualTo(expected);
              })
          .threads(
              1,
              killer -> {
                for (int i = 0; i < kills; i++) {
                  round.await();
                  kill(far[0]);
                  far[0] = start();
                }
              })
          .run();
      byte[] there = Files.readAllBytes(dir.resolve("disk.raw"));
      assertThat(Arrays.equals(there, disk.read(0, there.length))).isTrue();
      assertThat(proxy.log()).isEmpty();
    } finally {
      kill(far[0]);
    }
  }
}
