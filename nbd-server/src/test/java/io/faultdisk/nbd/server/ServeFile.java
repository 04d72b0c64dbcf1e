package io.faultdisk.nbd.server;

import io.faultdisk.base.json.JsonString;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.block.file.FileType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.qcow2.Qcow2Type;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.rules.Dialect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Serves an image until its input ends, for measurements: {@code SOCKET FORMAT IMAGE}. */
final class ServeFile {
  private ServeFile() {}

  public static void main(String[] args) throws Exception {
    BlockGraph graph =
        new BlockGraph(
            List.of(
                new FileType(),
                new RawType(),
                new Qcow2Type(),
                new BlkdebugType(Dialect.FAULTDISK, Optional.empty())),
            new ServerTurns(),
            System.err::println);
    Options options = new Options();
    options.put("driver", new JsonString(args[1]));
    BlockBackend image =
        graph.open(Optional.of(args[2]), options, OpenFlags.TOOL.withCache(false, false, false));
    NbdServer server = new NbdServer(ServerLimits.DEFAULT, Optional.empty(), System.err::println);
    server.add(new Export(image, Export.Settings.named("")));
    Path socket = Path.of(args[0]);
    Files.deleteIfExists(socket);
    server.listen(Sockets.unix(socket));
    System.out.println("ready");
    while (System.in.read() >= 0) {
      // Until the end.
    }
    server.close();
    graph.close();
  }
}
