package io.faultdisk.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.daemon.disk.DiskEvent;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.FaultEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A command that is held at a breakpoint: whom it holds up, and whom not. */
@Timeout(120)
class HeldCommandTest {
  private static final String QUERY = "{'execute': 'query-jobs', 'id': 'query'}";
  private static final String OUT_OF_BAND =
      "{'exec-oob': '__io.faultdisk_rules-text', 'arguments': {'disk': 'd'}, 'id': 'oob'}";
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  @TempDir private Path temp;
  private TestServer server;
  private Disk disk;

  @BeforeEach
  void start() throws Exception {
    server = new TestServer(temp, Dialect.FAULTDISK, false);
    try (TestClient client = TestClient.ready(server.socket())) {
      client.ask(
          "{'execute': 'blockdev-add', 'arguments': {'driver': 'blkdebug', 'node-name': 'd',"
              + " 'image': {'driver': 'memory', 'size': 1048576}}}");
      client.ask(
          "{'execute': 'blockdev-add', 'arguments': {'driver': 'raw', 'node-name': 'r', 'file':"
              + " 'd'}}");
    }
    disk = server.daemon().disks().require("d");
  }

  @AfterEach
  void stop() {
    disk.resumeAll();
    server.close();
  }

  private TestClient client(boolean oob) throws IOException {
    TestClient client = TestClient.connect(server.socket());
    client.line();
    client.ask(
        "{'execute': 'qmp_capabilities', 'arguments': {'enable': [%s]}}"
            .formatted(oob ? "'oob'" : ""));
    return client;
  }

  /** Sends a command, with more behind it, and waits until a breakpoint holds it. */
  private void hold(TestClient client, String more) throws Exception {
    disk.addBreakpoint("read_aio", "A");
    client.send(
        "{'execute': 'human-monitor-command', 'arguments': {'command-line': 'qemu-io r read'},"
            + " 'id': 'held'}"
            + more);
    FaultEngine engine = disk.node().driver().engine().orElseThrow();
    assertThat(engine.awaitSuspended("A", PATIENCE_NANOS)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoComesNextCanResumeACommandOfOneWhoHasLeft(boolean oob) throws Exception {
    CountDownLatch resumed = new CountDownLatch(1);
    server
        .daemon()
        .disks()
        .listen(
            event -> {
              if (event instanceof DiskEvent.Resumed) {
                resumed.countDown();
              }
            });
    try (TestClient first = client(oob)) {
      hold(first, QUERY.repeat(3));
    }
    try (TestClient second = client(false)) {
      assertThat(second.ask("{'execute': 'query-commands'}")).contains("__io.faultdisk_resume");
      assertThat(
              second.ask(
                  "{'execute': '__io.faultdisk_resume', 'arguments': {'disk': 'd', 'tag': 'A'}}"))
          .isEqualTo("{\"return\": {}}");
      assertThat(resumed.await(30, TimeUnit.SECONDS)).isTrue();
      // What the other had asked for is told to nobody.
      assertThat(second.ask("{'execute': 'query-jobs', 'id': 1}"))
          .isEqualTo("{\"return\": [], \"id\": 1}");
    }
  }

  @Test
  void whoHasOnlyStoppedAskingGetsItsAnswersWhileTheNextIsServed() throws Exception {
    try (TestClient first = client(false)) {
      hold(first, QUERY);
      first.endInput();
      try (TestClient second = client(false)) {
        assertThat(second.ask("{'execute': '__io.faultdisk_resume', 'arguments': {'disk': 'd'}}"))
            .isEqualTo("{\"return\": {}}");
      }
      assertThat(first.until("\"id\": \"held\"").getLast()).contains("\"return\": \"ran read\"");
      assertThat(first.until("\"id\": \"query\"").getLast()).contains("\"return\": []");
      assertThat(first.until(TestClient.END).getLast()).isEqualTo(TestClient.END);
    }
  }

  @Test
  void besidesTheHeldOneSevenMayWaitBeforeWhatIsOutOfBandWaits() throws Exception {
    // As the real daemon does with a node on an NBD server that says nothing.
    try (TestClient client = client(true)) {
      hold(client, QUERY.repeat(7) + OUT_OF_BAND);
      assertThat(client.until("\"id\": ").getLast()).contains("\"id\": \"oob\"");
      disk.resumeAll();
      assertThat(client.until("\"id\": ").getLast()).contains("\"id\": \"held\"");
      for (int i = 0; i < 7; i++) {
        assertThat(client.until("\"id\": ").getLast()).contains("\"id\": \"query\"");
      }
    }
  }

  @Test
  void behindEightThatWaitTheClientIsNotReadAnyFurther() throws Exception {
    try (TestClient client = client(true)) {
      hold(client, QUERY.repeat(8) + OUT_OF_BAND);
      disk.resumeAll();
      assertThat(client.until("\"id\": ").getLast()).contains("\"id\": \"held\"");
      assertThat(client.until("\"id\": \"oob\"").getLast()).contains("\"return\": ");
    }
  }

  @Test
  void whenTheExecutingThreadDiesTheClientIsHungUpOn() throws Exception {
    try (TestClient client = client(true)) {
      client.send(
          "{'execute': 'human-monitor-command', 'arguments': {'command-line': 'qemu-io r die'}}"
              + QUERY.repeat(20));
      assertThat(client.line()).isEqualTo(TestClient.END);
    }
    try (TestClient next = client(true)) {
      assertThat(next.ask(QUERY)).contains("\"return\": []");
    }
  }
}
