package io.faultdisk.console;

import static io.faultdisk.console.TestConsole.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each thing that can be asked for, by a real client. */
@Timeout(120)
class ApiTest {
  private static TestConsole console;

  @BeforeAll
  static void start() throws Exception {
    console = new TestConsole();
  }

  @AfterAll
  static void stop() {
    console.close();
  }

  @AfterEach
  void reset() throws Exception {
    assertThat(console.sendJson("POST", "/reset", "").statusCode()).isEqualTo(204);
    assertThat(console.complaints).isEmpty();
  }

  private static void read(long offset, int bytes) throws BlockIoException {
    console.storage.user("disk").read(offset, ByteBuffer.allocate(bytes));
  }

  private static void write(long offset, int bytes) throws BlockIoException {
    console.storage.user("disk").write(offset, ByteBuffer.allocate(bytes), RequestFlags.NONE);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Object json) {
    return (Map<String, Object>) json;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Object json) {
    return (List<Object>) json;
  }

  private static String error(HttpResponse<String> response, int status) throws Exception {
    return (String) object(json(response, status)).get("error");
  }

  private static long addFault(String json) throws Exception {
    return (Long) object(json(console.sendJson("POST", "/disks/disk/faults", json), 201)).get("id");
  }

  @Test
  void version() throws Exception {
    assertThat(console.get("/version")).isEqualTo(Map.of("version", "1.2.3", "name", "faultdisk"));
    assertThat(console.get("/healthz")).isEqualTo(Map.of("status", "ok"));
  }

  @Test
  void disksAreListedWithWhatIsGoingOn() throws Exception {
    long epoch = console.storage.disk().epoch();
    addFault("{\"kind\":\"inject-error\",\"keys\":{\"sector\":\"8\"}}");
    read(0, 512);
    console.storage.user("disk").flush();
    assertThatThrownBy(() -> read(4096, 512)).isInstanceOf(BlockIoException.class);
    Map<String, Object> disk = object(console.get("/disks/disk"));
    assertThat(disk.keySet())
        .containsExactly(
            "name",
            "size",
            "read-only",
            "driver",
            "image",
            "exports",
            "state",
            "power",
            "faults",
            "armed",
            "suspended",
            "epoch",
            "requests",
            "injected",
            "in-flight");
    assertThat(disk)
        .containsEntry("name", "disk")
        .containsEntry("size", 1L << 20)
        .containsEntry("read-only", false)
        .containsEntry("driver", "blkdebug")
        .containsEntry("exports", List.of("nbd://localhost:10809/disk"))
        .containsEntry("state", 1L)
        .containsEntry("power", "on")
        .containsEntry("faults", 1L)
        .containsEntry("armed", 1L)
        .containsEntry("epoch", epoch + 1)
        .containsEntry("requests", 3L)
        .containsEntry("injected", 1L)
        .containsEntry("in-flight", 0L);
    assertThat(list(console.get("/disks"))).contains(disk);
  }

  @Test
  void aDiskIsMadeUsedAndRemoved() throws Exception {
    String wanted =
        "{\"name\":\"d2\",\"image\":\"memory:64k\",\"rules\":"
            + "\"[inject-error]\\nevent = \\\"none\\\"\\n\"}";
    Map<String, Object> made = object(json(console.sendJson("POST", "/disks", wanted), 201));
    assertThat(made).containsEntry("name", "d2").containsEntry("size", 65536L);
    assertThatThrownBy(() -> console.storage.user("d2").read(0, ByteBuffer.allocate(512)))
        .isInstanceOf(BlockIoException.class);
    assertThat(error(console.sendJson("POST", "/disks", wanted), 409))
        .isEqualTo("there is a node 'd2' already");
    assertThat(console.send("DELETE", "/disks/d2").statusCode()).isEqualTo(204);
    assertThat(error(console.send("GET", "/disks/d2"), 404))
        .isEqualTo("there is no disk 'd2'; there are: disk");
    assertThat(error(console.sendJson("POST", "/disks", "{\"name\":\"d2\"}"), 400))
        .isEqualTo("'image' is missing");
    assertThat(error(console.sendJson("POST", "/disks", "{\"size\":1}"), 400))
        .startsWith("there is no member 'size' here; there are: name, image");
  }

