package io.faultdisk.dist;

import io.faultdisk.cli.Main;
import io.faultdisk.cli.Stdio;
import java.io.ByteArrayInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the usual commands once, in one process, so that the JVM can record in its ahead-of-time
 * cache what they load. Started by the launcher after a build; not a benchmark and not a test:
 * outcomes don't matter, but what is missing here starts slower.
 */
public final class Training {
  private static final String RULES =
      """
      [inject-error]
      event = "read_aio"
      state = "1"
      errno = "5"
      sector = "8"
      once = "on"
      immediately = "off"
      iotype = "read"

      [set-state]
      event = "write_aio"
      state = "1"
      new_state = "2"
      """;

  private static final String SCRIPT =
      """
      help
      open -o driver=blkdebug,inject-error.0.event=read_aio,image.driver=raw,image.file.driver=null-co memory:
      read 0 512
      read -v -q 4k 512
      read -P 7 0 4k
      write -P 7 0 4k
      write -z 16k 4k
      write -f 0 4k
      aio_write 8k 4k
      aio_read 8k 4k
      aio_flush
      flush
      writev 0 1k 2k
      readv 0 1k 2k
      discard 32k 4k
      alloc 0
      map
      length
      break read_aio A
      aio_read 0 512
      wait_break A
      resume A
      remove_break B
      faults
      truncate 2M
      info
      read 1 1
      nonsense
      quit
      """;

  private Training() {}

  /**
   * Runs the commands and exits.
   *
   * @param args a directory that may be written to
   */
  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    String image = directory.resolve("train.img").toString();
    String rules = directory.resolve("train.conf").toString();
    Files.writeString(directory.resolve("train.conf"), RULES);
    try (RandomAccessFile file = new RandomAccessFile(image, "rw")) {
      file.setLength(1 << 20);
    }

    run("", "--help");
    run("", "--version");
    run("", "io", "--help");
    run("", "img", "--help");
    run("", "rules", "--help");
    run("", "rules", "check", rules);
    run(SCRIPT, "io", "memory:1M");
    run(SCRIPT, "qemu-io", "-f", "raw", "-c", "read 0 512", "-c", "quit", image);
    run(SCRIPT, "qemu-io", "-f", "raw", "blkdebug:" + rules + ":" + image);
    run(
        SCRIPT,
        "qemu-io",
        "json:{'driver': 'raw', 'file': {'driver': 'file', 'filename': '" + image + "'}}");
    run(SCRIPT, "qemu-io", "--image-opts", "driver=raw,file.filename=" + image);
    run("", "qemu-io", "no such file");
    images(directory);
    server(directory);
    daemon(directory);

    // Last, because it exits: the real way in, with the process's own streams.
    Main.main(new String[] {"io", "-f", "raw", "-c", "write 0 4k", "-c", "read 0 4k", image});
  }

  /** What people do with qcow2 images, with and without rules. */
  private static void images(Path directory) {
    String base = directory.resolve("base.qcow2").toString();
    String top = directory.resolve("top.qcow2").toString();
    String copy = directory.resolve("copy.qcow2").toString();
    String raw = directory.resolve("copy.raw").toString();
    String faulty = "blkdebug:" + directory.resolve("train.conf") + ":" + top;
    img("--help");
    img("create", "-f", "qcow2", "-o", "help", base);
    img("create", "-f", "qcow2", "-o", "cluster_size=4k", base, "4M");
    run(SCRIPT, "qemu-io", "-f", "qcow2", base);
    img("create", "-f", "qcow2", "-b", "base.qcow2", "-F", "qcow2", top);
    run(SCRIPT, "qemu-io", faulty);
    run("", "io", "-c", "write -c 1M 64k", "-c", "read 1M 64k", "-c", "read 0 2M", top);
    for (String name : List.of("info", "check", "map", "measure")) {
      img(name, top);
      img(name, "--output=json", top);
      img(name, faulty);
    }
    img("info", "--backing-chain", top);
    img("snapshot", "-c", "one", top);
    img("snapshot", "-l", top);
    run("", "qemu-io", "-c", "write 0 256k", "-c", "discard 64k 64k", top);
    img("snapshot", "-a", "one", top);
    img("snapshot", "-d", "one", top);
    img("resize", top, "+1M");
    img("amend", "-o", "compat=0.10", top);
    img("amend", "-o", "compat=1.1", top);
    img("bitmap", "--add", top, "bitmap");
    img("bitmap", "--remove", top, "bitmap");
    img("convert", "-O", "qcow2", "-c", top, copy);
    img("convert", "-p", "-O", "raw", top, raw);
    img("compare", top, raw);
    img("dd", "-O", "raw", "bs=64k", "if=" + top, "of=" + copy);
    img("rebase", "-f", "qcow2", "-b", "", top);
    img("rebase", "-u", "-b", "base.qcow2", "-F", "qcow2", top);
    img("commit", top);
    img("check", "-r", "all", top);
    img("bench", "-c", "100", "-w", "-f", "qcow2", top);
    img("create", "-f", "qcow2", directory.resolve("no/such").toString(), "1M");
    img("nonsense");
  }

  /** A server, started in this process; it ends with its client. */
  private static void server(Path directory) throws IOException {
    String image = directory.resolve("train.img").toString();
    String faulty = "blkdebug:" + directory.resolve("train.conf") + ":" + image;
    Path socket = directory.resolve("s");
    run("", "nbd", "--help");
    run("", "qemu-nbd", "-k", socket.toString(), "no such file");
    Thread thread =
        new Thread(() -> run("", "qemu-nbd", "-k", socket.toString(), "-f", "raw", faulty));
    thread.start();
    try {
      for (int i = 0; i < 100 && !Files.exists(socket); i++) {
        thread.join(20);
      }
      run("", "qemu-nbd", "-L", "-k", socket.toString());
      run(SCRIPT, "qemu-io", "-f", "raw", "nbd+unix:///?socket=" + socket);
      thread.join(2000);
      thread.interrupt();
      thread.join(2000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A daemon that a client on its standard input talks to, and ends. */
  private static void daemon(Path directory) {
    String socket = directory.resolve("d").toString();
    run("", "daemon", "--help");
    run(
        """
        {"execute": "qmp_capabilities"}
        {"execute": "query-named-block-nodes"}
        {"execute": "blockdev-add", "arguments":
          {"driver": "raw", "node-name": "n", "file": {"driver": "null-co", "read-zeroes": true}}}
        {"execute": "block-export-add", "arguments": {"type": "nbd", "id": "e", "node-name": "n"}}
        {"execute": "nonsense"}
        {"execute": "quit"}
        """,
        "daemon",
        "--blockdev",
        "driver=file,node-name=f,filename=" + directory.resolve("train.img"),
        "--blockdev",
        "driver=raw,node-name=r,file=f",
        "--nbd-server",
        "addr.type=unix,addr.path=" + socket,
        "--disk",
        "memory:1M",
        "--http",
        "0",
        "--chardev",
        "stdio,id=c",
        "--monitor",
        "c");
  }

  private static void img(String... args) {
    List<String> words = new ArrayList<>(List.of("qemu-img"));
    words.addAll(List.of(args));
    run("", words.toArray(String[]::new));
  }

  private static void run(String input, String... args) {
    InputStream in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
    OutputStream log = new FileOutputStream(FileDescriptor.out);
    Main.run(List.of(args), new Stdio(in, log, log, false));
  }
}
