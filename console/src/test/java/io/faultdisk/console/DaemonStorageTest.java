package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.Messages;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.daemon.ExportRequest;
import io.faultdisk.daemon.NbdServerRequest;
import io.faultdisk.daemon.StorageDaemon;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.nbd.server.ListenAddress;
import io.faultdisk.rules.Dialect;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the console shows of a daemon, and what it waits for. */
@Timeout(120)
class DaemonStorageTest {
  private static final long PATIENCE_SECONDS = 30;

  @TempDir private Path temp;

  private static final Messages SILENT = Messages.to(_ -> {});

  private static StorageDaemon daemon() {
    return new StorageDaemon(
        Dialect.FAULTDISK,
        _ ->
            List.of(
                new RawType(),
                new MemoryType(),
                new BlkdebugType(Dialect.FAULTDISK, Optional.empty())),
        SILENT,
        (image, line) -> line);
  }

  /** An image whose disk stops the first look at it. */
  private static String open(StorageDaemon daemon) {
    Map<String, String> options =
        Map.of(
            "node-name", "top",
            "file.driver", "blkdebug",
            "file.node-name", "d",
            "file.inject-error.0.event", "none",
            "file.inject-error.0.errno", "0",
            "file.inject-error.0.once", "on",
            "file.inject-error.0.suspend", "S",
            "file.image.driver", "memory",
            "file.image.size", "1048576");
    try {
      daemon.addNode(Options.of(options));
      return "open";
    } catch (UsageException refused) {
      return refused.getMessage();
    }
  }

  @Test
  void whatIsShownWaitsForNoImageThatIsBeingOpened() throws Exception {
    try (StorageDaemon daemon = daemon()) {
      daemon.addNode(
          Options.of(
              Map.of("driver", "memory", "node-name", "m", "size", String.valueOf(1 << 20))));
      daemon.startNbdServer(
          NbdServerRequest.at(new ListenAddress.Unix(temp.resolve("nbd").toString())));
      daemon.addExport(ExportRequest.of("e", "m"));
      CompletableFuture<String> opening = new CompletableFuture<>();
      Thread.startVirtualThread(() -> opening.complete(open(daemon)));
      await().until(() -> daemon.disks().find("d").isPresent());
      Disk disk = daemon.disks().require("d");
      await().until(() -> !disk.suspended().isEmpty());
      Storage storage = new DaemonStorage(daemon);
      assertThat(
              CompletableFuture.supplyAsync(storage::exports)
                  .get(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .extracting(Storage.Served::id)
          .containsExactly("e");
      disk.resumeAll();
      assertThat(opening.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("open");
    }
  }
}
