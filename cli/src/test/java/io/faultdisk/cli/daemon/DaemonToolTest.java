package io.faultdisk.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.Main;
import io.faultdisk.cli.Stdio;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.UnixDomainSocketAddress;
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
import org.junit.jupiter.api.io.TempDir;

/** The tool as a whole, in this process. */
class DaemonToolTest {
  @TempDir Path temp;

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
    Stdio stdio = new Stdio(InputStream.nullInputStream(), new ByteArrayOutputStream(), err, false);
    return CompletableFuture.supplyAsync(() -> Main.run(args, stdio));
  }

  /** A request of each line; the replies, without events. */
  private List<String> ask(String... requests) throws IOException {
    Path socket = temp.resolve("qmp");
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(socket));
    List<String> replies = new ArrayList<>();
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        Scanner lines = new Scanner(Channels.newInputStream(channel), StandardCharsets.UTF_8)) {
      replies.add(lines.nextLine());
      for (String request : requests) {
        channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
        String line = lines.nextLine();
        while (line.contains("\"event\": \"")) {
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
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(pid));
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
    assertThat(daemon.get(30, TimeUnit.SECONDS)).isZero();
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
    own.get(30, TimeUnit.SECONDS);
    CompletableFuture<Integer> qemu = start("qemu-storage-daemon");
    assertThat(ask("{'execute': 'qmp_capabilities'}", "{'execute': 'quit'}").get(0))
        .contains("\"micro\": 22, \"minor\": 2, \"major\": 7");
    qemu.get(30, TimeUnit.SECONDS);
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
    own.get(30, TimeUnit.SECONDS);
    CompletableFuture<Integer> qemu = start("qemu-storage-daemon");
    assertThat(ask("{'execute': 'qmp_capabilities'}", node, "{'execute': 'quit'}").get(2))
        .contains("Parameter 'driver' does not accept value 'memory'");
    qemu.get(30, TimeUnit.SECONDS);
  }
}
