package io.faultdisk.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.Permission;
import io.faultdisk.rules.Dialect;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Live control of faults over the socket. */
class DiskCommandsTest {
  @TempDir private Path temp;
  private TestServer server;
  private TestClient client;

  @BeforeEach
  void start() throws Exception {
    server = new TestServer(temp, Dialect.FAULTDISK, false);
    client = TestClient.connect(server.socket());
    client.line();
    client.ask("{'execute': 'qmp_capabilities', 'arguments': {'enable': ['oob']}}");
    client.ask(
        "{'execute': 'blockdev-add', 'arguments': {'driver': 'blkdebug', 'node-name': 'd',"
            + " 'image': {'driver': 'memory', 'size': 1048576}}}");
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    server.close();
  }

  private String command(String name, String arguments) throws IOException {
    return client.ask(request("execute", name, arguments));
  }

  private static String request(String how, String name, String arguments) {
    return "{'%s': '__io.faultdisk_%s', 'arguments': {%s}}".formatted(how, name, arguments);
  }

  /** A read of the first sector; what came of it. */
  private String read() throws Exception {
    Node node = server.daemon().graph().node("d").orElseThrow();
    try (BlockBackend image = server.daemon().graph().use(node, Permission.Wish.NONE, false)) {
      image.read(0, ByteBuffer.allocateDirect(512));
      return "ok";
    } catch (BlockIoException failed) {
      return failed.errno().name();
    }
  }

  @Test
  void aRuleIsInForceWhenItIsAnsweredAndItsHitIsAnEvent() throws Exception {
    assertThat(read()).isEqualTo("ok");
    String added =
        command(
            "rule-add",
            "'disk': 'd', 'kind': 'inject-error', 'keys': {'event': 'none', 'errno': 28,"
                + " 'iotype': 'read'}");
    assertThat(added).contains("\"id\": 1").contains("\"armed\": true").contains("\"errno\": ");
    assertThat(read()).isEqualTo("ENOSPC");
    assertThat(client.until("RULE_HIT").getLast())
        .contains("\"disk\": \"d\"")
        .contains("\"op\": \"read\"")
        .contains("\"result\": \"ENOSPC\"");
    assertThat(command("query-receipts", "'disk': 'd'")).contains("\"number\": 1");
    assertThat(
            command(
                "rule-replace",
                "'disk': 'd', 'id': 1, 'kind': 'inject-error', 'keys': {'errno': 'EPERM'}"))
        .contains("\"id\": 2");
    assertThat(read()).isEqualTo("EPERM");
    assertThat(command("rule-del", "'disk': 'd', 'id': 2")).isEqualTo("{\"return\": {}}");
    assertThat(read()).isEqualTo("ok");
    assertThat(command("query-disks", "")).contains("\"name\": \"d\"").contains("\"rules\": []");
  }

  @Test
  void mistakesAreThoseOfRuleFiles() throws Exception {
    assertThat(command("rule-add", "'disk': 'x', 'kind': 'inject-error'"))
        .contains("there is no disk 'x'; there are: d");
    assertThat(command("rule-add", "'disk': 'd', 'kind': 'nothing'"))
        .contains("there is no kind of fault 'nothing'");
    assertThat(
            command("rule-add", "'disk': 'd', 'kind': 'inject-error', 'keys': {'errno': 'EFOO'}"))
        .contains("\"error\"")
        .contains("expects a number");
    assertThat(command("rule-add", "'disk': 'd', 'kind': 'inject-error', 'keys': {'errno': []}"))
        .contains("Invalid parameter type for 'keys.errno', expected: string");
    assertThat(command("rule-del", "'disk': 'd', 'id': 7")).contains("disk 'd' has no fault 7");
    assertThat(command("resume", "'disk': 'd', 'tag': 'A'"))
        .contains("no request with tag 'A' is suspended");
  }

