package io.faultdisk.nbd.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.nbd.NbdUri;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.QemuEvents;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The load against a server of ours in this process. */
@Timeout(120)
class LoadTest {
  private static final int BLOCK = 4096;

  @TempDir Path directory;

  private static LoadResult run(NbdUri uri, LoadPlan plan) throws Exception {
    return Load.run(uri, plan, Clock.system());
  }

  @ParameterizedTest
  @EnumSource(Access.class)
  void answersAsManyRequestsAsWereToBeMade(Access access) throws Exception {
    try (TestServer server = new TestServer(directory, "16M", "")) {
      for (int depth : new int[] {1, 7, 300}) {
        for (int connections : new int[] {1, 3}) {
          for (boolean structured : new boolean[] {false, true}) {
            LoadPlan plan =
                Plans.of(access, BLOCK)
                    .depth(depth)
                    .connections(connections)
                    .structured(structured)
                    .requests(2000);
            LoadResult result = run(server.uri(""), plan);
            long reads = result.reads().map(Answers::succeeded).orElse(0L);
            long writes = result.writes().map(Answers::succeeded).orElse(0L);
            assertThat(reads + writes).as("%s", plan).isEqualTo(2000);
            assertThat(reads > 0).isEqualTo(access.reads());
            assertThat(writes > 0).isEqualTo(access.writes());
            assertThat(result.exportBytes()).isEqualTo(16 << 20);
          }
        }
      }
    }
  }

  /** More than fits into any buffer, in both directions: neither end may wait for the other. */
  @ParameterizedTest
  @ValueSource(ints = {1, 513, 1 << 20, 8 << 20})
  void takesBlocksOfAnyLength(int blockBytes) throws Exception {
    try (TestServer server = new TestServer(directory, "64M", "")) {
      for (Access access : Access.values()) {
        LoadResult result =
            run(server.uri(""), Plans.of(access, blockBytes).depth(16).connections(2).requests(64));
        long bytes =
            result.reads().map(Answers::bytes).orElse(0L)
                + result.writes().map(Answers::bytes).orElse(0L);
        assertThat(bytes).as("%s", access).isEqualTo(64L * blockBytes);
      }
    }
  }

  @Test
  void writesLandInTheRangeAndReadsChangeNothing() throws Exception {
    try (TestServer server = new TestServer(directory, "1M", "")) {
      run(server.uri(""), Plans.of(Access.RANDREAD, BLOCK).depth(4).requests(500));
      assertThat(blocksWritten(server)).isZero();
      // The 17th block is only half inside.
      run(
          server.uri(""),
          Plans.of(Access.WRITE, BLOCK).depth(4).range(16 * BLOCK + BLOCK / 2).requests(17));
      assertThat(blocksWritten(server)).isEqualTo(16);
      assertThat(isWritten(server, 15)).isTrue();
    }
  }

  private static int blocksWritten(TestServer server) throws Exception {
    int count = 0;
    for (int i = 0; i < (1 << 20) / BLOCK; i++) {
      count += isWritten(server, i) ? 1 : 0;
    }
    return count;
  }

