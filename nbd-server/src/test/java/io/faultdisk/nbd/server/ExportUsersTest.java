package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.RequestHeader;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.QemuEvents;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who uses an export, and what becomes of them when it goes. */
@Timeout(120)
class ExportUsersTest {
  @TempDir Path directory;
  private final BlockGraph graph =
      new BlockGraph(
          List.of(
              new RawType(),
              new MemoryType(),
              new BlkdebugType(Dialect.FAULTDISK, Optional.empty())),
          new ServerTurns(),
          text -> {});
  private final List<String> idle = new CopyOnWriteArrayList<>();
  private final NbdServer server =
      new NbdServer(
          ServerLimits.DEFAULT.withTimes(10_000, 100),
          Optional.empty(),
          new NbdServer.Listener() {
            @Override
            public void log(String message) {}

            @Override
            public void idle(Export export) {
              idle.add(export.name());
            }
          });
  private BlockBackend image;
  private Export export;

  @BeforeEach
  void serve() throws Exception {
    image =
        graph.open(
            Optional.empty(),
            Options.parse(
                "driver=raw,file.driver=blkdebug,file.image.driver=memory,file.image.size=1M",
                warning -> {}),
            OpenFlags.TOOL.withCache(false, false, false));
    export = new Export(image, Export.Settings.named(""));
    server.add(export);
    server.listen(Sockets.unix(socket()));
  }

  @AfterEach
  void stop() {
    server.close();
    graph.close();
  }

  private Path socket() {
    return directory.resolve("s");
  }

  @Test
  void clientsCountFromTheirChoiceToTheirEnd() throws Exception {
    assertThat(server.clients(export)).isZero();
    RawClient first = RawClient.simple(socket());
    RawClient second = RawClient.simple(socket());
    await().atMost(Duration.ofSeconds(30)).until(() -> server.clients(export) == 2);
    first.close();
    await().atMost(Duration.ofSeconds(30)).until(() -> server.clients(export) == 1);
    assertThat(idle).isEmpty();
    second.close();
    await().atMost(Duration.ofSeconds(30)).until(() -> idle.equals(List.of("")));
    assertThat(server.clients(export)).isZero();
  }

  @Test
  void anExportThatIsRemovedTakesNoClientsAndItsOwnGoOnUntilTheyAreCutOff() throws Exception {
    try (RawClient client = RawClient.simple(socket())) {
      await().atMost(Duration.ofSeconds(30)).until(() -> server.clients(export) == 1);
      server.remove(export);
      assertThatThrownBy(() -> RawClient.simple(socket())).isInstanceOf(Throwable.class);
      assertThat(client.read(0, 512)).hasSize(512);
      server.cutOff(export);
      await().atMost(Duration.ofSeconds(30)).until(() -> idle.equals(List.of("")));
      assertThatThrownBy(() -> client.read(0, 512)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aClientThatIsCutOffCountsUntilItsLastRequestHasEnded() throws Exception {
    FaultEngine engine = image.engine().orElseThrow();
    try (RawClient client = RawClient.simple(socket())) {
      engine.addBreakpoint(QemuEvents.READ_AIO, "a");
      ByteBuffer request = ByteBuffer.allocate(RequestHeader.BYTES);
      RequestHeader.put(request, false, 0, CommandType.READ, 1, 0, 512);
      client.send(request.flip());
      engine.awaitSuspended("a");
      server.remove(export);
      server.cutOff(export);
      await().atMost(Duration.ofSeconds(30)).until(() -> server.connections() == 0);
      assertThat(server.clients(export)).isEqualTo(1);
      assertThat(idle).isEmpty();
      engine.resume("a");
      await().atMost(Duration.ofSeconds(30)).until(() -> idle.equals(List.of("")));
      assertThat(server.clients(export)).isZero();
    }
  }

  @Test
  void aServerThatIsStoppedWaitsForNobody() throws Exception {
    FaultEngine engine = image.engine().orElseThrow();
    try (RawClient client = RawClient.simple(socket())) {
      engine.addBreakpoint(QemuEvents.READ_AIO, "a");
      ByteBuffer request = ByteBuffer.allocate(RequestHeader.BYTES);
      RequestHeader.put(request, false, 0, CommandType.READ, 1, 0, 512);
      client.send(request.flip());
      engine.awaitSuspended("a");
      server.stop();
      assertThat(engine.isSuspended("a")).isTrue();
      engine.resume("a");
      await().atMost(Duration.ofSeconds(30)).until(() -> idle.equals(List.of("")));
    }
  }
}
