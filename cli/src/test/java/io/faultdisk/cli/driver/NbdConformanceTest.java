package io.faultdisk.cli.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Tools;
import io.faultdisk.cli.call.Workbench;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.SoftAssertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tools, real and ours, as clients of the same real servers: text, exit codes, content. */
final class NbdConformanceTest {
  private static final String SOCKET = "{dir}.socket";
  private static final String DISK = "nbd+unix:///?socket=" + SOCKET;

  @TempDir Path temp;

  private Workbench bench;

  @BeforeEach
  void requireTools() {
    Assumptions.assumeTrue(
        Tools.realToolsExist(), "qemu-io is not installed (Debian: apt install qemu-utils)");
    String version = Tools.realVersion();
    Assumptions.assumeTrue(
        version.contains(" 7.2."), "the installed qemu-img is not release 7.2: " + version);
    bench = new Workbench(temp.resolve("dir"));
  }

  private static ToolCall io(String commands, String... options) {
    List<String> args = new ArrayList<>(List.of(options));
    for (String command : commands.split(";")) {
      args.add("-c");
      args.add(command.trim());
    }
    args.add(ToolCall.DISK);
    return new ToolCall("qemu-io", args);
  }

  private interface Side {
    List<ToolOutput> run(List<ToolCall> calls, String disk);
  }

