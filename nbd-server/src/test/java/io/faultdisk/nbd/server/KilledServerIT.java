package io.faultdisk.nbd.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.nbd.CommandFlag;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.testkit.RandomCases;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server in a process of its own, killed without warning in the middle of writes. */
@Timeout(360)
class KilledServerIT {
  private static final int BLOCK = 4096;
  private static final int BLOCKS = 64;

  /** Distance of blocks: each in a cluster of its own. */
  private static final int STRIDE = 65536;

  @TempDir Path directory;

  private Path image;

  /** What each block is filled with for certain, and with what it may be. */
  private final int[] lasting = new int[BLOCKS];

  private final int[] newest = new int[BLOCKS];

  private Process serve(Path socket, String format) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            ServeFile.class.getName(),
            socket.toString(),
            format,
            image.toString());
    Process process = builder.redirectError(directory.resolve("errors").toFile()).start();
    BufferedReader output = process.inputReader(UTF_8);
    assertThat(output.readLine())
        .as(Files.readString(directory.resolve("errors")))
        .isEqualTo("ready");
    return process;
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "qcow2"})
  void nothingThatAFlushAcknowledgedIsLost(String format) throws Exception {
    Tools.assume("qemu-img");
    RandomCases.run(
        "kill",
        3,
        random -> {
          image = directory.resolve("image." + format);
          Tools.run("qemu-img", "create", "-q", "-f", format, image.toString(), "8M");
          Arrays.fill(lasting, 0);
          Arrays.fill(newest, 0);
          for (int round = 1; round <= 3; round++) {
            killInTheMiddle(format, round, random);
            check(format);
          }
        });
  }

  private void killInTheMiddle(String format, int round, RandomGenerator random)
      throws IOException, InterruptedException {
    int first = 1 + 61 * (round - 1);
    Path socket = directory.resolve("s");
    Process process = serve(socket, format);
    try (RawClient client = RawClient.simple(socket)) {
      for (int i = 0; i < 20; i++) {
        write(client, random, first + i, 0);
        assertThat(client.error(1)).isZero();
        if (random.nextInt(5) == 0) {
          flush(client);
        }
      }
      if (random.nextBoolean()) {
        flush(client);
      } else {
        int block = write(client, random, first + 20, CommandFlag.FUA.bit());
        assertThat(client.error(1)).isZero();
        lasting[block] = newest[block];
      }
      int more = random.nextInt(40);
      for (int i = 0; i < more; i++) {
        write(client, random, first + 21 + i, 0);
      }
      for (int i = random.nextInt(more + 1); i > 0; i--) {
        assertThat(client.error(1)).isZero();
      }
    } finally {
      process.destroyForcibly().waitFor(); // SIGKILL
    }
  }

  private int write(RawClient client, RandomGenerator random, int content, int flags)
      throws IOException {
    int block = random.nextInt(BLOCKS);
    byte[] data = new byte[BLOCK];
    Arrays.fill(data, (byte) content);
    newest[block] = content;
    client.request(CommandType.WRITE, flags, 1, (long) block * STRIDE, BLOCK, data);
    return block;
  }

  private void flush(RawClient client) throws IOException {
    client.request(CommandType.FLUSH, 0, 2, 0, 0);
    assertThat(client.error(2)).isZero();
    System.arraycopy(newest, 0, lasting, 0, BLOCKS);
  }

  /** With another program than the one that was killed. */
  private void check(String format) throws Exception {
    // Clusters may be left over, but nothing may be wrong.
    if (format.equals("qcow2")) {
      assertThat(Tools.result("qemu-img", "check", image.toString()).exit()).isIn(0, 3);
    }
    Path raw = directory.resolve("raw");
    Tools.run("qemu-img", "convert", "-f", format, "-O", "raw", image.toString(), raw.toString());
    byte[] content = Files.readAllBytes(raw);
    for (int block = 0; block < BLOCKS; block++) {
      for (int i = 0; i < BLOCK; i++) {
        int found = content[block * STRIDE + i] & 0xff;
        // Numbers only grow, and whatever was written after the last flush may be there or not.
        assertThat(found).as("block %d byte %d", block, i).isBetween(lasting[block], newest[block]);
      }
      lasting[block] = content[block * STRIDE] & 0xff;
      newest[block] = lasting[block];
    }
  }
}