  private static boolean isWritten(TestServer server, int block) throws Exception {
    ByteBuffer data = ByteBuffer.allocateDirect(BLOCK);
    server.image().read((long) block * BLOCK, data);
    return !data.rewind().equals(ByteBuffer.allocateDirect(BLOCK));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void countsErrorsAndGoesOn(boolean structured) throws Exception {
    String rules =
        ",inject-error.0.event=read_aio,inject-error.0.errno=5,inject-error.0.once=on"
            + ",inject-error.1.event=write_aio,inject-error.1.errno=28,inject-error.1.iotype=write";
    try (TestServer server = new TestServer(directory, "1M", rules)) {
      LoadPlan plan = Plans.of(Access.RANDRW, BLOCK).depth(8).structured(structured).requests(1000);
      LoadResult result = run(server.uri(""), plan);
      Answers reads = result.reads().orElseThrow();
      Answers writes = result.writes().orElseThrow();
      assertThat(reads.errors()).isEqualTo(Map.of(Errno.EIO, 1L));
      assertThat(writes.errors()).containsOnlyKeys(Errno.ENOSPC);
      assertThat(writes.succeeded()).isZero();
      assertThat(writes.bytes()).isZero();
      assertThat(writes.latencyNanos(99)).isZero();
      assertThat(reads.succeeded() + 1 + writes.errors().get(Errno.ENOSPC)).isEqualTo(1000);
    }
  }

  @Test
  void theTimeOfTheWarmUpDoesNotCount() throws Exception {
    try (TestServer server = new TestServer(directory, "1M", "")) {
      Plans plans = Plans.of(Access.RANDREAD, BLOCK).depth(4).connections(2);
      LoadResult result = run(server.uri(""), plans.time(100_000_000, 300_000_000));
      assertThat(result.elapsedNanos()).isEqualTo(300_000_000);
      assertThat(result.reads().orElseThrow().succeeded()).isPositive();
      assertThat(result.serverCpu()).isPresent();
    }
  }

  @Test
  void theSameSeedMakesTheSameRequests() throws Exception {
    try (TestServer server = new TestServer(directory, "1M", "")) {
      LoadPlan plan = Plans.of(Access.RANDRW, BLOCK).depth(4).connections(3).requests(999);
      long first = run(server.uri(""), plan).reads().orElseThrow().succeeded();
      assertThat(run(server.uri(""), plan).reads().orElseThrow().succeeded()).isEqualTo(first);
    }
  }

  @Test
  void aReadOnlyExportTakesNoWrites() throws Exception {
    try (TestServer server = new TestServer(directory, "1M", "")) {
      assertThatThrownBy(() -> run(server.uri("ro"), Plans.of(Access.RANDWRITE, BLOCK).requests(1)))
          .isInstanceOf(UsageException.class)
          .hasMessage("the export is read-only, and randwrite would write to it");
      LoadResult result = run(server.uri("ro"), Plans.of(Access.READ, BLOCK).requests(1));
      assertThat(result.reads().orElseThrow().succeeded()).isEqualTo(1);
    }
  }

  @Test
  void whatCannotBeIsSaidBeforeAnyRequest() throws Exception {
    LoadPlan plan = Plans.of(Access.READ, BLOCK).requests(1);
    NbdUri nowhere;
    try (TestServer server = new TestServer(directory, "1M", "")) {
      nowhere = server.uri("");
      assertThatThrownBy(() -> run(server.uri("none"), plan))
          .isInstanceOf(UsageException.class)
          .hasMessageEndingWith("the server has no export 'none'");
      assertThatThrownBy(
              () ->
                  run(
                      server.uri(""),
                      Plans.of(Access.READ, BLOCK).range((1 << 20) + 1).requests(1)))
          .hasMessage("the export has only 1048576 bytes, not the 1048577 to use");
      assertThatThrownBy(
              () -> run(server.uri(""), Plans.of(Access.READ, BLOCK).range(BLOCK - 1).requests(1)))
          .hasMessage("4095 bytes are to be used, less than one block of 4096");
    }
    assertThatThrownBy(() -> run(nowhere, plan))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("cannot connect to '" + nowhere + "': ");
    assertThatThrownBy(() -> run(NbdUri.parse("nbds://localhost"), plan))
        .hasMessageEndingWith("wants TLS, which this command cannot do");
  }

  @Test
  void aServerThatStopsReplyingIsGivenUp() throws Exception {
    try (TestServer server = new TestServer(directory, "1M", "")) {
      FaultEngine engine = server.image().engine().orElseThrow();
      for (Access access : new Access[] {Access.RANDREAD, Access.RANDRW}) {
        engine.addBreakpoint(QemuEvents.READ_AIO, "a");
        LoadPlan plan = Plans.of(access, BLOCK).patience(500_000_000).requests(100_000);
        assertThatThrownBy(() -> run(server.uri(""), plan))
            .isInstanceOf(LostConnectionException.class)
            .hasMessageEndingWith("no reply came for 500 ms");
        engine.resume("a");
      }
    }
  }

  @Test
  void aServerThatDiesIsALostConnection() throws Exception {
    try (TestServer server = new TestServer(directory, "1M", "")) {
      FaultEngine engine = server.image().engine().orElseThrow();
      engine.addBreakpoint(QemuEvents.READ_AIO, "a");
      Thread killer =
          Thread.startVirtualThread(
              () -> {
                engine.awaitSuspended("a");
                Thread.startVirtualThread(server.server()::close);
                engine.resume("a");
              });
      assertThatThrownBy(
              () ->
                  run(
                      server.uri(""),
                      Plans.of(Access.READ, BLOCK)
                          .depth(4)
                          .connections(2)
                          .requests(Long.MAX_VALUE)))
          .isInstanceOf(LostConnectionException.class)
          .hasMessageStartingWith("lost the connection to 'nbd+unix:///?socket=");
      killer.join();
    }
  }

  /** The system takes the connection, and nobody ever says a word. */
  @Test
  void givesUpOnAServerThatDoesNotGreet() throws Exception {
    Path socket = directory.resolve("mute");
    try (ServerSocketChannel mute = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      mute.bind(UnixDomainSocketAddress.of(socket));
      NbdUri uri = new NbdUri(false, new NbdUri.Unix(socket.toString()), "", Map.of());
      LoadPlan plan = Plans.of(Access.READ, BLOCK).patience(1_000_000).requests(1);
      assertThatThrownBy(() -> run(uri, plan))
          .isInstanceOf(UsageException.class)
          .hasMessage("cannot connect to '" + uri + "': no answer came for 1 ms");
    }
  }
}