  @Test
  void aFaultIsInForceWhenTheAnswerComes() throws Exception {
    Map<String, Object> fault =
        object(
            json(
                console.sendJson(
                    "POST",
                    "/disks/disk/faults",
                    "{\"kind\":\"inject-error\",\"keys\":"
                        + "{\"event\":\"none\",\"errno\":\"ENOSPC\",\"sector\":8,\"once\":true}}"),
                201));
    assertThat(fault)
        .containsEntry("kind", "inject-error")
        .containsEntry("source", "live")
        .containsEntry("armed", true)
        .containsEntry("consumed", false)
        .containsEntry("injected", 0L);
    assertThat(object(fault.get("keys")))
        .isEqualTo(Map.of("event", "none", "errno", "ENOSPC", "sector", "8", "once", "on"));
    assertThatThrownBy(() -> read(4096, 512)).hasMessageContaining("ENOSPC");
    read(4096, 512);
    String path = "/disks/disk/faults/" + fault.get("id");
    assertThat(object(console.get(path)))
        .containsEntry("consumed", true)
        .containsEntry("injected", 1L);
    assertThat(console.send("DELETE", path).statusCode()).isEqualTo(204);
    assertThat(error(console.send("GET", path), 404))
        .isEqualTo("disk 'disk' has no fault " + fault.get("id"));
    assertThat(error(console.send("DELETE", path), 404)).startsWith("disk 'disk' has no fault");
  }

  @Test
  void keysMayStandBesideTheKind() throws Exception {
    addFault("{\"kind\":\"inject-error\",\"event\":\"none\",\"errno\":\"EIO\"}");
    assertThatThrownBy(() -> read(0, 512)).hasMessageContaining("EIO");
  }

  @Test
  void aFaultIsReplaced() throws Exception {
    long id = addFault("{\"kind\":\"inject-error\",\"errno\":\"EIO\"}");
    Map<String, Object> next =
        object(
            json(
                console.sendJson(
                    "PUT",
                    "/disks/disk/faults/" + id,
                    "{\"kind\":\"inject-error\",\"errno\":\"ENOSPC\"}"),
                200));
    assertThat(next.get("id")).isNotEqualTo(id);
    assertThatThrownBy(() -> read(0, 512)).hasMessageContaining("ENOSPC");
    assertThat(list(console.get("/disks/disk/faults"))).hasSize(1);
    assertThat(console.send("DELETE", "/disks/disk/faults").statusCode()).isEqualTo(204);
    assertThat(list(console.get("/disks/disk/faults"))).isEmpty();
    read(0, 512);
  }

  @Test
  void aFaultIsArmedByHand() throws Exception {
    long id = addFault("{\"kind\":\"inject-error\",\"event\":\"l1_update\",\"once\":true}");
    read(0, 512);
    Map<String, Object> armed =
        object(json(console.sendJson("POST", "/disks/disk/faults/" + id + "/arm", ""), 200));
    assertThat(armed).containsEntry("armed", true);
    assertThatThrownBy(() -> read(0, 512)).isInstanceOf(BlockIoException.class);
    assertThat(error(console.sendJson("POST", "/disks/disk/faults/999/arm", "{}"), 404))
        .isEqualTo("disk 'disk' has no fault 999");
  }

  @Test
  void badFaultsAreRefusedInTheWordsOfRuleFiles() throws Exception {
    assertThat(
            error(
                console.sendJson("POST", "/disks/disk/faults", "{\"kind\":\"inject-errors\"}"),
                400))
        .startsWith("there is no kind of fault 'inject-errors'; there are: inject-error");
    assertThat(
            error(
                console.sendJson(
                    "POST",
                    "/disks/disk/faults",
                    "{\"kind\":\"inject-error\",\"event\":\"write_aoi\"}"),
                400))
        .contains("write_aoi");
    assertThat(error(console.sendJson("POST", "/disks/disk/faults", "{}"), 400))
        .isEqualTo("'kind' is missing");
    assertThat(
            error(
                console.sendJson(
                    "POST", "/disks/disk/faults", "{\"kind\":\"inject-error\",\"sector\":[1]}"),
                400))
        .isEqualTo("'sector' must be a string, a number, true or false");
    assertThat(error(console.sendJson("POST", "/disks/disk/faults", "{\"kind\":"), 400))
        .isNotEmpty();
    assertThat(error(console.sendJson("POST", "/disks/disk/faults", "[]"), 400))
        .isEqualTo("the body must be a JSON object");
    assertThat(list(console.get("/disks/disk/faults"))).isEmpty();
  }