  /** Both sides meet a server that has just been started. */
  private void compare(List<String> server, String disk, List<ToolCall> calls) throws Exception {
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin", server.get(0))),
        server.get(0) + " is not installed");
    List<ToolOutput> real = run(server, disk, calls, bench::real);
    Map<String, byte[]> realFiles = bench.files();
    List<ToolOutput> ours = run(server, disk, calls, bench::ours);
    SoftAssertions.assertSoftly(
        softly -> {
          for (int i = 0; i < calls.size(); i++) {
            softly.assertThat(real.get(i).exitCode()).isNotEqualTo(ToolOutput.HUNG);
            softly.assertThat(ours.get(i)).as(calls.get(i).toString()).isEqualTo(real.get(i));
          }
        });
    assertThat(Workbench.differing(realFiles, bench.files())).isEmpty();
  }

  private List<ToolOutput> run(List<String> server, String disk, List<ToolCall> calls, Side side)
      throws Exception {
    bench.setTo(Map.of("disk.raw", new byte[1 << 20]));
    String dir = bench.dir().toString();
    Path socket = Path.of(SOCKET.replace(ToolCall.DIR, dir));
    Files.deleteIfExists(socket);
    List<String> command = new ArrayList<>();
    server.forEach(word -> command.add(word.replace(ToolCall.DIR, dir)));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(temp.resolve("server.log").toFile())
            .start();
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> !process.isAlive() || answers(socket));
      assertThat(process.isAlive()).as("%s goes on", command).isTrue();
      return side.run(calls, disk);
    } finally {
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static boolean answers(Path socket) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static List<String> nbdkit(String arguments) {
    List<String> command = new ArrayList<>(List.of("nbdkit", "-f", "-U", SOCKET));
    command.addAll(List.of(arguments.split(" ")));
    return command;
  }

  private static final List<ToolCall> LOOKS =
      List.of(
          new ToolCall("qemu-img", List.of("info", ToolCall.DISK)),
          new ToolCall("qemu-img", List.of("info", "--output=json", ToolCall.DISK)),
          new ToolCall("qemu-img", List.of("map", "--output=json", "-f", "raw", ToolCall.DISK)),
          new ToolCall("qemu-img", List.of("map", "-f", "raw", ToolCall.DISK)),
          new ToolCall("qemu-img", List.of("check", "-f", "raw", ToolCall.DISK)),
          new ToolCall("qemu-img", List.of("measure", "-O", "qcow2", "-f", "raw", ToolCall.DISK)));

  private static final ToolCall EVERYTHING =
      io(
          "write -P 3 0 64k; read -P 3 0 64k; read -P 4 0 64k; write -z 64k 64k; read -P 0 64k 64k;"
              + " write -zu 64k 64k; write -zun 64k 64k; write -zn 0 4k; write -f 0 4k; discard 0"
              + " 64k; flush; length; info; map; alloc 0 64k; truncate 512k; truncate 8M; read 4M"
              + " 1; read 900k 200k; read 1 1; write 1 1; write -z 100 100; aio_write -P 9 4k 8k;"
              + " aio_flush; aio_read -P 9 4k 8k; aio_flush; readv -P 0 0 512 512; writev -P 7 0"
              + " 512 512; read -v 500 40; reopen -r; write 0 1k; read 0 1k",
          "-t",
          "writeback",
          "-f",
          "raw");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "memory 1M",
        "-r memory 1M",
        "--no-sr memory 1M",
        "-o memory 1M",
        "memory 1000001",
        "null 0",
        "--filter=blocksize-policy memory 1M blocksize-minimum=4096 blocksize-maximum=64k"
            + " blocksize-error-policy=error",
        "--filter=error memory 1M error-pread-rate=100% error-pread=ENOSPC",
        "--filter=error memory 1M error-pwrite-rate=100% error-pwrite=EPERM",
        "--filter=error memory 1M error-zero-rate=100% error-trim-rate=100% error=EIO",
        "--filter=nozero --filter=noextents memory 1M",
        "--filter=nozero memory 1M zeromode=notrim",
        "--filter=fua memory 1M fuamode=emulate",
        "--filter=fua memory 1M fuamode=native",
        "file {dir}/disk.raw"
      })
  void clientsOfNbdkit(String arguments) throws Exception {
    List<ToolCall> calls = new ArrayList<>(LOOKS);
    calls.add(EVERYTHING);
    calls.addAll(LOOKS);
    calls.add(io("read 0 512; write 0 512; reopen -w; info", "-r", "-f", "raw"));
    compare(nbdkit(arguments), DISK, calls);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-r", "--discard=unmap", "--allocation-depth"})
  void clientsOfQemuNbd(String options) throws Exception {
    List<String> server = new ArrayList<>(List.of("qemu-nbd", "-t", "-k", SOCKET));
    for (String option : options.split(" ")) {
      if (!option.isEmpty()) {
        server.add(option);
      }
    }
    server.addAll(List.of("-f", "raw", "{dir}/disk.raw"));
    List<ToolCall> calls = new ArrayList<>(LOOKS);
    calls.add(EVERYTHING);
    calls.addAll(LOOKS);
    compare(server, DISK, calls);
  }

  /** Whole disks, there and back. */
  @ParameterizedTest
  @ValueSource(strings = {"memory 1M", "--no-sr memory 1M", "memory 1100001", "-r memory 1M"})
  void wholeDisks(String arguments) throws Exception {
    String[] lines = {
      "create -f raw {disk} 1M",
      "create -f raw {disk} 5M",
      "create -f qcow2 {disk} 512k",
      "info {disk}",
      "check {disk}",
      "convert -f qcow2 -O raw {disk} {dir}/empty.raw",
      "create -f qcow2 {disk} 100G",
      "create -f nbd {disk} 1M",
      "resize -f raw {disk} 5M",
      "resize -f raw --shrink {disk} 512k",
      "create -q -f qcow2 {dir}/a.qcow2 1M",
      "convert -f raw -O raw -n {dir}/disk.raw {disk}",
      "convert -f raw -O raw {dir}/disk.raw {disk}",
      "convert -n -p -W -m 16 -f raw -O raw {dir}/disk.raw {disk}",
      "convert -n -S 0 -f raw -O raw {dir}/disk.raw {disk}",
      "convert -f raw -O qcow2 {disk} {dir}/b.qcow2",
      "compare -f raw -F qcow2 {disk} {dir}/b.qcow2",
      "create -f qcow2 -b {disk} -F raw {dir}/overlay.qcow2",
      "info --backing-chain {dir}/overlay.qcow2",
      "map --output=json {dir}/overlay.qcow2",
      "commit {dir}/overlay.qcow2",
      "dd -f raw -O raw bs=64k if={disk} of={dir}/dd.raw",
      "snapshot -l {disk}",
      "amend -f raw -o size=1M {disk}"
    };
    List<ToolCall> calls = new ArrayList<>();
    for (String line : lines) {
      calls.add(new ToolCall("qemu-img", List.of(line.split(" "))));
    }
    compare(nbdkit(arguments), DISK, calls);
  }

  /** Ways to say where it is, and what it is called. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-e disk memory 1M|nbd:unix:{dir}.socket:exportname=disk",
        "-e disk memory 1M|nbd:unix:{dir}.socket",
        "-e disk memory 1M|nbd+unix:///disk?socket={dir}.socket",
        "-e disk memory 1M|nbd+unix:///other?socket={dir}.socket",
        "--filter=exportname memory 1M exportname-strict=true exportname=a|"
            + "nbd+unix:///b?socket={dir}.socket",
        "-o memory 1M|nbd+unix:///b?socket={dir}.socket",
        "memory 1M|json:{\"driver\":\"nbd\",\"path\":\"{dir}.socket\"}",
        "memory"
            + " 1M|json:{\"driver\":\"nbd\",\"server\":{\"type\":\"unix\",\"path\":\"{dir}.socket\"},\"export\":\"x"
            + " y\",\"reconnect-delay\":3}",
        "memory 1M|json:{\"driver\":\"nbd\",\"path\":\"{dir}.socket\",\"x-dirty-bitmap\":\"foo\"}",
      })
  void namesOfExports(String arguments, String disk) throws Exception {
    compare(
        nbdkit(arguments),
        disk,
        List.of(
            new ToolCall("qemu-img", List.of("info", ToolCall.DISK)),
            io("read 0 512; length; info; map"),
            io("read 0 512; write 0 512", "-r")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "driver=nbd,path={dir}.socket",
        "driver=nbd,path={dir}.socket,read-only=on",
        "driver=raw,offset=64k,size=128k,file.driver=nbd,file.path={dir}.socket",
        "driver=nbd,path={dir}.socket,detect-zeroes=on,open-timeout=5",
        "driver=nbd,path={dir}.socket,cache.direct=on",
        "driver=nbd,server.type=unix,server.path={dir}.socket,x-dirty-bitmap=qemu:dirty-bitmap:b"
      })
  void options(String disk) throws Exception {
    for (String arguments : List.of("memory 1M", "-r memory 1M")) {
      compare(
          nbdkit(arguments),
          disk,
          List.of(io("read 0 512; write 0 512; length; info; map; reopen -w", "--image-opts")));
    }
  }

  /** A server that is gone in the middle of a read, and does not come back. */
  @ParameterizedTest
  @ValueSource(strings = {"", ",reconnect-delay=1"})
  void serversThatDie(String options) throws Exception {
    List<String> server =
        List.of(
            "nbdkit",
            "-f",
            "-U",
            SOCKET,
            "eval",
            "get_size=echo 1048576",
            // Nobody else would remove its scripts.
            "pread=if [ $4 -ge 4096 ]; then rm -r \"$tmpdir\"; kill -9 $PPID; fi;"
                + " dd if=/dev/zero count=$3 iflag=count_bytes status=none");
    compare(
        server,
        "driver=nbd,path=" + SOCKET + options,
        List.of(
            io(
                "read 0 512; read 8k 512; read 0 512; aio_read 0 512; aio_read 512 512; aio_flush;"
                    + " flush; length",
                "-r",
                "--image-opts"),
            io("length", "-r", "--image-opts")));
  }

  /** Nobody listens, or it is no address at all. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "nbd://127.0.0.1:1",
        "nbd://localhost:1/disk",
        "nbd://[::1]:1/",
        "nbd://127.1:1/",
        "nbd://user@127.0.0.1:1",
        "nbd://127.0.0.1:1?x",
        "nbd://127.0.0.1:/",
        "nbd://127.0.0.1:x/",
        "nbd://127.0.0.1:70000/",
        "nbd://no_such.host.invalid/",
        "nbd://",
        "nbd:///disk",
        "nbd+tcp://127.0.0.1:1",
        "nbd+unix:///disk",
        "nbd+unix:///disk?socket={dir}/none",
        "nbd+unix:///?socket={dir}/none&socket={dir}/two",
        "nbd+unix:///?socket={dir}/none&foo=bar",
        "nbd+unix://host/disk?socket={dir}/none",
        "nbd",
        "nbd:",
        "nbd::",
        "nbd::1",
        "nbd:127.0.0.1",
        "nbd:127.0.0.1:",
        "nbd:127.0.0.1:1",
        "nbd:127.0.0.1:1:2",
        "nbd:127.0.0.1:99999",
        "nbd:127.0.0.1:1,ipv4=on",
        "nbd:127.0.0.1:1,nonsense",
        "nbd:[::1]:1",
        "nbd:[::1:1",
        "nbd:[]:1",
        "nbd:[::1]",
        "nbd:unix:",
        "nbd:unix:{dir}/none",
        "nbd:unix:{dir}/none:exportname=",
        "nbd:unix:{dir}/none:exportname=x"
      })
  void addresses(String disk) {
    both(disk, new ToolCall("qemu-img", List.of("info", ToolCall.DISK)));
  }

  private void both(String disk, ToolCall call) {
    bench.setTo(Map.of());
    assertThat(bench.ours(List.of(call), disk)).isEqualTo(bench.real(List.of(call), disk));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "driver=nbd",
        "driver=nbd,host=x,path=y",
        "driver=nbd,port=1",
        "driver=nbd,path=/x,port=1",
        "driver=nbd,path={dir}/none",
        "driver=nbd,host=127.0.0.1,port=1",
        "driver=nbd,host=,port=1",
        "driver=nbd,server.type=inet",
        "driver=nbd,server.type=inet,server.host=127.0.0.1",
        "driver=nbd,server.type=unix",
        "driver=nbd,server.type=nonsense,server.path={dir}/none",
        "driver=nbd,server.type=unix,server.path={dir}/none,server.foo=1",
        "driver=nbd,server.path={dir}/none",
        "driver=nbd,server.type=unix,server.path={dir}/none,path={dir}/none",
        "driver=nbd,path={dir}/none,reconnect-delay=x",
        "driver=nbd,path={dir}/none,reconnect-delay=-1",
        "driver=nbd,path={dir}/none,open-timeout=x",
        "driver=nbd,path={dir}/none,foo=bar",
        "driver=nbd,server.type=inet,server.host=127.0.0.1,server.port=1,server.ipv4=on",
        "driver=nbd,server.type=inet,server.host=127.0.0.1,server.port=1,server.ipv6=x",
        "driver=nbd,server.type=inet,server.host=127.0.0.1,server.port=1,server.keep-alive=on",
        "driver=nbd,server.type=inet,server.host=127.0.0.1,server.port=1,server.to=5",
        "driver=nbd,filename=nbd:unix:{dir}/none",
        "driver=nbd,filename=nbd:unix:{dir}/none,export=x",
        "driver=nbd,filename=nbd:unix:{dir}/none,host=a"
      })
  void wrongOptions(String disk) {
    both(disk, new ToolCall("qemu-img", List.of("info", "--image-opts", ToolCall.DISK)));
  }
}
