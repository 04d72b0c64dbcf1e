package io.faultdisk.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client of the kind that QEMU's Python library is: see {@code client.py}. */
class PythonClientIT {
  @TempDir private Path temp;

  @Test
  void asynchronousClientGetsAlong() throws Exception {
    Process client;
    try (TestServer server = new TestServer(temp)) {
      client = start(server.socket());
      assertThat(server.wasToldToQuit() || !client.isAlive()).isTrue();
      server.close();
      assertThat(client.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo("ok\n");
  }

  private Process start(Path socket) throws IOException, URISyntaxException {
    Path script =
        Path.of(Objects.requireNonNull(PythonClientIT.class.getResource("client.py")).toURI());
    try {
      return new ProcessBuilder(
              "python3", script.toString(), socket.toString(), temp.resolve("image").toString())
          .redirectErrorStream(true)
          .start();
    } catch (IOException e) {
      System.err.println("skipped: python3 is not installed");
      Assumptions.abort("python3 is not installed");
      throw e;
    }
  }
}