  @Test
  void aRequestThatTheClientItselfWaitsForIsLetGoOutOfBand() throws Exception {
    client.ask(
        "{'execute': 'blockdev-add', 'arguments': {'driver': 'raw', 'node-name': 'r', 'file':"
            + " 'd'}}");
    command("break", "'disk': 'd', 'event': 'read_aio', 'tag': 'A'");
    client.send(
        "{'execute': 'human-monitor-command', 'id': 1, 'arguments': {'command-line': 'qemu-io r"
            + " read'}}");
    assertThat(client.until("SUSPENDED").getLast())
        .contains("\"tag\": \"A\"")
        .contains("\"event\": \"read_aio\"")
        .contains("\"bytes\": 512");
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !server.daemon().disks().require("d").suspended().isEmpty());
    client.send(request("exec-oob", "query-disks", ""));
    assertThat(client.until("\"return\"").getLast()).contains("\"suspended\": [{");
    client.send(request("exec-oob", "resume", "'disk': 'd', 'tag': 'A'"));
    // Both are answered, and either may be the first.
    List<String> rest = new ArrayList<>();
    while (rest.stream().filter(TestClient::isReply).count() < 2) {
      rest.add(client.line());
    }
    assertThat(rest).contains("{\"return\": {}}", "{\"return\": \"ran read\", \"id\": 1}");
    assertThat(rest).anyMatch(line -> line.contains("RESUMED"));
  }

  @Test
  void stateAndPowerAreEvents() throws Exception {
    assertThat(exchange("set-state", "'disk': 'd', 'state': 5"))
        .anyMatch(line -> line.contains("STATE_CHANGED") && line.contains("\"to\": 5"));
    assertThat(exchange("power-cut", "'disk': 'd'"))
        .anyMatch(line -> line.contains("POWER_CHANGED") && line.contains("\"on\": false"));
    assertThat(read()).isEqualTo("EIO");
    assertThat(exchange("power-restore", "'disk': 'd'"))
        .anyMatch(line -> line.contains("POWER_CHANGED") && line.contains("\"on\": true"));
    assertThat(read()).isEqualTo("ok");
    assertThat(command("query-disks", "'disk': 'd'")).contains("\"state\": 5");
  }

  private List<String> exchange(String name, String arguments) throws IOException {
    return client.exchange(request("execute", name, arguments));
  }

  @Test
  void aStateIsOneOrMore() throws Exception {
    assertThat(command("set-state", "'disk': 'd', 'state': 0"))
        .contains("'state' must be 1 or more, not 0");
    assertThat(command("set-state", "'disk': 'd', 'state': 2")).isEqualTo("{\"return\": {}}");
  }

  @Test
  void whatIsNotDurableCanBeMadeSoOrBeLost() throws Exception {
    assertThat(command("power-checkpoint", "'disk': 'd'")).isEqualTo("{\"return\": {}}");
    write((byte) 1);
    assertThat(command("query-disks", "'disk': 'd'")).contains("\"writes\": 1");
    assertThat(command("power-lose-unsynced", "'disk': 'd'")).isEqualTo("{\"return\": {}}");
    assertThat(command("query-disks", "'disk': 'd'")).contains("\"writes\": 0");
    assertThat(firstByte()).isZero();
    write((byte) 2);
    assertThat(command("power-checkpoint", "'disk': 'd'")).isEqualTo("{\"return\": {}}");
    assertThat(command("query-disks", "'disk': 'd'")).contains("\"writes\": 0");
    assertThat(command("power-lose-unsynced", "'disk': 'd'")).isEqualTo("{\"return\": {}}");
    assertThat(firstByte()).isEqualTo((byte) 2);
    assertThat(command("power-checkpoint", "'disk': 'x'")).contains("there is no disk 'x'");
  }

  @Test
  void withoutPowerNothingCanBeMadeDurable() throws Exception {
    command("power-cut", "'disk': 'd'");
    assertThat(command("power-checkpoint", "'disk': 'd'"))
        .contains("the power of disk 'd' is off (Restore it first.)");
    assertThat(command("power-lose-unsynced", "'disk': 'd'"))
        .contains("the power of disk 'd' is off (Restore it first.)");
  }

  /** Writes the first sector. */
  private void write(byte each) throws Exception {
    ByteBuffer sector = ByteBuffer.allocateDirect(512);
    while (sector.hasRemaining()) {
      sector.put(each);
    }
    server.daemon().graph().node("d").orElseThrow().write(0, sector.flip(), 0);
  }

  private byte firstByte() throws Exception {
    ByteBuffer sector = ByteBuffer.allocateDirect(512);
    server.daemon().graph().node("d").orElseThrow().read(0, sector);
    return sector.get(0);
  }

  @Test
  void whatToDoInsteadIsSaidOfOurOwnCommands() throws Exception {
    assertThat(
            command("rule-add", "'disk': 'd', 'kind': 'inject-error', 'keys': {'errnoo': 'EIO'}"))
        .contains("Invalid parameter 'errnoo' ([inject-error] has the keys event, ");
    assertThat(command("power-cut", "'disk': 'd', 'survivors': 'some'"))
        .contains("'some' does not say what survives (none, all, random, or writes");
    assertThat(
            client.ask(
                "{'execute': 'blockdev-add', 'arguments': {'driver': 'blkdebug', 'node-name': 'e',"
                    + " 'image': 'd', 'inject-error': [{'event': 'reed_aio'}]}}"))
        .endsWith("invalid parameter value: reed_aio\"}}");
  }
}
