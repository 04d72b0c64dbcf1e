package io.faultdisk.console;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Sleeper;
import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.block.Messages;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.daemon.DiskRequest;
import io.faultdisk.daemon.StorageDaemon;
import io.faultdisk.rules.Dialect;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Requests to the console, one after the other, over a disk in memory. What comes in is lines of
 * {@code METHOD PATH}, headers, an empty line, a body up to a NUL byte; the host and the token are
 * right unless the request brings its own. The answer must be one that a client can read, and no
 * mistake of ours.
 */
public final class HttpRequestBytes {
  private static final String TOKEN = "a-token-of-the-fuzzer";
  private static final String HOST = "127.0.0.1:1";

  /** So that an input with a thousand requests takes no minute. */
  private static final int REQUESTS_MAX = 20;

  private HttpRequestBytes() {}

  /** A request as text. */
  private static final class Written implements FrontDesk.Incoming {
    private final String[] first;
    private final List<String> lines;
    private final byte[] body;

    Written(byte[] bytes) {
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\n\n");
      String head = end < 0 ? text : text.substring(0, end);
      lines = List.of(head.split("\n", -1));
      first = lines.get(0).split(" ", 2);
      body = end < 0 ? new byte[0] : text.substring(end + 2).getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public String method() {
      return first[0];
    }

    private String target() {
      return first.length < 2 ? "" : first[1];
    }

    @Override
    public String path() {
      int query = target().indexOf('?');
      return query < 0 ? target() : target().substring(0, query);
    }

    @Override
    public String query() {
      int query = target().indexOf('?');
      return query < 0 ? "" : target().substring(query + 1);
    }

    @Override
    public List<String> headers(String name) {
      List<String> values = new ArrayList<>();
      for (String line : lines.subList(1, lines.size())) {
        if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
          values.add(line.substring(name.length() + 1));
        }
      }
      if (values.isEmpty()) {
        switch (name) {
          case "Host" -> values.add(HOST);
          case "Authorization" -> values.add("Bearer " + TOKEN);
          case "Content-Type" -> values.add("application/json");
          default -> {}
        }
      }
      return values;
    }

    @Override
    public byte[] body(int bytesMax) {
      return Arrays.copyOf(body, Math.min(body.length, bytesMax));
    }
  }

  /** Sends the requests of an input; whatever it throws is a bug. */
  public static void fuzz(byte[] input) {
    List<String> complaints = new ArrayList<>();
    Messages messages = Messages.to(_ -> {});
    try (StorageDaemon daemon =
        new StorageDaemon(
            Dialect.FAULTDISK,
            objects ->
                // No driver that could reach a file.
                List.of(
                    new RawType(),
                    new MemoryType(),
                    new BlkdebugType(Dialect.FAULTDISK, Optional.empty())),
            messages,
            (image, command) -> "")) {
      var unused =
          daemon.addDisk(
              new DiskRequest(
                  "d", "memory:1M", Optional.of("raw"), Optional.empty(), false, false));
      Storage storage = new DaemonStorage(daemon);
      FrontDesk desk =
          new FrontDesk(
              new Gate(TOKEN, false, new InetSocketAddress("127.0.0.1", 1), List.of()),
              new Router(ConsoleServer.routes(storage, Explorations.none(), "1")),
              storage,
              new Pace(Clock.system(), Sleeper.system()),
              complaints::add);
      String all = new String(input, StandardCharsets.ISO_8859_1);
      String[] requests = all.split("\0");
      for (int i = 0; i < Math.min(requests.length, REQUESTS_MAX); i++) {
        byte[] request = requests[i].getBytes(StandardCharsets.ISO_8859_1);
        if (desk.outcome(new Written(request)) instanceof FrontDesk.Outcome.Whole(Answer answer)) {
          check(answer);
        }
      }
    } catch (UsageException | IOException e) {
      throw new AssertionError(e);
    }
    if (!complaints.isEmpty()) {
      throw new AssertionError(complaints.toString());
    }
  }

  private static void check(Answer answer) throws UsageException {
    if (!Answer.JSON.equals(answer.headers().get("Content-Type"))) {
      return;
    }
    var json = Json.parse(answer.body());
    if (answer.status() >= 400) {
      if (!(json instanceof JsonObject object
          && object.members().get("error") instanceof JsonString error
          && !error.value().isEmpty())) {
        throw new AssertionError("no error in " + json);
      }
    }
  }

  /** Requests of each kind. */
  public static List<byte[]> seeds() {
    String rules = "[inject-error]\nevent = \"read_aio\"\nerrno = \"EIO\"\nonce = \"on\"\n";
    List<String> seeds =
        List.of(
            "GET /disks",
            "GET /healthz\nHost: localhost:1",
            "GET /disks/d/receipts?after=1&max=%32",
            "GET /version\nAuthorization: Bearer x",
            "GET /version\nOrigin: http://x\nSec-Fetch-Site: cross-site",
            "POST /disks\n\n{\"name\":\"e\",\"image\":\"memory:64k\",\"format\":\"raw\","
                + "\"rules\":\"[set-state]\\nevent = \\\"none\\\"\\n\",\"export\":true}"
                + "\0GET /nodes\0DELETE /disks/e",
            "POST /disks/d/faults\n\n{\"kind\":\"inject-error\",\"keys\":{\"event\":\"none\","
                + "\"errno\":5,\"sector\":\"1\",\"once\":true,\"chance\":\"10\"}}"
                + "\0GET /disks/d/rules?dialect=qemu\0GET /metrics\0POST /disks/d/faults/1/arm",
            "POST /disks/d/faults\n\n{'kind':'tear-write','part':'random'}"
                + "\0PUT /disks/d/faults/1\n\n{\"kind\":\"fail-flush\",\"mode\":\"lie\"}"
                + "\0DELETE /disks/d/faults/2\0GET /disks/d/faults",
            "PUT /disks/d/rules\nContent-Type: text/plain\n\n" + rules + "\0GET /disks/d/rules",
            "POST /rules/check\nContent-Type: text/plain; charset=utf-8\n\n" + rules,
            "POST /rules/check\n\n{\"kind\":\"cut-power\",\"survivors\":\"random\"}",
            "PUT /disks/d/state\n\n{\"state\":2}\0POST /reset\n\n{}",
            "POST /disks/d/breakpoints\n\n{\"event\":\"write_aio\",\"tag\":\"A\"}"
                + "\0GET /disks/d/breakpoints\0DELETE /disks/d/breakpoints/A%20",
            "POST /disks/d/resume\n\n{\"tag\":\"A\"}",
            "PUT /disks/d/power\n\n{\"power\":\"off\",\"survivors\":\"none\",\"seed\":1}"
                + "\0POST /disks/d/power/lose-unsynced\0POST /disks/d/power/checkpoint",
            "GET /explorations/1/report\0POST /explorations\n\n{\"script\":\"x\"}");
    return seeds.stream().map(seed -> seed.getBytes(StandardCharsets.ISO_8859_1)).toList();
  }
}
