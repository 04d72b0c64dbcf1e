package io.faultdisk.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.Main;
import io.faultdisk.cli.Stdio;
import io.faultdisk.cli.call.Tools;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The tool as a whole, in this process. */
@Timeout(240)
class DaemonToolTest {
  @TempDir Path temp;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private CompletableFuture<Integer> start(String tool, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                tool,
                "--chardev",
                "socket,id=c,server=on,wait=off,path=" + temp.resolve("qmp"),
                "--monitor",
                "c"));
    args.addAll(List.of(more));
    Stdio stdio = new Stdio(InputStream.nullInputStream(), out, err, false);
    return CompletableFuture.supplyAsync(() -> Main.run(args, stdio));
  }

  /** A request of each line; the replies, without events. */
  private List<String> ask(String... requests) throws IOException {
    Path socket = temp.resolve("qmp");
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> Tools.listens(socket));
    List<String> replies = new ArrayList<>();
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        Scanner lines = new Scanner(Channels.newInputStream(channel), StandardCharsets.UTF_8)) {
      replies.add(lines.nextLine());
      for (String request : requests) {
        channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
        String line = lines.nextLine();
        while (line.startsWith("{\"timestamp\": ")) {
          line = lines.nextLine();
        }
        replies.add(line);
      }
    }
    return replies;
  }

  private Path image() throws IOException {
    Path file = temp.resolve("disk");
    try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "rw")) {
      image.setLength(1 << 20);
    }
    return file;
  }

  @Test
  void whatTheOptionsMakeIsThereAndQuitEndsIt() throws Exception {
    Path pid = temp.resolve("pid");
    CompletableFuture<Integer> daemon =
        start(
            "daemon",
            "--blockdev",
            "file,node-name=f,filename=" + image(),
            "--blockdev",
            "{\"driver\": \"blkdebug\", \"node-name\": \"d\", \"image\": \"f\"}",
            "--blockdev",
            "raw,node-name=r,file=d",
            "--nbd-server",
            "addr.type=unix,addr.path=" + temp.resolve("nbd"),
            "--export",
            "nbd,id=e,node-name=r,name=x,writable=on",
            "--pidfile",
            pid.toString());
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(pid));
    List<String> replies =
        ask(
            "{'execute': 'qmp_capabilities'}",
            "{'execute': 'query-block-exports'}",
            "{'execute': 'human-monitor-command', 'arguments': {'command-line': 'qemu-io r \"write"
                + " -P 7 0 4k\"'}}",
            "{'execute': 'quit'}");
    assertThat(replies.get(0)).startsWith("{\"QMP\": ");
    assertThat(replies.get(2)).contains("\"id\": \"e\"");
    assertThat(replies.get(3)).contains("wrote 4096/4096 bytes at offset 0");
    assertThat(replies.get(4)).isEqualTo("{\"return\": {}}");
    assertThat(daemon.get(60, TimeUnit.SECONDS)).isZero();
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(pid).doesNotExist();
    assertThat(Files.readAllBytes(temp.resolve("disk"))[4095]).isEqualTo((byte) 7);
  }

  @Test
  void theGreetingTellsOurVersionOrQemus() throws Exception {
    CompletableFuture<Integer> own = start("daemon");
    assertThat(ask("{'execute': 'qmp_capabilities'}", "{'execute': 'quit'}").get(0))
        .contains("\"major\": 0")
        .contains("\"package\": \"faultdisk ");
    own.get(60, TimeUnit.SECONDS);
    CompletableFuture<Integer> qemu = start("qemu-storage-daemon");
    assertThat(ask("{'execute': 'qmp_capabilities'}", "{'execute': 'quit'}").get(0))
        .contains("\"micro\": 22, \"minor\": 2, \"major\": 7");
    qemu.get(60, TimeUnit.SECONDS);
  }

  @Test
  void onlyOurNameTakesDriversAndRulesOfOurs() throws Exception {
    String node =
        "{'execute': 'blockdev-add', 'arguments': {'driver': 'blkdebug', 'node-name': 'd', 'image':"
            + " {'driver': 'memory', 'size': 4096}, 'delay': [{'event': 'none', 'delay-ns': 1}]}}";
    CompletableFuture<Integer> own = start("daemon");
    assertThat(ask("{'execute': 'qmp_capabilities'}", node, "{'execute': 'quit'}").get(2))
        .doesNotContain("'image'")
        .doesNotContain("does not accept value 'memory'");
    own.get(60, TimeUnit.SECONDS);
    CompletableFuture<Integer> qemu = start("qemu-storage-daemon");
    assertThat(ask("{'execute': 'qmp_capabilities'}", node, "{'execute': 'quit'}").get(2))
        .contains("Parameter 'driver' does not accept value 'memory'");
    qemu.get(60, TimeUnit.SECONDS);
  }

  /** README's "Watch it live": a disk in one word, a rule over HTTP, met by an NBD client. */
  @Test
  void aDiskInOneWordIsControlledOverHttp() throws Exception {
    Path socket = temp.resolve("nbd");
    CompletableFuture<Integer> daemon =
        start(
            "daemon",
            "--nbd-server",
            "addr.type=unix,addr.path=" + socket,
            "--disk",
            "memory:1M",
            "--http",
            "0,token=a-token-for-one-test");
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> out.toString(StandardCharsets.UTF_8).matches("(?s).*console: http.*\n"));
    List<String> said = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(said.get(0)).isEqualTo("disk:    nbd+unix:///disk?socket=" + socket);
    URI console = URI.create(said.get(1).substring("console: ".length()));
    assertThat(console.getQuery()).isEqualTo("token=a-token-for-one-test");

    HttpRequest.Builder request =
        HttpRequest.newBuilder(console.resolve("/disks/disk/faults"))
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"kind\": \"inject-error\", \"sector\": 10, \"errno\": \"ENOSPC\"}"));
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertThat(client.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(401);
      request.header("Authorization", "Bearer a-token-for-one-test");
      assertThat(client.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(201);
    }
    ByteArrayOutputStream seen = new ByteArrayOutputStream();
    int code =
        Main.run(
            List.of(
                "io",
                "-f",
                "raw",
                "-c",
                "read 5k 512",
                "-c",
                "read 0 512",
                "nbd+unix:///disk?socket=" + socket),
            new Stdio(InputStream.nullInputStream(), seen, err, false));
    assertThat(code).isEqualTo(1);
    assertThat(seen.toString(StandardCharsets.UTF_8))
        .contains("read failed: No space left on device")
        .contains("read 512/512 bytes at offset 0");

    assertThat(
            ask(
                    "{'execute': 'qmp_capabilities'}",
                    "{'execute': '__io.faultdisk_query-disks'}",
                    "{'execute': 'quit'}")
                .get(2))
        .contains("\"injected\": 1");
    assertThat(daemon.get(60, TimeUnit.SECONDS)).isZero();
  }
}
