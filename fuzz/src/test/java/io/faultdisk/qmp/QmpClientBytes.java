package io.faultdisk.qmp;

import io.faultdisk.base.Clock;
import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Messages;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.block.copyonread.CopyOnReadType;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.nullco.NullType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.qcow2.Qcow2Type;
import io.faultdisk.block.quorum.QuorumType;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.daemon.StorageDaemon;
import io.faultdisk.rules.Dialect;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * All that a client of a monitor sends, after negotiation. Nothing of it may end in an internal
 * error, and whatever is answered ends its lines as it should. Images are in memory; what would
 * touch files or sockets is left out.
 */
public final class QmpClientBytes {
  private static final String NEGOTIATION =
      "{'execute': 'qmp_capabilities', 'arguments': {'enable': ['oob']}}\n";

  /** Would open sockets, or files by names out of nowhere. */
  private static final List<String> LEFT_OUT =
      List.of("nbd-server-start", "object-add", "__io.faultdisk_disk-add");

  private static final Messages SILENT = Messages.to(_ -> {});

  private QmpClientBytes() {}

  /** Says it. */
  public static void fuzz(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    AtomicReference<@Nullable Throwable> bug = new AtomicReference<>();
    Thread.setDefaultUncaughtExceptionHandler((_, thrown) -> bug.set(thrown));
    try (StorageDaemon daemon =
        new StorageDaemon(
            Dialect.FAULTDISK,
            _ -> drivers(),
            SILENT,
            (image, line) -> {
              image.close();
              return line;
            })) {
      addDisk(daemon);
      Protocol protocol = protocol(daemon);
      Outbox outbox = new Outbox(out, () -> {});
      outbox.start("fuzz");
      ByteArrayOutputStream input = new ByteArrayOutputStream();
      input.writeBytes(NEGOTIATION.getBytes(StandardCharsets.UTF_8));
      input.writeBytes(bytes);
      CountDownLatch over = new CountDownLatch(1);
      new Session(protocol, new Wire(false), outbox, over::countDown)
          .run(new ByteArrayInputStream(input.toByteArray()), "fuzz");
      over.await();
      outbox.close();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    String said = out.toString(StandardCharsets.UTF_8);
    if (bug.get() != null) {
      throw new AssertionError("a thread of the session has died", bug.get());
    }
    // At the beginning: what the client has sent may stand in an answer, too.
    if (said.contains("\"desc\": \"internal error in") || !said.endsWith("}\r\n")) {
      throw new AssertionError(said);
    }
  }

  private static void addDisk(StorageDaemon daemon) {
    try {
      daemon.addNode(
          Options.of(
              Map.of(
                  "driver", "blkdebug",
                  "node-name", "d",
                  "image.driver", "memory",
                  "image.size", "65536",
                  "image.node-name", "m")));
    } catch (UsageException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Protocol protocol(StorageDaemon daemon) {
    Commands commands = new Commands(QmpSchema.of(Dialect.FAULTDISK));
    Events events = new Events(Clock.system());
    new StorageCommands(daemon).addTo(commands);
    new DiskCommands(daemon).addTo(commands);
    HumanMonitor human = new HumanMonitor(daemon);
    commands.add(
        "human-monitor-command",
        given -> new JsonString(human.run(new Arguments(given).requireString("command-line"))));
    for (String name : LEFT_OUT) {
      commands.add(name, _ -> new JsonObject(Map.of()));
    }
    daemon.listen(new StorageEvents(events));
    daemon.disks().listen(new DiskEvents(events, Clock.system()));
    return new Protocol(commands, events, new QmpVersion(1, 2, 3, "fuzz"), () -> {});
  }

  private static List<DriverType> drivers() {
    return List.of(
        new RawType(),
        new Qcow2Type(),
        new BlkdebugType(Dialect.FAULTDISK, Optional.empty()),
        new CopyOnReadType(),
        new QuorumType(),
        new NullType(),
        new MemoryType());
  }

  /** A request of each kind. */
  public static List<byte[]> seeds() {
    return List.of(
            "{'execute': 'query-named-block-nodes', 'arguments': {'flat': true}, 'id': [1, null]}",
            "{'execute': 'blockdev-add', 'arguments': {'driver': 'raw', 'node-name': 'r', 'file':"
                + " 'd', 'offset': 512}}{'execute': 'blockdev-del', 'arguments': {'node-name':"
                + " 'r'}}",
            "{'execute': 'blockdev-add', 'arguments': {'driver': 'quorum', 'node-name': 'q',"
                + " 'children': ['m', {'driver': 'null-co'}], 'vote-threshold': 1}}",
            "{'execute': 'blockdev-reopen', 'arguments': {'options': [{'driver': 'blkdebug',"
                + " 'node-name': 'd', 'image': 'm', 'inject-error': [{'event': 'none'}]}]}}",
            "{'execute': 'blockdev-create', 'arguments': {'job-id': 'j', 'options': {'driver':"
                + " 'qcow2', 'file': 'm', 'size': 65536}}}{'execute': 'query-jobs'}{'execute':"
                + " 'job-dismiss', 'arguments': {'id': 'j'}}",
            "{'execute': 'block_resize', 'arguments': {'node-name': 'm', 'size': 4096}}",
            "{'execute': 'human-monitor-command', 'arguments': {'command-line': 'qemu-io d \"read 0"
                + " 512\"'}}",
            "{'exec-oob': '__io.faultdisk_rule-add', 'arguments': {'disk': 'd', 'kind':"
                + " 'inject-error', 'keys': {'event': 'none', 'errno': 5}}}{'exec-oob':"
                + " '__io.faultdisk_query-disks'}",
            "{'exec-oob': '__io.faultdisk_rules-load', 'arguments': {'disk': 'd', 'text':"
                + " '[set-state]\\nevent = \\\"none\\\"\\nnew_state = \\\"2\\\"\\n'}}",
            "{'execute': '__io.faultdisk_power-cut', 'arguments': {'disk': 'd'}}{'execute':"
                + " '__io.faultdisk_reset', 'arguments': {'disk': 'd'}}",
            "{'execute': 'query-qmp-schema'}[1, 2}\u0001@{'execute': 'quit'}")
        .stream()
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }
}
