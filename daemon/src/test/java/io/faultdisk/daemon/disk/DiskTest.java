package io.faultdisk.daemon.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.FaultEngine;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class DiskTest {
  private TestDisk test;
  private Disk disk;

  @BeforeEach
  void open() throws Exception {
    test = new TestDisk();
    disk = test.disk;
    test.takeEvents();
  }

  @AfterEach
  void close() {
    test.close();
  }

  private void read(long offset) throws BlockIoException {
    test.backend.read(offset, ByteBuffer.allocate(512));
  }

  private void write(int content) throws BlockIoException {
    ByteBuffer data = ByteBuffer.allocate(512).put(0, (byte) content);
    test.backend.write(0, data, RequestFlags.NONE);
  }

  private int content() throws BlockIoException {
    ByteBuffer data = ByteBuffer.allocate(512);
    test.backend.read(0, data);
    return data.get(0);
  }

  private static FaultSpec error(String... keysAndValues) {
    Map<String, String> keys = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      keys.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return new FaultSpec("inject-error", keys);
  }

  private void assertReadFails(long offset, Errno errno) {
    assertThatThrownBy(() -> read(offset))
        .isInstanceOfSatisfying(
            BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  @Test
  void aFaultIsInForceWhenItIsAddedAndGoneWhenItIsRemoved() throws Exception {
    Fault fault = disk.add(error("errno", "ENOSPC", "sector", "2"));
    assertThat(fault.id()).isEqualTo(1);
    assertThat(fault.status().armed()).isTrue();
    assertThat(fault.source()).isEqualTo("live");
    assertThat(fault.keys())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("event", "none", "errno", "ENOSPC", "sector", "2"));
    assertReadFails(1024, Errno.ENOSPC);
    read(0);
    assertThat(disk.fault(1).orElseThrow().status().injected()).isEqualTo(1);
    disk.remove(1);
    read(1024);
    assertThat(disk.faults()).isEmpty();
    assertThatThrownBy(() -> disk.remove(1))
        .isInstanceOf(UsageException.class)
        .hasMessage("disk 'disk' has no fault 1");
    assertThat(test.takeEvents())
        .satisfiesExactly(
            event -> assertThat(event).isEqualTo(new DiskEvent.RulesChanged("disk")),
            event ->
                assertThat(event)
                    .isInstanceOfSatisfying(
                        DiskEvent.RuleHit.class,
                        hit -> {
                          assertThat(hit.receipt().result()).isEqualTo("ENOSPC");
                          assertThat(hit.receipt().request().offset()).isEqualTo(1024);
                        }),
            event -> assertThat(event).isEqualTo(new DiskEvent.RulesChanged("disk")));
  }

  @Test
  void aFaultOnNoneIsInForceAlsoAfterAnotherEventHasArmed() throws Exception {
    int other = disk.add(error("event", "pwritev", "iotype", "write")).id();
    assertThatThrownBy(() -> write(1)).isInstanceOf(BlockIoException.class);
    assertThat(disk.add(error("sector", "0")).status().armed())
        .as("rules on one event are armed at a time")
        .isFalse();
    disk.remove(other);
    disk.removeAll();
    assertThat(disk.add(error("sector", "0")).status().armed()).isTrue();
    assertReadFails(0, Errno.EIO);
    disk.arm(disk.add(error("event", "l1_update")).id());
    disk.reset();
    assertThat(
            disk.replaceAll("rules", "[inject-error]\nevent = \"none\"\n").get(0).status().armed())
        .isTrue();
  }

  @Test
  void aFaultThatMakesNoSenseChangesNothing() {
    assertThatThrownBy(() -> disk.add(new FaultSpec("inject-eror", Map.of())))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith(
            "there is no kind of fault 'inject-eror'; there are: inject-error,");
    assertThatThrownBy(() -> disk.add(error("sectr", "1")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("sectr");
    assertThat(disk.faults()).isEmpty();
    assertThat(test.takeEvents()).isEmpty();
  }

  @Test
  void aFaultIsReplaced() throws Exception {
    disk.add(error("errno", "EIO"));
    Fault next = disk.replace(1, error("errno", "ENOSPC"));
    assertThat(next.id()).isEqualTo(2);
    assertReadFails(0, Errno.ENOSPC);
    assertThatThrownBy(() -> disk.replace(1, error("errno", "EIO")))
        .isInstanceOf(UsageException.class);
    assertThatThrownBy(() -> disk.replace(2, error("errno", "nonsense")))
        .isInstanceOf(UsageException.class);
    assertReadFails(0, Errno.ENOSPC);
  }

  @Test
  void armingPutsAUsedUpFaultInAgain() throws Exception {
    disk.add(error("once", "on"));
    assertReadFails(0, Errno.EIO);
    read(0);
    assertThat(disk.fault(1).orElseThrow().status().consumed()).isTrue();
    Fault armed = disk.arm(1);
    assertThat(armed.id()).isEqualTo(2);
    assertThat(armed.status().armed()).isTrue();
    assertReadFails(0, Errno.EIO);
    assertThat(disk.faults()).hasSize(1);
  }

  @Test
  void whatCannotBeArmedSaysWhy() throws Exception {
    disk.add(error("event", "write_aio", "state", "3"));
    disk.add(new FaultSpec("set-state", Map.of("event", "read_aio", "new_state", "2")));
    assertThatThrownBy(() -> disk.arm(1)).hasMessage("fault 1 is for another state than 1");
    assertThatThrownBy(() -> disk.arm(2)).hasMessageContaining("never armed");
    disk.setState(3);
    assertThat(disk.arm(1).status().armed()).isTrue();
  }

  @Test
  void aRuleFileReplacesAllOrNothing() throws Exception {
    disk.add(error("errno", "EIO"));
    assertThatThrownBy(() -> disk.replaceAll("new.conf", "[inject-error]\nevent = \"nonse\"\n"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("new.conf:2");
    assertReadFails(0, Errno.EIO);
    String text = "[inject-error]\nevent = \"none\"\nerrno = \"ENOSPC\"\n";
    List<Fault> now = disk.replaceAll("new.conf", text);
    assertThat(now).extracting(Fault::source).containsExactly("new.conf:1");
    assertReadFails(0, Errno.ENOSPC);
    assertThat(disk.rulesFile(Dialect.FAULTDISK)).isEqualTo(text);
    assertThat(disk.rulesFile(Dialect.QEMU)).contains("errno = \"28\"");
  }

  /**
   * So no request meets some of the old rules and some of the new; and it takes no longer for many.
   */
  @Test
  void allRulesAreReplacedAndRemovedInOneChange() throws Exception {
    FaultEngine engine = disk.node().driver().engine().orElseThrow();
    String text = "[inject-error]\nevent = \"none\"\n";
    disk.replaceAll("three", text + text + text);
    int before = engine.revision();
    assertThat(disk.replaceAll("two", text + text)).hasSize(2);
    assertThat(engine.revision()).isEqualTo(before + 1);
    assertThat(disk.removeAll()).isEqualTo(2);
    assertThat(engine.revision()).isEqualTo(before + 2);
    assertThat(disk.faults()).isEmpty();
  }

  @Test
  void aRequestStopsAtABreakpointAndGoesOnWhenItIsResumed() throws Exception {
    disk.addBreakpoint("read_aio", "A");
    CompletableFuture<Void> request =
        CompletableFuture.runAsync(
            () -> {
              try {
                read(512);
              } catch (BlockIoException e) {
                throw new AssertionError(e);
              }
            });
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !disk.suspended().isEmpty());
    assertThat(disk.suspended().get(0).request().orElseThrow().offset()).isEqualTo(512);
    assertThat(disk.breakpoints()).isEmpty();
    assertThat(request).isNotDone();
    assertThatThrownBy(() -> disk.resume("B")).hasMessageContaining("'B'");
    disk.resume("A");
    request.get(30, TimeUnit.SECONDS);
    assertThat(test.takeEvents())
        .extracting(event -> event.getClass().getSimpleName())
        .containsExactly("RulesChanged", "Suspended", "Resumed");
    assertThatThrownBy(() -> disk.removeBreakpoint("A")).hasMessageContaining("'A'");
    assertThatThrownBy(() -> disk.addBreakpoint("read_aoi", "A"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("read_aoi");
  }

  @Test
  void stateByHandAndByEventAreToldApart() throws Exception {
    disk.add(new FaultSpec("set-state", Map.of("event", "read_aio", "new_state", "2")));
    test.takeEvents();
    read(0);
    disk.setState(7);
    assertThat(disk.snapshot().state()).isEqualTo(7);
    assertThat(test.takeEvents())
        .containsExactly(
            new DiskEvent.StateChanged("disk", "read_aio", 1, 2),
            new DiskEvent.StateChanged("disk", "", 2, 7));
  }

  @Test
  void powerIsCutAndRestoredByHand() throws Exception {
    assertThat(disk.power().on()).isTrue();
    assertThat(disk.power().unsynced()).isEmpty();
    disk.checkpoint(); // from here on there is a cache
    write(1);
    test.backend.flush();
    write(2);
    assertThat(disk.power().unsynced().orElseThrow().writes()).isEqualTo(1);
    disk.cutPower("none", 0);
    assertThat(disk.power().on()).isFalse();
    assertReadFails(0, Errno.EIO);
    disk.restorePower();
    assertThat(content()).isEqualTo(1);
    write(3);
    disk.loseUnsynced();
    assertThat(content()).isEqualTo(1);
    assertThatThrownBy(() -> disk.cutPower("some", 0)).isInstanceOf(UsageException.class);
    assertThat(disk.power().on()).isTrue();
    assertThat(test.takeEvents())
        .containsExactly(
            new DiskEvent.PowerChanged("disk", false), new DiskEvent.PowerChanged("disk", true));
  }

  @Test
  void resetMakesItAsNew() throws Exception {
    disk.add(error());
    disk.setState(4);
    disk.cutPower("none", 0);
    assertReadFails(0, Errno.EIO);
    disk.reset();
    read(0);
    assertThat(disk.snapshot().state()).isEqualTo(1);
    assertThat(disk.faults()).isEmpty();
    assertThat(disk.activity().counters().requests()).isEqualTo(1);
  }

  @Test
  void disksComeAndGoWithTheirNodes() {
    assertThat(test.disks.all()).extracting(Disk::name).containsExactly("disk");
    assertThatThrownBy(() -> test.disks.require("disc"))
        .hasMessage("there is no disk 'disc'; there are: disk");
    test.disks.refresh(List::of);
    assertThat(test.disks.all()).isEmpty();
    assertThat(test.takeEvents()).containsExactly(new DiskEvent.Removed("disk"));
    assertThatThrownBy(() -> test.disks.require("disk"))
        .hasMessage("there is no disk 'disk'; a disk is a node with driver blkdebug");
  }
}
