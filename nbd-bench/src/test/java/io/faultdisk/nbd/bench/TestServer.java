package io.faultdisk.nbd.bench;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.nbd.NbdUri;
import io.faultdisk.nbd.server.Export;
import io.faultdisk.nbd.server.NbdServer;
import io.faultdisk.nbd.server.ServerLimits;
import io.faultdisk.nbd.server.ServerTurns;
import io.faultdisk.nbd.server.Sockets;
import io.faultdisk.rules.Dialect;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A server of ours with blkdebug over memory, as the default export; and read-only as "ro". */
final class TestServer implements AutoCloseable {
  private final Path socket;
  private final BlockGraph graph;
  private final BlockBackend image;
  private final NbdServer server;

  /**
   * Starts one.
   *
   * @param rules options of blkdebug, each after a comma
   */
  TestServer(Path directory, String size, String rules) throws Exception {
    socket = directory.resolve("s");
    graph =
        new BlockGraph(
            List.of(
                new RawType(),
                new MemoryType(),
                new BlkdebugType(Dialect.FAULTDISK, Optional.empty())),
            new ServerTurns(),
            _ -> {});
    String options = "driver=raw,file.driver=blkdebug" + rules.replace(",", ",file.");
    image =
        graph.open(
            Optional.empty(),
            Options.parse(options + ",file.image.driver=memory,file.image.size=" + size, _ -> {}),
            OpenFlags.TOOL.withCache(false, false, false));
    server = new NbdServer(ServerLimits.DEFAULT, Optional.empty(), _ -> {});
    server.add(new Export(image, Export.Settings.named("")));
    server.add(new Export(image, Export.Settings.named("ro").withReadOnly(true)));
    server.listen(Sockets.unix(socket));
  }

  BlockBackend image() {
    return image;
  }

  NbdServer server() {
    return server;
  }

  NbdUri uri(String export) {
    return new NbdUri(false, new NbdUri.Unix(socket.toString()), export, Map.of());
  }

  @Override
  public void close() throws Exception {
    server.close();
    graph.close();
  }
}
