package io.faultdisk.daemon;

import static io.faultdisk.daemon.TestDaemon.MIB;
import static io.faultdisk.daemon.TestDaemon.options;
import static io.faultdisk.daemon.TestDaemon.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.block.nbd.Encryptions;
import io.faultdisk.block.nbd.NbdType;
import io.faultdisk.nbd.server.ListenAddress;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.QemuEvents;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The NBD server and what it serves. Texts observed with qemu-storage-daemon 7.2. */
@Timeout(120)
class ExportsTest {
  @TempDir Path directory;
  private TestDaemon test;
  private StorageDaemon daemon;
  private final BlockGraph clients =
      new BlockGraph(List.of(new NbdType(Encryptions.none())), Turns.free(), text -> {});

  @BeforeEach
  void start() throws Exception {
    test = new TestDaemon(directory);
    daemon = test.daemon;
    daemon.startNbdServer(NbdServerRequest.at(new ListenAddress.Unix(socket())));
    test.addFile("f0");
  }

  @AfterEach
  void stop() {
    test.close();
    clients.close();
  }

  private String socket() {
    return directory.resolve("nbd").toString();
  }

  private BlockBackend connect(String export) throws UsageException {
    return clients.open(
        Optional.empty(),
        options(
            "{'driver':'nbd','server':{'type':'unix','path':'%s'},'export':'%s'}"
                .formatted(socket(), export)),
        OpenFlags.TOOL);
  }

  private static ExportRequest export(String id, String node) {
    return ExportRequest.of(id, node);
  }

  private List<String> ids() {
    return daemon.exports().stream().map(ExportInfo::id).toList();
  }

  @Test
  void clientsReadAndWriteWhatIsExported() throws Exception {
    daemon.addExport(export("e", "f0").withName("x").withWritable(true));
    try (BlockBackend client = connect("x")) {
      assertThat(client.length()).isEqualTo(MIB);
      client.write(0, ByteBuffer.wrap(new byte[] {'a'}), 0);
      client.flush();
    }
    assertThat(Files.readAllBytes(directory.resolve("f0"))[0]).isEqualTo((byte) 'a');
    await().atMost(Duration.ofSeconds(30)).until(() -> daemon.exports().getFirst().clients() == 0);
    assertThat(daemon.exports())
        .containsExactly(new ExportInfo("e", "nbd", "f0", false, "x", Optional.empty(), true, 0));
  }

  @Test
  void refusalsInTheOrderOfTheRealOne() throws Exception {
    daemon.addExport(export("e0", "f0"));
    assertThat(refusal(() -> daemon.addExport(export("1e", "f0"))))
        .isEqualTo("Invalid block export id");
    assertThat(refusal(() -> daemon.addExport(export("e0", "nope"))))
        .isEqualTo("Block export id 'e0' is already in use");
    assertThat(refusal(() -> daemon.addExport(export("e1", "nope").withWritable(true))))
        .isEqualTo("Cannot find device='' nor node-name='nope'");
    assertThat(refusal(() -> daemon.addExport(export("e1", "f0"))))
        .isEqualTo("NBD server already has export named 'f0'");
    test.add("{'driver':'null-co','node-name':'ro','read-only':true}");
    assertThat(refusal(() -> daemon.addExport(export("e1", "ro").withWritable(true))))
        .isEqualTo("Cannot export read-only node as writable");
    String tooLong = "w".repeat(4097);
    assertThat(refusal(() -> daemon.addExport(export("e1", "f0").withName(tooLong))))
        .isEqualTo("export name '" + tooLong + "' too long");
    assertThat(
            refusal(
                () ->
                    daemon.addExport(
                        export("e1", "f0").withName("n").withDescription(Optional.of(tooLong)))))
        .isEqualTo("description '" + tooLong + "' too long");
    assertThat(refusal(() -> daemon.deleteExport("nope", RemoveMode.SAFE)))
        .isEqualTo("Export 'nope' is not found");
    assertThat(ids()).containsExactly("e0");
  }

