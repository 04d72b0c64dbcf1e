package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.daemon.disk.FaultSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What those who read the stream of events hear, and when they hear nothing. */
@Timeout(240)
class EventStreamTest {
  private TestConsole console;

  @BeforeEach
  void start() throws Exception {
    console = new TestConsole();
  }

  @AfterEach
  void stop() {
    console.close();
    assertThat(console.complaints).isEmpty();
  }

  /** One event. */
  private record Event(String name, Map<String, Object> data) {}

  /** A reader as a browser is one. */
  private final class Reader implements AutoCloseable {
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final InputStream body;
    private final Thread thread;

    Reader(String query) throws Exception {
      HttpResponse<InputStream> response =
          console.client.send(
              console.request("/events" + query).build(), BodyHandlers.ofInputStream());
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
      body = response.body();
      thread = Thread.startVirtualThread(this::read);
    }

    @SuppressWarnings("unchecked")
    private void read() {
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
        String name = "";
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith("event: ")) {
            name = line.substring(7);
          } else if (line.startsWith("data: ")) {
            Object data = TestConsole.plain(Json.parse(line.substring(6)));
            events.add(new Event(name, (Map<String, Object>) data));
          }
        }
      } catch (IOException | UsageException e) {
        events.add(new Event("error", Map.of("message", e.toString())));
      }
      events.add(new Event("end", Map.of()));
    }

    /** The next event with that name that is as wanted; those before it are gone. */
    Map<String, Object> await(String name, Predicate<Map<String, Object>> wanted)
        throws InterruptedException {
      List<Event> seen = new ArrayList<>();
      while (true) {
        Event event = events.poll(30, TimeUnit.SECONDS);
        if (event == null || event.name.equals("end") || event.name.equals("error")) {
          throw new AssertionError("no such " + name + " among " + seen + ", then " + event);
        }
        if (event.name.equals(name) && wanted.test(event.data)) {
          return event.data;
        }
        seen.add(event);
      }
    }

    Map<String, Object> await(String name) throws InterruptedException {
      return await(name, data -> true);
    }

    @Override
    public void close() throws IOException {
      body.close();
    }
  }

  private void read(long offset) throws BlockIoException {
    console.storage.user("disk").read(offset, ByteBuffer.allocate(512));
  }

  private static FaultSpec error(String... keysAndValues) {
    Map<String, String> keys = new java.util.HashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      keys.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return new FaultSpec("inject-error", keys);
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> objects(Object list) {
    return (List<Map<String, Object>>) list;
  }

  @Test
  void firstComesHowThingsAre() throws Exception {
    console.storage.disk().add(error("sector", "8"));
    console.storage.disk().addBreakpoint("l1_update", "A");
    try (Reader reader = new Reader("")) {
      assertThat(reader.events.take()).isEqualTo(new Event("hello", Map.of("version", "1.2.3")));
      Event disks = reader.events.take();
      assertThat(disks.name).isEqualTo("disks");
      assertThat(objects(disks.data.get("disks")).get(0)).containsEntry("name", "disk");
      Event rules = reader.events.take();
      assertThat(rules.name).isEqualTo("rules");
      assertThat(rules.data).containsEntry("disk", "disk").containsEntry("state", 1L);
      assertThat(objects(rules.data.get("faults")).get(0)).containsEntry("armed", true);
      assertThat(rules.data.get("breakpoints"))
          .isEqualTo(List.of(Map.of("event", "l1_update", "tag", "A")));
    }
  }

  @Test
  void changesAreTold() throws Exception {
    try (Reader reader = new Reader("")) {
      reader.await("rules");
      console.storage.disk().add(error("errno", "ENOSPC"));
      Map<String, Object> rules =
          reader.await("rules", data -> !objects(data.get("faults")).isEmpty());
      assertThat(objects(rules.get("faults")).get(0).get("kind")).isEqualTo("inject-error");
      console.storage.disk().setState(5);
      assertThat(reader.await("state"))
          .isEqualTo(Map.of("disk", "disk", "from", 1L, "to", 5L, "event", ""));
      console.storage.disk().cutPower("none", 0);
      assertThat(reader.await("power")).isEqualTo(Map.of("disk", "disk", "power", "off"));
      console.storage.disk().restorePower();
      assertThat(reader.await("power")).isEqualTo(Map.of("disk", "disk", "power", "on"));
    }
  }

  @Test
  void aUsedUpRuleIsTold() throws Exception {
    console.storage.disk().add(error("once", "on"));
    try (Reader reader = new Reader("")) {
      reader.await("rules");
      assertThatThrownBy(() -> read(0)).isInstanceOf(BlockIoException.class);
      reader.await(
          "rules", data -> objects(data.get("faults")).get(0).get("consumed").equals(Boolean.TRUE));
    }
  }

  @Test
  void aHeldRequestIsToldAtOnceAndWhenItGoesOn() throws Exception {
    console.storage.disk().addBreakpoint("pwritev", "T");
    try (Reader reader = new Reader("");
        Reader late = awaitSuspension(reader)) {
      assertThat(late.await("suspended")).containsEntry("tag", "T").containsEntry("disk", "disk");
      console.storage.disk().resume("T");
      assertThat(reader.await("resumed")).containsEntry("tag", "T").containsEntry("op", "write");
      late.await("resumed");
    }
  }

  /** Another reader, who comes when a request waits already. */
  private Reader awaitSuspension(Reader reader) throws Exception {
    reader.await("rules");
    Thread.startVirtualThread(
        () -> {
          try {
            console.storage.user("disk").write(4096, ByteBuffer.allocate(512), RequestFlags.NONE);
          } catch (BlockIoException e) {
            throw new AssertionError(e);
          }
        });
    Map<String, Object> held = reader.await("suspended");
    assertThat(held)
        .containsEntry("disk", "disk")
        .containsEntry("tag", "T")
        .containsEntry("event", "pwritev")
        .containsEntry("op", "write")
        .containsEntry("offset", 4096L)
        .containsEntry("bytes", 512L)
        .containsKey("since");
    reader.await("rules", data -> objects(data.get("breakpoints")).isEmpty());
    return new Reader("");
  }

  @Test
  void ticksTellWhatWasDoneInBetween() throws Exception {
    long id = console.storage.disk().add(error("sector", "100")).id();
    read(0); // before: counted in no tick
    try (Reader reader = new Reader("?disk=disk")) {
      reader.await("tick");
      for (int i = 0; i < 5; i++) {
        read(1024);
      }
      assertThatThrownBy(() -> read(100 * 512)).isInstanceOf(BlockIoException.class);
      long requests = 0;
      long injected = 0;
      long latencies = 0;
      long heat = 0;
      List<List<Object>> rows = new ArrayList<>();
      while (requests < 6) {
        Map<String, Object> tick = reader.await("tick");
        assertThat(tick.keySet())
            .containsExactly(
                "disk",
                "seconds",
                "counters",
                "in-flight",
                "p50",
                "p99",
                "latencies",
                "heat",
                "cell-bytes",
                "state",
                "suspended",
                "armed",
                "counts",
                "rows",
                "skipped");
        @SuppressWarnings("unchecked")
        Map<String, Map<String, Object>> counters =
            (Map<String, Map<String, Object>>) tick.get("counters");
        if (counters.containsKey("read")) {
          requests += (Long) counters.get("read").get("requests");
          injected += (Long) counters.get("read").get("injected");
        }
        for (List<Object> bucket : lists(tick.get("latencies"))) {
          latencies += (Long) bucket.get(1);
        }
        for (List<Object> cell : lists(tick.get("heat"))) {
          heat += (Long) cell.get(1);
        }
        rows.addAll(lists(tick.get("rows")));
        assertThat(tick.get("armed")).isEqualTo(List.of(id));
        assertThat(tick.get("skipped")).isEqualTo(0L);
        assertThat((Double) tick.get("seconds")).isPositive();
      }
      assertThat(requests).isEqualTo(6);
      assertThat(injected).isEqualTo(1);
      assertThat(latencies).isEqualTo(6);
      assertThat(heat).isEqualTo(6);
      assertThat(rows).hasSize(6);
      assertThat(rows.get(0).subList(3, 6)).isEqualTo(List.of("read", 1024L, 512L));
      assertThat(rows.get(0).subList(7, 9)).isEqualTo(List.of("ok", ""));
      assertThat(rows.get(5).subList(3, 6)).isEqualTo(List.of("read", 51200L, 512L));
      assertThat(rows.get(5).subList(7, 9)).isEqualTo(List.of("EIO", "inject-error"));
      assertThat(rows.get(0)).hasSize(9);
    }
  }

  @SuppressWarnings("unchecked")
  private static List<List<Object>> lists(Object list) {
    return (List<List<Object>>) list;
  }

  /** However much is done, a tick stays small. */
  @Test
  void ticksAreBounded() throws Exception {
    try (Reader reader = new Reader("")) {
      reader.await("tick");
      Thread load =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 100_000; i++) {
                        read(i % 2048 * 512L);
                      }
                    } catch (BlockIoException e) {
                      throw new AssertionError(e);
                    }
                  });
      long counted = 0;
      boolean quiet = false;
      while (!quiet) {
        boolean over = !load.isAlive();
        Map<String, Object> tick = reader.await("tick");
        assertThat(lists(tick.get("rows")).size()).isLessThanOrEqualTo(500);
        @SuppressWarnings("unchecked")
        Map<String, Map<String, Object>> counters =
            (Map<String, Map<String, Object>>) tick.get("counters");
        if (counters.containsKey("read")) {
          counted += (Long) counters.get("read").get("requests");
        }
        quiet = over && counters.isEmpty();
      }
      // A reader that is slow misses some.
      assertThat(counted).isBetween(1L, 100_000L);
    }
  }

  @Test
  void disksThatComeAndGoAreTold() throws Exception {
    try (Reader all = new Reader("");
        Reader one = new Reader("?disk=disk")) {
      all.await("tick");
      one.await("tick");
      console.sendJson("POST", "/disks", "{\"name\":\"d2\",\"image\":\"memory:64k\"}");
      all.await("disks", data -> objects(data.get("disks")).size() == 2);
      all.await("tick", data -> data.get("disk").equals("d2"));
      console.send("DELETE", "/disks/d2");
      all.await("disks", data -> objects(data.get("disks")).size() == 1);
      one.await("disks", data -> objects(data.get("disks")).size() == 1);
      assertThat(one.events).noneMatch(event -> "d2".equals(event.data.get("disk")));
    }
  }

  @Test
  void exportsThatChangeAreTold() throws Exception {
    try (Reader reader = new Reader("")) {
      reader.await("tick");
      console.storage.port = 10810;
      reader.await(
          "disks",
          data ->
              objects(data.get("disks"))
                  .get(0)
                  .get("exports")
                  .equals(List.of("nbd://localhost:10810/disk")));
    }
  }

  @Test
  void explorationsAreTold() throws Exception {
    try (Reader reader = new Reader("")) {
      reader.await("tick");
      console.sendJson("POST", "/explorations", "{\"name\":\"n\",\"script\":\"x\"}");
      assertThat(reader.await("exploration")).containsEntry("status", "running");
      console.explorations.done(1);
      assertThat(reader.await("exploration"))
          .containsEntry("status", "done")
          .containsEntry("report", true);
    }
  }

  @Test
  void nobodyIsWatchedWhenNobodyReads() throws Exception {
    assertThat(console.storage.disk().activity().timeline().isWatched()).isFalse();
    try (Reader reader = new Reader("")) {
      reader.await("tick");
      assertThat(console.storage.disk().activity().timeline().isWatched()).isTrue();
    }
    // The server notices with the next ticks that nobody takes.
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !console.storage.disk().activity().timeline().isWatched());
  }

  @Test
  void anUnknownDiskIsRefused() throws Exception {
    assertThat(console.send("GET", "/events?disk=nope").statusCode()).isEqualTo(404);
  }

  @Test
  void aReaderOfStatesMissesSomeButEndsWithTheRightOne() throws Exception {
    try (Reader reader = new Reader("")) {
      reader.await("tick");
      for (int i = 2; i <= 5000; i++) {
        console.storage.disk().setState(i);
      }
      reader.await("rules", data -> data.get("state").equals(5000L));
    }
  }

  @Test
  void twoHundredReadersHearEverything() throws Exception {
    List<Reader> readers = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        readers.add(new Reader(""));
      }
      for (Reader reader : readers) {
        reader.await("rules");
      }
      console.storage.disk().setState(9);
      for (Reader reader : readers) {
        assertThat(reader.await("state")).containsEntry("to", 9L);
      }
    } finally {
      for (Reader reader : readers) {
        reader.close();
      }
    }
  }

  @Test
  void closingTheServerEndsTheStreams() throws Exception {
    try (Reader reader = new Reader("")) {
      reader.await("tick");
      console.server.close();
      reader.thread.join();
      assertThat(new ArrayList<>(reader.events)).last().extracting(Event::name).isEqualTo("end");
    }
  }
}
