package io.faultdisk.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.Node;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.nbd.server.ListenAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskRequestTest {
  @TempDir Path directory;
  private TestDaemon test;
  private StorageDaemon daemon;

  @BeforeEach
  void start() {
    test = new TestDaemon(directory);
    daemon = test.daemon;
  }

  @AfterEach
  void stop() throws Exception {
    test.close();
  }

  private void serve() throws UsageException {
    daemon.startNbdServer(
        NbdServerRequest.at(new ListenAddress.Unix(directory.resolve("sock").toString())));
  }

  private List<String> nodes() {
    return daemon.graph().nodes().stream().map(Node::name).toList();
  }

  @Test
  void aDiskIsOpenedServedAndTakenAwayAgain() throws Exception {
    serve();
    Disk disk = daemon.addDisk(DiskRequest.of("d", "memory:1M"));
    assertThat(disk.name()).isEqualTo("d");
    assertThat(disk.node().length()).isEqualTo(1 << 20);
    assertThat(daemon.exports())
        .singleElement()
        .satisfies(
            export -> {
              assertThat(export.name()).isEqualTo("d");
              assertThat(export.writable()).isTrue();
            });
    assertThat(nodes()).contains("d", "d-top");
    assertThat(daemon.exportUris("d"))
        .containsExactly("nbd+unix:///d?socket=" + directory.resolve("sock"));
    daemon.deleteDisk("d");
    assertThat(nodes()).isEmpty();
    assertThat(daemon.exports()).isEmpty();
    assertThatThrownBy(() -> daemon.deleteDisk("d")).hasMessageStartingWith("there is no disk 'd'");
  }

  @Test
  void theFormatIsGuessed() throws Exception {
    Path image = directory.resolve("image");
    Files.write(image, new byte[1 << 16]);
    daemon.addDisk(
        new DiskRequest("d", image.toString(), Optional.empty(), Optional.empty(), true, false));
    Node top = daemon.graph().node("d-top").orElseThrow();
    assertThat(top.type().name()).isEqualTo("raw");
    assertThat(top.readOnly()).isTrue();
  }

  @Test
  void rulesAreInForceFromTheBeginning() throws Exception {
    String rules = "[inject-error]\nevent = \"none\"\n";
    Disk disk =
        daemon.addDisk(
            new DiskRequest(
                "d", "memory:1M", Optional.of("raw"), Optional.of(rules), false, false));
    assertThat(disk.faults())
        .singleElement()
        .satisfies(fault -> assertThat(fault.status().armed()).isTrue());
  }

  @Test
  void whatIsRefusedLeavesNothingOpen() throws Exception {
    assertThatThrownBy(() -> daemon.addDisk(DiskRequest.of("d", "memory:1M")))
        .hasMessage("there is no NBD server to serve disk 'd' with");
    serve();
    assertThatThrownBy(
            () -> daemon.addDisk(DiskRequest.of("d", directory.resolve("none").toString())))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("No such file or directory");
    assertThatThrownBy(
            () ->
                daemon.addDisk(
                    new DiskRequest(
                        "d",
                        "memory:1M",
                        Optional.empty(),
                        Optional.of("[inject-eror]\n"),
                        false,
                        true)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("rules:1");
    assertThatThrownBy(() -> daemon.addDisk(DiskRequest.of("d".repeat(28), "memory:1M")))
        .hasMessageContaining("longer than 27 characters");
    daemon.addDisk(DiskRequest.of("d", "memory:1M"));
    assertThatThrownBy(() -> daemon.addDisk(DiskRequest.of("d", "memory:1M")))
        .isInstanceOf(UsageException.class);
    assertThat(daemon.disks().all()).hasSize(1);
    assertThat(daemon.exports()).hasSize(1);
  }
}