  @Test
  void bitmapsOfAnExport() throws Exception {
    assertThat(refusal(() -> daemon.addExport(withBitmap(Optional.empty(), "x"))))
        .isEqualTo("Bitmap 'x' is not found");
    assertThat(refusal(() -> daemon.addExport(withBitmap(Optional.of("f0"), "x"))))
        .isEqualTo("Dirty bitmap 'x' not found");
    assertThat(refusal(() -> daemon.addExport(withBitmap(Optional.of("nope"), "x"))))
        .isEqualTo("Node 'nope' not found");
    var bitmap = new DirtyBitmap("bm", MIB, 65536);
    daemon.graph().node("f0").orElseThrow().bitmaps().add(bitmap);
    assertThat(refusal(() -> daemon.addExport(withBitmap(Optional.of("f0"), "bm"))))
        .isEqualTo("Enabled bitmap 'bm' incompatible with readonly export");
    daemon.addExport(withBitmap(Optional.empty(), "bm").withWritable(true));
    assertThat(daemon.namedNodes(true).getFirst().bitmaps().getFirst().busy()).isTrue();
    assertThat(
            refusal(
                () ->
                    daemon.addNamedExport(
                        "f0", Optional.of("z"), Optional.empty(), true, Optional.of("bm"))))
        .isEqualTo("Bitmap 'bm' is currently in use by another operation and cannot be used");
    daemon.deleteExport("e", RemoveMode.SAFE);
    assertThat(daemon.namedNodes(true).getFirst().bitmaps().getFirst().busy()).isFalse();
  }

  private static ExportRequest withBitmap(Optional<String> node, String name) {
    return export("e", "f0").withBitmaps(List.of(new ExportRequest.BitmapChoice(node, name)));
  }

  @Test
  void anExportedNodeCannotBeDeletedOrResized() throws Exception {
    daemon.addExport(export("e", "f0"));
    assertThat(refusal(() -> daemon.deleteNode("f0"))).isEqualTo("Node f0 is in use");
    assertThat(refusal(() -> daemon.resize(Optional.empty(), Optional.of("f0"), 512)))
        .isEqualTo(
            "Permission conflict on node 'f0': permissions 'resize' are both required by an"
                + " unnamed block device (uses node 'f0' as 'root' child) and unshared by an"
                + " unnamed block device (uses node 'f0' as 'root' child).");
    daemon.addExport(export("w", "f0").withName("w").withWritable(true));
    assertThat(
            refusal(
                () ->
                    daemon.reopenNodes(
                        List.of(
                            options(
                                "{'driver':'file','node-name':'f0','read-only':true,'filename':'%s'}"
                                    .formatted(directory.resolve("f0")))))))
        .isEqualTo("Read-only block node 'f0' cannot support read-write users");
  }

