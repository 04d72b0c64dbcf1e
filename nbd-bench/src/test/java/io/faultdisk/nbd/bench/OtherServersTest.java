package io.faultdisk.nbd.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Clock;
import io.faultdisk.nbd.NbdUri;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The load against the servers of others, which answer in an order of their own. */
@Timeout(120)
class OtherServersTest {
  @TempDir Path directory;

  @Test
  void nbdkit() throws Exception {
    String socket = directory.resolve("s").toString();
    loadsOn("nbdkit", "-f", "-U", socket, "memory", "16M");
  }

  @Test
  void qemuNbd() throws Exception {
    String socket = directory.resolve("s").toString();
    Path image = directory.resolve("disk");
    Files.write(image, new byte[16 << 20]);
    loadsOn("qemu-nbd", "-t", "-e", "4", "-f", "raw", "-k", socket, image.toString());
  }

  private void loadsOn(String... command) throws Exception {
    Path program = Path.of("/usr/bin", command[0]);
    if (!Files.isExecutable(program)) {
      System.err.println("skipped: no " + program);
    }
    Assumptions.assumeTrue(Files.isExecutable(program), "no " + program);
    Process server =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectErrorStream(true)
            .start();
    try {
      Path socket = directory.resolve("s");
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> Files.exists(socket) || !server.isAlive());
      assertThat(server.isAlive()).as(String.join(" ", List.of(command))).isTrue();
      NbdUri uri = new NbdUri(false, new NbdUri.Unix(socket.toString()), "", Map.of());
      for (Access access : Access.values()) {
        for (boolean structured : new boolean[] {false, true}) {
          LoadPlan plan =
              Plans.of(access, 65536)
                  .depth(33)
                  .connections(2)
                  .structured(structured)
                  .requests(1000);
          LoadResult result = Load.run(uri, plan, Clock.system());
          long succeeded =
              result.reads().map(Answers::succeeded).orElse(0L)
                  + result.writes().map(Answers::succeeded).orElse(0L);
          assertThat(succeeded).as("%s", plan).isEqualTo(1000);
        }
      }
    } finally {
      server.destroy();
      assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }
}