  @Test
  void rulesGoOutAndInAsAFile() throws Exception {
    String file =
        """
        [inject-error]
        event = "write_aio"
        state = "2"
        errno = "28"

        [set-state]
        event = "write_aio"
        state = "1"
        new_state = "2"
        """;
    assertThat(list(json(console.sendText("PUT", "/disks/disk/rules", file), 200))).hasSize(2);
    String ours = console.send("GET", "/disks/disk/rules").body();
    assertThat(ours).contains("errno = \"ENOSPC\"");
    String qemus = console.send("GET", "/disks/disk/rules?dialect=qemu").body();
    assertThat(qemus).contains("errno = \"28\"");
    json(console.sendText("PUT", "/disks/disk/rules", qemus), 200);
    assertThat(console.send("GET", "/disks/disk/rules").body()).isEqualTo(ours);

    assertThat(error(console.sendText("PUT", "/disks/disk/rules", file + "[what]\n"), 400))
        .contains("what");
    assertThat(list(console.get("/disks/disk/faults"))).hasSize(2);
    addFault("{\"kind\":\"drop-write\"}");
    assertThat(error(console.send("GET", "/disks/disk/rules?dialect=qemu"), 400))
        .startsWith("QEMU would refuse these rules: ");
    assertThat(error(console.send("GET", "/disks/disk/rules?dialect=x"), 400))
        .isEqualTo("parameter 'dialect' must be faultdisk or qemu");
  }

  @Test
  void rulesAreCheckedWithoutBeingUsed() throws Exception {
    Map<String, Object> checked =
        object(
            json(
                console.sendJson(
                    "POST", "/rules/check", "{\"kind\":\"inject-error\",\"sector\":\"3\"}"),
                200));
    Map<String, Object> rule = object(list(checked.get("rules")).get(0));
    assertThat(rule.keySet()).containsExactly("kind", "keys", "brief", "sentence");
    json(console.sendText("POST", "/rules/check", "[inject-error]\nevent = \"none\"\n"), 200);
    assertThat(error(console.sendText("POST", "/rules/check", "[inject-error]\n"), 400))
        .contains("event");
    assertThat(list(console.get("/disks/disk/faults"))).isEmpty();
  }

  @Test
  void theSchemaNamesWhatARuleCanSay() throws Exception {
    Map<String, Object> schema = object(console.get("/rules/schema"));
    assertThat(object(list(schema.get("kinds")).get(0)))
        .containsEntry("kind", "inject-error")
        .extractingByKey("keys")
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
        .contains("event", "errno", "sector");
    assertThat(list(schema.get("events")))
        .anySatisfy(
            event ->
                assertThat(object(event))
                    .containsEntry("name", "read_aio")
                    .containsEntry("meaning", "data is about to be read from the image"));
    assertThat(list(schema.get("errnos"))).contains("EIO", "ENOSPC").doesNotContain("SUCCESS");
    assertThat(list(schema.get("iotypes"))).contains("read", "write-zeroes");
  }

  @Test
  void theStateIsSet() throws Exception {
    assertThat(json(console.sendJson("PUT", "/disks/disk/state", "{\"state\":7}"), 200))
        .isEqualTo(Map.of("state", 7L));
    assertThat(object(console.get("/disks/disk"))).containsEntry("state", 7L);
    for (String bad : List.of("0", "-1", "\"2\"", "1e3", "99999999999")) {
      HttpResponse<String> answer =
          console.sendJson("PUT", "/disks/disk/state", "{\"state\":" + bad + "}");
      if (!bad.equals("1e3")) {
        assertThat(error(answer, 400)).startsWith("'state' must be a whole number from 1");
      }
    }
  }