  @Test
  void anExportWithClientsGoesOnlyTheHardWay() throws Exception {
    daemon.addExport(export("e", "f0").withWritable(true));
    try (BlockBackend client = connect("f0")) {
      assertThat(client.length()).isEqualTo(MIB);
      // It counts a moment after it has heard that it is in.
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> daemon.exports().getFirst().clients() == 1);
      assertThat(refusal(() -> daemon.deleteExport("e", RemoveMode.SAFE)))
          .isEqualTo("export 'e' still in use");
      daemon.deleteExport("e", RemoveMode.HARD);
      test.awaitEvents("e deleted");
      assertThat(ids()).isEmpty();
      Assertions.assertThatThrownBy(() -> client.read(0, ByteBuffer.allocate(512)))
          .isInstanceOf(BlockIoException.class);
    }
    daemon.deleteNode("f0");
  }

  @Test
  void anExportGoesWithItsLastRequestThatStandsAtABreakpoint() throws Exception {
    test.add("{'driver':'blkdebug','image':'f0','node-name':'d0'}");
    test.add("{'driver':'raw','file':'d0','node-name':'r0'}");
    FaultEngine engine = daemon.graph().node("d0").orElseThrow().driver().engine().orElseThrow();
    daemon.addExport(export("e", "r0").withWritable(true));
    try (BlockBackend client = connect("r0")) {
      engine.addBreakpoint(QemuEvents.READ_AIO, "stop");
      Thread reader =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      client.read(0, ByteBuffer.allocate(512));
                    } catch (BlockIoException cutOff) {
                      // as it should be
                    }
                  });
      engine.awaitSuspended("stop");
      daemon.deleteExport("e", RemoveMode.HARD);
      assertThat(daemon.exports().getFirst().shuttingDown()).isTrue();
      assertThat(refusal(() -> daemon.deleteExport("e", RemoveMode.HARD)))
          .isEqualTo("Export 'e' is already shutting down");
      assertThat(test.events).isEmpty();
      test.add("{'driver':'null-co','node-name':'others-go-on'}");
      reader.join();
      engine.resume("stop");
      test.awaitEvents("e deleted");
      assertThat(ids()).isEmpty();
      daemon.deleteNode("r0");
    }
  }

  @Test
  void closingResumesWhatStandsAtABreakpoint() throws Exception {
    test.add("{'driver':'blkdebug','image':'f0','node-name':'d0'}");
    test.add("{'driver':'raw','file':'d0','node-name':'r0'}");
    FaultEngine engine = daemon.graph().node("d0").orElseThrow().driver().engine().orElseThrow();
    daemon.addExport(export("e", "r0").withWritable(true));
    try (BlockBackend client = connect("r0")) {
      engine.addBreakpoint(QemuEvents.READ_AIO, "stop");
      engine.addBreakpoint(QemuEvents.FLUSH_TO_DISK, "at the end");
      Thread reader =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      client.read(0, ByteBuffer.allocate(512));
                    } catch (BlockIoException cutOff) {
                      // as it may be
                    }
                  });
      engine.awaitSuspended("stop");
      daemon.close();
      assertThat(test.nodes()).isEmpty();
      test.awaitEvents("e deleted");
      reader.join();
    }
  }

  @Test
  void theOldFormsOfTheCommands() throws Exception {
    test.add("{'driver':'null-co','node-name':'ro','read-only':true}");
    Optional<String> none = Optional.empty();
    daemon.addNamedExport("ro", none, none, true, none);
    daemon.addNamedExport("f0", Optional.of("x"), Optional.of("hello"), true, none);
    assertThat(daemon.exports())
        .containsExactly(
            new ExportInfo("x", "nbd", "f0", false, "x", Optional.of("hello"), true, 0),
            new ExportInfo("ro", "nbd", "ro", false, "ro", none, false, 0));
    assertThat(refusal(() -> daemon.addNamedExport("nope", none, none, false, none)))
        .isEqualTo("Cannot find device='nope' nor node-name='nope'");
    assertThat(refusal(() -> daemon.addNamedExport("f0", Optional.of(""), none, false, none)))
        .isEqualTo("Invalid block export id");
    assertThat(
            refusal(
                () -> daemon.addNamedExport("f0", Optional.of("f"), none, false, Optional.of("b"))))
        .isEqualTo("Bitmap 'b' is not found");
    daemon.deleteExport("ro", RemoveMode.SAFE);
    test.awaitEvents("ro deleted");
  }

  @Test
  void theServerStartsAndStops() throws Exception {
    Optional<String> none = Optional.empty();
    daemon.addExport(export("a", "f0"));
    daemon.addExport(export("b", "f0").withName("b"));
    assertThat(ids()).containsExactly("b", "a");
    ListenAddress port = new ListenAddress.Inet("127.0.0.1", "0");
    assertThat(refusal(() -> daemon.startNbdServer(NbdServerRequest.at(port))))
        .isEqualTo("NBD server already running");
    daemon.stopNbdServer();
    test.awaitEvents("a deleted", "b deleted");
    assertThat(Files.exists(Path.of(socket()))).isFalse();
    assertThat(refusal(() -> daemon.stopNbdServer())).isEqualTo("NBD server not running");
    assertThat(refusal(() -> daemon.addExport(export("a", "f0"))))
        .isEqualTo("NBD server not running");
    assertThat(refusal(() -> daemon.addNamedExport("nope", none, none, false, none)))
        .isEqualTo("NBD server not running");
    daemon.deleteNode("f0");
    assertThat(daemon.nbdServerAddresses()).isEmpty();
    daemon.startNbdServer(NbdServerRequest.at(port));
    InetSocketAddress chosen =
        (InetSocketAddress) daemon.nbdServerAddresses().orElseThrow().getFirst();
    assertThat(chosen.getPort()).isPositive();
  }

  @Test
  void whereItCannotListen() throws Exception {
    daemon.stopNbdServer();
    assertThat(start(new ListenAddress.Unix("/nope/x")))
        .isEqualTo("Failed to bind socket to /nope/x: No such file or directory");
    assertThat(start(new ListenAddress.Inet("127.0.0.1", "nosuch")))
        .isEqualTo(
            "address resolution failed for 127.0.0.1:nosuch: Servname not supported for"
                + " ai_socktype");
    assertThat(
            start(
                new ListenAddress.Inet(
                    "127.0.0.1", "0", OptionalInt.empty(), Optional.empty(), Optional.of(true))))
        .isEqualTo(
            "address resolution failed for 127.0.0.1:0: Address family for hostname not supported");
    ListenAddress here = new ListenAddress.Unix(socket());
    assertThat(
            refusal(
                () ->
                    daemon.startNbdServer(
                        new NbdServerRequest(here, Optional.of("nope"), Optional.empty(), 0))))
        .isEqualTo("No TLS credentials with id 'nope'");
    assertThat(Files.exists(Path.of(socket()))).isFalse();
    daemon.startNbdServer(
        new NbdServerRequest(here, Optional.empty(), Optional.of("nobody yet"), 1));
  }

  private String start(ListenAddress address) {
    return refusal(() -> daemon.startNbdServer(NbdServerRequest.at(address)));
  }
}
