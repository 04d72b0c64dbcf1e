package io.faultdisk.cli.own;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.Main;
import io.faultdisk.cli.Stdio;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.nbd.server.Export;
import io.faultdisk.nbd.server.NbdServer;
import io.faultdisk.nbd.server.ServerLimits;
import io.faultdisk.nbd.server.ServerTurns;
import io.faultdisk.nbd.server.Sockets;
import io.faultdisk.rules.Dialect;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench nbd}: options, reports, messages; a server of ours in this process is measured. */
@Timeout(120)
class BenchNbdTest {
  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private BlockGraph graph;
  private NbdServer server;
  private String uri;

  @BeforeEach
  void serve() throws Exception {
    graph = new BlockGraph(Drivers.all(Dialect.FAULTDISK), new ServerTurns(), _ -> {});
    String options =
        "driver=raw,file.driver=blkdebug,file.inject-error.0.event=write_aio"
            + ",file.inject-error.0.errno=28,file.inject-error.0.iotype=write"
            + ",file.image.driver=memory,file.image.size=1M";
    BlockBackend image =
        graph.open(
            Optional.empty(),
            Options.parse(options, _ -> {}),
            OpenFlags.TOOL.withCache(false, false, false));
    server = new NbdServer(ServerLimits.DEFAULT, Optional.empty(), _ -> {});
    server.add(new Export(image, Export.Settings.named("")));
    server.add(new Export(image, Export.Settings.named("ro").withReadOnly(true)));
    server.listen(Sockets.unix(directory.resolve("s")));
    uri = "nbd+unix:///?socket=" + directory.resolve("s");
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    graph.close();
  }

  private int run(String... args) {
    List<String> words = new ArrayList<>(List.of("bench", "nbd"));
    words.addAll(List.of(args));
    return Main.run(words, new Stdio(new ByteArrayInputStream(new byte[0]), out, err, false));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void printsATable() {
    assertThat(run("--rw", "randrw", "--requests", "300", "--seed", "7", uri)).isZero();
    assertThat(err()).isEmpty();
    assertThat(
            out()
                .lines()
                .map(line -> line.strip().replaceAll(" +", " ").replaceAll("[0-9.]+", "N")))
        .containsExactly(
            "randrw (N% reads), N KiB requests, depth N, N connection, N s, seed NxN",
            "latency in us",
            "requests IOPS MiB/s min median pN pN pN max",
            "read N N N N N N N N N",
            "write N N N N N N N N N",
            "write N ENOSPC (No space left on device)");
  }

  /** Programs read it, so names may be added but none may change. */
  @Test
  void printsJson() {
    assertThat(
            run(
                "--json",
                "--rw",
                "randrw",
                "--read-percent",
                "0",
                "--requests",
                "9",
                "--seed",
                "7",
                uri))
        .isZero();
    assertThat(out().replace(uri, "URI").replaceAll(": [0-9]+[.][0-9]+", ": N"))
        .isEqualTo(
            """
            {
                "seconds": N,
                "uri": "URI",
                "size": 1048576,
                "read": {
                    "mib-per-second": N,
                    "errors": {
                    },
                    "bytes": 0,
                    "requests": 0,
                    "iops": N,
                    "latency-us": {
                        "p99.9": N,
                        "min": N,
                        "mean": N,
                        "median": N,
                        "max": N,
                        "p99": N,
                        "p95": N
                    }
                },
                "write": {
                    "mib-per-second": N,
                    "errors": {
                        "ENOSPC": 9
                    },
                    "bytes": 0,
                    "requests": 0,
                    "iops": N,
                    "latency-us": {
                        "p99.9": N,
                        "min": N,
                        "mean": N,
                        "median": N,
                        "max": N,
                        "p99": N,
                        "p95": N
                    }
                },
                "bs": 4096,
                "depth": 16,
                "seed": "0x7",
                "read-percent": 0,
                "rw": "randrw",
                "connections": 1
            }
            """);
  }

  @Test
  void refusesWhatMakesNoSense() {
    String[][] mistakes = {
      {
        "--rw",
        "readwrite",
        "--rw: 'readwrite' is not one of read, write, randread, randwrite, randrw"
      },
      {"--bs", "0", "--bs: '0' is not a size above 0, such as 4096 or 4k"},
      {"--bs", "33M", "--bs: '33M' is not at most 32M"},
      {"--depth", "0", "--depth: '0' is not from 1 to 4096"},
      {"--connections", "1025", "--connections: '1025' is not from 1 to 1024"},
      {"--time", "0s", "--time: '0s' is not a time above 0, such as 500ms or 5s"},
      {"--time", "5h", "--time: '5h' is not a time above 0, such as 500ms or 5s"},
      {"--warmup", "", "--warmup: '' is not a time, such as 500ms or 5s"},
      {"--requests", "0", "--requests: '0' is not at least 1"},
      {"--seed", "x", "'x' is not a seed"},
      {"--read-percent", "50", "--read-percent needs --rw randrw"},
      {"--server-pid", "-1", "--server-pid: '-1' is not a process that runs here"},
    };
    for (String[] mistake : mistakes) {
      err.reset();
      assertThat(run(mistake[0] + "=" + mistake[1], uri)).as(mistake[2]).isEqualTo(2);
      assertThat(err())
          .isEqualTo("faultdisk: " + mistake[2] + "\nTry 'faultdisk bench nbd --help'.\n");
    }
    assertThat(out()).isEmpty();
  }

  @Test
  void aBadUriIsNamed() {
    assertThat(run("http://localhost")).isEqualTo(1);
    assertThat(err()).isEqualTo("faultdisk: 'http://localhost' is not an NBD URI\n");
  }

  @Test
  void aServerThatIsNotThereIsNamed() {
    String nowhere = "nbd+unix:///?socket=" + directory.resolve("none");
    assertThat(run(nowhere)).isEqualTo(1);
    assertThat(err())
        .isEqualTo("faultdisk: cannot connect to '" + nowhere + "': No such file or directory\n");
  }

  @Test
  void aReadOnlyExportIsNotWrittenTo() {
    assertThat(run("--rw", "write", uri.replace("///", "///ro"))).isEqualTo(1);
    assertThat(err())
        .isEqualTo("faultdisk: the export is read-only, and write would write to it\n");
  }
}