  @Test
  void aRequestIsHeldAndLetGo() throws Exception {
    json(
        console.sendJson(
            "POST", "/disks/disk/breakpoints", "{\"event\":\"pwritev\",\"tag\":\"A b\"}"),
        201);
    assertThat(console.get("/disks/disk/breakpoints"))
        .isEqualTo(List.of(Map.of("event", "pwritev", "tag", "A b")));
    Thread writer = Thread.startVirtualThread(() -> assertThatNoIoException(() -> write(512, 512)));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> list(console.get("/disks/disk/suspended")).size() == 1);
    Map<String, Object> held = object(list(console.get("/disks/disk/suspended")).get(0));
    assertThat(held)
        .containsEntry("tag", "A b")
        .containsEntry("event", "pwritev")
        .containsEntry("op", "write")
        .containsEntry("offset", 512L)
        .containsEntry("bytes", 512L);
    assertThat(error(console.sendJson("POST", "/disks/disk/resume", "{\"tag\":\"B\"}"), 404))
        .isEqualTo("no request with tag 'B' is suspended");
    assertThat(json(console.sendJson("POST", "/disks/disk/resume", "{\"tag\":\"A b\"}"), 200))
        .isEqualTo(List.of());
    writer.join();

    json(
        console.sendJson(
            "POST", "/disks/disk/breakpoints", "{\"event\":\"pwritev\",\"tag\":\"A b\"}"),
        201);
    Thread again = Thread.startVirtualThread(() -> assertThatNoIoException(() -> write(512, 512)));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !list(console.get("/disks/disk/suspended")).isEmpty());
    assertThat(console.send("DELETE", "/disks/disk/breakpoints/A%20b").statusCode()).isEqualTo(204);
    again.join();
    assertThat(error(console.send("DELETE", "/disks/disk/breakpoints/A%20b"), 404))
        .contains("'A b'");
    assertThat(
            error(
                console.sendJson(
                    "POST", "/disks/disk/breakpoints", "{\"event\":\"pwritev\",\"tag\":\"\"}"),
                400))
        .isEqualTo("a breakpoint needs a tag, to be resumed by");
  }

  private interface IoAction {
    void run() throws BlockIoException;
  }

  private static void assertThatNoIoException(IoAction action) {
    try {
      action.run();
    } catch (BlockIoException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void thePowerIsCutAndRestored() throws Exception {
    Map<String, Object> before = object(console.get("/disks/disk/power"));
    assertThat(before).containsEntry("power", "on");
    Map<String, Object> off =
        object(
            json(
                console.sendJson(
                    "PUT",
                    "/disks/disk/power",
                    "{\"power\":\"off\",\"survivors\":\"random\",\"seed\":7}"),
                200));
    assertThat(off).containsEntry("power", "off").containsEntry("volatile", true);
    assertThatThrownBy(() -> read(0, 512)).isInstanceOf(BlockIoException.class);
    assertThat(
            object(json(console.sendJson("PUT", "/disks/disk/power", "{\"power\":\"on\"}"), 200)))
        .containsEntry("power", "on");
    write(0, 1024);
    assertThat(object(object(console.get("/disks/disk/power")).get("unsynced")))
        .containsEntry("writes", 1L)
        .containsEntry("bytes", 1024L);
    Map<String, Object> kept =
        object(json(console.sendJson("POST", "/disks/disk/power/checkpoint", "{}"), 200));
    assertThat(object(kept.get("unsynced"))).containsEntry("writes", 0L);
    write(0, 512);
    Map<String, Object> lost =
        object(json(console.sendJson("POST", "/disks/disk/power/lose-unsynced", "{}"), 200));
    assertThat(object(lost.get("unsynced"))).containsEntry("writes", 0L);
    assertThat(error(console.sendJson("PUT", "/disks/disk/power", "{\"power\":\"dim\"}"), 400))
        .isEqualTo("'power' must be \"on\" or \"off\"");
    assertThat(
            error(
                console.sendJson(
                    "PUT", "/disks/disk/power", "{\"power\":\"off\",\"survivors\":\"some\"}"),
                400))
        .isNotEmpty();
  }

  @Test
  void receiptsSayWhichRuleDidWhat() throws Exception {
    long had = console.storage.disk().receiptCount();
    addFault("{\"kind\":\"inject-error\",\"errno\":\"EIO\"}");
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> read(1024, 512)).isInstanceOf(BlockIoException.class);
    }
    List<Object> receipts = list(console.get("/disks/disk/receipts?after=" + had));
    assertThat(receipts).hasSize(3);
    assertThat(object(receipts.get(0)))
        .containsEntry("number", had + 1)
        .containsEntry("rule", "live")
        .containsEntry("kind", "inject-error")
        .containsEntry("event", "none")
        .containsEntry("op", "read")
        .containsEntry("offset", 1024L)
        .containsEntry("bytes", 512L)
        .containsEntry("result", "EIO");
    assertThat(list(console.get("/disks/disk/receipts?max=2&after=" + (had + 1)))).hasSize(2);
    assertThat(error(console.send("GET", "/disks/disk/receipts?max=0"), 400))
        .isEqualTo("parameter 'max' must be a whole number from 1 to 1000");
  }

  @Test
  void activityCountsByTypeAndPlace() throws Exception {
    read(0, 4096);
    write(8192, 1024);
    Map<String, Object> activity = object(console.get("/disks/disk/activity"));
    Map<String, Object> reads = object(object(activity.get("counters")).get("read"));
    assertThat(reads)
        .containsEntry("requests", 1L)
        .containsEntry("bytes", 4096L)
        .containsEntry("injected", 0L)
        .containsEntry("failed", 0L)
        .containsKeys("p50", "p99");
    assertThat(activity).containsEntry("in-flight", 0L);
    assertThat(list(activity.get("latencies"))).isNotEmpty();
    Map<String, Object> heat = object(activity.get("heat"));
    assertThat(heat.get("cell-bytes")).isEqualTo(1024L);
    assertThat(list(heat.get("cells")))
        .containsExactly(
            List.of(0L, 1L, 0L, 0L),
            List.of(1L, 1L, 0L, 0L),
            List.of(2L, 1L, 0L, 0L),
            List.of(3L, 1L, 0L, 0L),
            List.of(8L, 0L, 1L, 0L));
  }

  @Test
  void nodesHangTogether() throws Exception {
    Map<String, Object> graph = object(console.get("/nodes"));
    assertThat(list(graph.get("nodes")))
        .anySatisfy(
            node ->
                assertThat(object(node))
                    .containsEntry("name", "disk")
                    .containsEntry("driver", "blkdebug")
                    .containsEntry("kind", "filter")
                    .containsEntry("disk", true));
    assertThat(list(graph.get("edges")))
        .anySatisfy(
            edge ->
                assertThat(object(edge))
                    .containsEntry("from", "disk")
                    .containsEntry("role", "image"));
    assertThat(object(list(graph.get("exports")).get(0)))
        .containsEntry("name", "disk")
        .containsEntry("node", "disk")
        .containsEntry("clients", 1L)
        .containsEntry("uri", "nbd://localhost:10809/disk");
  }

  @Test
  void resetMakesEverythingAsNew() throws Exception {
    addFault("{\"kind\":\"inject-error\"}");
    console.sendJson("PUT", "/disks/disk/state", "{\"state\":3}");
    console.sendJson("PUT", "/disks/disk/power", "{\"power\":\"off\"}");
    assertThat(console.sendJson("POST", "/reset", "{}").statusCode()).isEqualTo(204);
    assertThat(object(console.get("/disks/disk")))
        .containsEntry("state", 1L)
        .containsEntry("power", "on")
        .containsEntry("faults", 0L)
        .containsEntry("requests", 0L);
    read(0, 512);
  }

  @Test
  void explorationsAreStartedWatchedAndStopped() throws Exception {
    Map<String, Object> started =
        object(
            json(
                console.sendJson(
                    "POST", "/explorations", "{\"name\":\"n\",\"script\":\"write 0 512\"}"),
                201));
    String path = "/explorations/" + started.get("id");
    assertThat(started).containsEntry("status", "running").containsEntry("report", false);
    assertThat(error(console.send("GET", path + "/report"), 404)).contains("no report yet");
    console.explorations.done((int) (long) (Long) started.get("id"));
    assertThat(object(console.get(path)))
        .containsEntry("status", "done")
        .containsEntry("failed", 2L)
        .containsEntry("message", "2 bad");
    HttpResponse<String> report = console.send("GET", path + "/report");
    assertThat(report.body()).isEqualTo("<h1>Report</h1>");
    assertThat(report.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("sandbox");
    assertThat(object(json(console.send("DELETE", path), 200))).containsEntry("status", "stopped");
    assertThat(error(console.send("GET", "/explorations/77"), 404))
        .isEqualTo("there is no exploration 77");
    assertThat(error(console.sendJson("POST", "/explorations", "{\"script\":\" \"}"), 400))
        .isEqualTo("the script is empty");
    assertThat(list(console.get("/explorations"))).isNotEmpty();
  }
}
