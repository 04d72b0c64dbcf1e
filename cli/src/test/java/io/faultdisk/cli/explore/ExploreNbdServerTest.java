package io.faultdisk.cli.explore;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.cli.Main;
import io.faultdisk.cli.Stdio;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.explore.Case;
import io.faultdisk.explore.CaseResult;
import io.faultdisk.explore.ExplorationPlan;
import io.faultdisk.explore.Explorer;
import io.faultdisk.explore.ResultSink;
import io.faultdisk.explore.Results;
import io.faultdisk.explore.Verdict;
import io.faultdisk.explore.disk.DiskContent;
import io.faultdisk.explore.disk.DiskSubject;
import io.faultdisk.explore.disk.DiskUnderTest;
import io.faultdisk.explore.disk.DiskWorkload;
import io.faultdisk.nbd.server.Export;
import io.faultdisk.nbd.server.NbdServer;
import io.faultdisk.nbd.server.ServerLimits;
import io.faultdisk.nbd.server.ServerTurns;
import io.faultdisk.nbd.server.Sockets;
import io.faultdisk.rules.Dialect;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The write path of the NBD server under every error and every power cut: a client writes, writes
 * zeroes, trims and flushes through a socket, and what the server has acknowledged must hold.
 */
final class ExploreNbdServerTest {
  private static final List<String> COMMANDS =
      List.of(
          "write -P 1 0 128k",
          "flush",
          "write -P 2 1000 3000",
          "write -z 64k 32k",
          "write -f -P 3 512k 4k",
          "discard 0 64k",
          "write -P 4 1M 64k",
          "flush",
          "write -P 5 1M 512");

  @TempDir Path temp;

  private final AtomicInteger sockets = new AtomicInteger();

  private final class ThroughServer implements DiskWorkload {
    @Override
    public String description() {
      return "io through a server";
    }

    @Override
    public boolean isRepeatable() {
      return true;
    }

    @Override
    public Optional<String> commandLine(Tool tool, String image) {
      return Optional.empty();
    }

    @Override
    public Ending run(DiskUnderTest disk) {
      Path socket = temp.resolve("s" + sockets.incrementAndGet());
      ByteArrayOutputStream said = new ByteArrayOutputStream();
      BlockGraph graph =
          new BlockGraph(
              disk.drivers(Drivers.all(Dialect.FAULTDISK)), new ServerTurns(), text -> {});
      disk.watch(graph);
      try (graph;
          NbdServer server = new NbdServer(ServerLimits.DEFAULT, Optional.empty(), text -> {})) {
        BlockBackend image = graph.open(Optional.empty(), disk.options(), OpenFlags.TOOL);
        image.writeThrough(false);
        server.add(new Export(image, Export.Settings.named("")));
        server.listen(Sockets.unix(socket));
        List<String> words = new ArrayList<>(List.of("io", "-t", "writeback", "-f", "raw"));
        for (String command : COMMANDS) {
          words.addAll(List.of("-c", command));
        }
        words.add("nbd+unix:///?socket=" + socket);
        int exit = Main.run(words, new Stdio(InputStream.nullInputStream(), said, said, false));
        return new Ending(exit, false, said.toString(StandardCharsets.UTF_8));
      } catch (UsageException | IOException refused) {
        return new Ending(1, false, String.valueOf(refused.getMessage()));
      }
    }
  }

  private Results explore(DiskContent start, String format) throws Exception {
    DiskSubject subject =
        new DiskSubject(
            new ThroughServer(), start, format, () -> Drivers.all(Dialect.FAULTDISK), tool -> "");
    ExplorationPlan plan =
        ExplorationPlan.standard(new Seed(1))
            .withFamilies(EnumSet.of(Case.Family.ERRORS, Case.Family.CRASHES))
            .withErrnos(List.of(Errno.EIO));
    return new Explorer(subject, plan, Explorer.Settings.standard().withTimeLimitMillis(60_000))
        .run(ResultSink.none());
  }

  @Test
  void raw() throws Exception {
    Results results = explore(DiskContent.empty(4 << 20), "raw");
    assertThat(results.failures()).isEmpty();
    assertThat(results.counts().get(Verdict.MISSED)).isZero();
    assertThat(results.heading().points()).isGreaterThan(8);
    assertThat(results.heading().states()).isGreaterThan(15);
  }

  /** But for the flush behind the L1 table, as in QEMU: see docs/findings.md. */
  @Test
  void qcow2() throws Exception {
    Path image = temp.resolve("start.qcow2");
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int exit =
        Main.run(
            List.of("img", "create", "-q", "-f", "qcow2", image.toString(), "4M"),
            new Stdio(InputStream.nullInputStream(), said, said, false));
    assertThat(exit).as(said.toString(StandardCharsets.UTF_8)).isZero();
    Results results = explore(DiskContent.of(image), "qcow2");
    Files.delete(image);
    assertThat(results.counts().get(Verdict.MISSED)).isZero();
    assertThat(results.failures())
        .extracting(CaseResult::id)
        .allSatisfy(id -> assertThat(id).startsWith("e2 pwritev_done#1 flush: EIO"));
    assertThat(results.heading().states()).isGreaterThan(30);
  }
}
