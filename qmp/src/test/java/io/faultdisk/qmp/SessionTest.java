package io.faultdisk.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.block.options.Options;
import io.faultdisk.daemon.DaemonListener;
import io.faultdisk.daemon.JobStatus;
import io.faultdisk.rules.Dialect;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionTest {
  private static final String QUERY = "{\"execute\": \"query-jobs\"}";
  private static final String NULL_CO =
      "{\"execute\": \"blockdev-add\", \"arguments\": {\"driver\": \"null-co\", \"node-name\":"
          + " \"a\"}}";

  @TempDir private Path temp;

  @Test
  void whoComesSecondWaitsUntilTheFirstHasLeft() throws Exception {
    try (TestServer server = new TestServer(temp);
        TestClient second = secondAfter(server)) {
      assertThat(second.line()).contains("\"QMP\"");
      assertThat(second.ask(QUERY)).contains("Expecting capabilities negotiation");
    }
  }

  private static TestClient secondAfter(TestServer server) throws Exception {
    try (TestClient first = TestClient.ready(server.socket())) {
      TestClient second = TestClient.connect(server.socket());
      assertThat(first.ask(QUERY)).isEqualTo("{\"return\": []}");
      return second;
    }
  }

  @Test
  void halfARequestIsForgottenWithItsClient() throws Exception {
    try (TestServer server = new TestServer(temp)) {
      try (TestClient first = TestClient.ready(server.socket())) {
        first.send("{\"execute\": \"query-jo");
      }
      try (TestClient second = TestClient.ready(server.socket())) {
        assertThat(second.ask(QUERY)).isEqualTo("{\"return\": []}");
      }
    }
  }

  @Test
  void whatWasAskedIsAnsweredBeforeTheConversationEnds() throws Exception {
    try (TestServer server = new TestServer(temp);
        TestClient client = TestClient.ready(server.socket())) {
      client.send(QUERY.repeat(50));
      client.endInput();
      for (int i = 0; i < 50; i++) {
        assertThat(client.line()).isEqualTo("{\"return\": []}");
      }
      assertThat(client.line()).isEqualTo(TestClient.END);
    }
  }

  @Test
  void requestsAreAnsweredInOrderHoweverManyThereAre() throws Exception {
    try (TestServer server = new TestServer(temp);
        TestClient client = TestClient.connect(server.socket())) {
      client.line();
      client.ask("{\"execute\": \"qmp_capabilities\", \"arguments\": {\"enable\": [\"oob\"]}}");
      StringBuilder requests = new StringBuilder();
      for (int i = 0; i < 100; i++) {
        requests.append("{\"execute\": \"query-jobs\", \"id\": ").append(i).append('}');
      }
      client.send(requests.toString());
      for (int i = 0; i < 100; i++) {
        assertThat(client.line()).isEqualTo("{\"return\": [], \"id\": " + i + "}");
      }
    }
  }

  @Test
  void prettyIsOnManyLines() throws Exception {
    try (TestServer server = new TestServer(temp, Dialect.QEMU, true);
        TestClient client = TestClient.connect(server.socket())) {
      assertThat(client.until("]")).last().isEqualTo("        ]");
      assertThat(client.line()).isEqualTo("    }");
      assertThat(client.line()).isEqualTo("}");
      client.send("{\"execute\": \"qmp_capabilities\"}");
      assertThat(List.of(client.line(), client.line(), client.line(), client.line()))
          .containsExactly("{", "    \"return\": {", "    }", "}");
    }
  }

  @Test
  void eventsComeOnlyAfterNegotiation() throws Exception {
    try (TestServer server = new TestServer(temp);
        TestClient client = TestClient.connect(server.socket())) {
      client.line();
      CountDownLatch concluded = new CountDownLatch(1);
      server
          .daemon()
          .listen( // after the one that makes events
              new DaemonListener() {
                @Override
                public void jobStatusChanged(String id, JobStatus status) {
                  if (status == JobStatus.CONCLUDED) {
                    concluded.countDown();
                  }
                }
              });
      server.daemon().createImage("early", options("e.img"));
      assertThat(concluded.await(30, TimeUnit.SECONDS)).isTrue();
      client.ask("{\"execute\": \"qmp_capabilities\"}");
      server.daemon().createImage("late", options("l.img"));
      assertThat(client.until("\"concluded\", \"id\": \"late\""))
          .noneMatch(l -> l.contains("early"));
    }
  }

  private Options options(String name) {
    return Options.of(
        Map.of("driver", "file", "filename", temp.resolve(name).toString(), "size", "512"));
  }

  @Test
  void quitIsAnsweredWhenEverythingIsClosed() throws Exception {
    try (TestServer server = new TestServer(temp);
        TestClient client = TestClient.ready(server.socket())) {
      client.ask(NULL_CO);
      assertThat(client.ask("{\"execute\": \"quit\"}")).isEqualTo("{\"return\": {}}");
      assertThat(server.daemon().graph().nodes()).isEmpty();
      assertThat(server.wasToldToQuit()).isTrue();
      client.send(QUERY);
      server.close();
      assertThat(client.line()).isEqualTo(TestClient.END);
    }
  }

  @Test
  void theHumanMonitorRunsCommandsOfIo() throws Exception {
    try (TestServer server = new TestServer(temp);
        TestClient client = TestClient.ready(server.socket())) {
      client.ask(NULL_CO);
      assertThat(human(client, "qemu-io a \\\"read 0 512\\\"")).isEqualTo("ran read 0 512");
      assertThat(human(client, "qemu-io zz length"))
          .isEqualTo("Error: Cannot find device='' nor node-name='zz'\\r\\n");
      assertThat(human(client, "qemu-io"))
          .isEqualTo(
              "qemu-io: block device name expected\\r\\nTry \\\"help qemu-io\\\" for more"
                  + " information\\r\\n");
      assertThat(human(client, "qemu-io a")).startsWith("qemu-io: string expected\\r\\n");
      assertThat(human(client, "qemu-io a b c"))
          .startsWith("qemu-io: extraneous characters at the end of line\\r\\n");
      assertThat(human(client, "qemu-io -x a b"))
          .startsWith("qemu-io: unsupported option -x\\r\\n");
      assertThat(human(client, "qemu-io -d a b")).isEqualTo("Error: Device 'a' not found\\r\\n");
      assertThat(human(client, "nix")).isEqualTo("unknown command: 'nix'\\r\\n");
      assertThat(human(client, "")).isEmpty();
    }
  }

  private static String human(TestClient client, String line) throws Exception {
    String reply =
        client.ask(
            "{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": \""
                + line
                + "\"}}");
    return reply.substring("{\"return\": \"".length(), reply.length() - "\"}".length());
  }

  @Test
  void noiseTakesNothingDown() throws Exception {
    List<byte[]> noise =
        List.of(
            new byte[1 << 12],
            "[".repeat(1 << 17).getBytes(StandardCharsets.UTF_8),
            ("{\"execute\": \"" + "x".repeat(1 << 22) + "\"}").getBytes(StandardCharsets.UTF_8),
            "{\"a\": ".repeat(5000).getBytes(StandardCharsets.UTF_8),
            ("[" + "1,".repeat(1 << 20) + "1]").getBytes(StandardCharsets.UTF_8),
            "\u00ff\u00fe\"\\".repeat(300).getBytes(StandardCharsets.ISO_8859_1),
            "}".repeat(3000).getBytes(StandardCharsets.UTF_8));
    try (TestServer server = new TestServer(temp)) {
      for (byte[] each : noise) {
        try (TestClient client = TestClient.ready(server.socket())) {
          try {
            client.send(each);
          } catch (IOException cutOff) {
            // Who does not read what comes back is.
          }
        }
      }
      try (TestClient client = TestClient.ready(server.socket())) {
        assertThat(client.ask(QUERY)).isEqualTo("{\"return\": []}");
      }
    }
  }
}
