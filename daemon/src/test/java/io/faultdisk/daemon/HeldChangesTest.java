package io.faultdisk.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.UsageException;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.daemon.disk.DiskEvent;
import io.faultdisk.daemon.disk.FaultSpec;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.FaultEngine;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A change that a stopped request holds up: everybody can look, see the request and resume it. */
@Timeout(120)
class HeldChangesTest {
  private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

  /** Much more than anything takes. */
  private static final long PATIENCE_SECONDS = 60;

  private static final String STOP = "{'event':'none','errno':0,'once':true,'suspend':'S'}";

  @TempDir Path directory;
  private TestDaemon test;
  private StorageDaemon daemon;

  @BeforeEach
  void start() {
    test = new TestDaemon(directory, Dialect.FAULTDISK);
    daemon = test.daemon;
  }

  @AfterEach
  void end() {
    test.close();
  }

  /** What another thread finds out, which shall not have to wait for anything. */
  private static <T> T atOnce(Look<T> look) throws Exception {
    return begin(look).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private interface Look<T> {
    T look() throws Exception;
  }

  private static <T> CompletableFuture<T> begin(Look<T> look) {
    CompletableFuture<T> found = new CompletableFuture<>();
    THREADS.execute(
        () -> {
          try {
            found.complete(look.look());
          } catch (Exception e) {
            found.completeExceptionally(e);
          }
        });
    return found;
  }

  private static CompletableFuture<String> beginChange(TestDaemon.Command change) {
    return begin(
        () -> {
          change.run();
          return "done";
        });
  }

  private Disk diskOver(String image) throws Exception {
    test.add(
        "{'driver':'blkdebug','node-name':'d','image':{'driver':'file','node-name':'f','filename':'%s'}}"
            .formatted(image));
    return daemon.disks().require("d");
  }

  /** Stops its next request of a type. */
  private static void stop(Disk disk, String type) throws Exception {
    var unused =
        disk.add(
            new FaultSpec(
                "inject-error",
                Map.of(
                    "event", "none", "errno", "0", "iotype", type, "once", "on", "suspend", "S")));
  }

  private static void awaitStop(Disk disk) throws Exception {
    FaultEngine engine = disk.node().driver().engine().orElseThrow();
    assertThat(engine.awaitSuspended("S", TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS))).isTrue();
  }

  private List<String> reported() throws Exception {
    return daemon.namedNodes(false).stream().map(NodeReport::nodeName).toList();
  }

  private List<String> drawn() {
    return daemon.nodeGraph().nodes().stream().map(NodeGraph.GraphNode::name).toList();
  }

  @Test
  void nodesAreListedWhileOneIsBeingOpened() throws Exception {
    Disk disk = diskOver(test.qcow2("image"));
    stop(disk, "read");
    CompletableFuture<String> change =
        beginChange(() -> test.add("{'driver':'qcow2','node-name':'q','file':'d'}"));
    awaitStop(disk);
    assertThat(atOnce(this::reported)).containsExactlyInAnyOrder("d", "f");
    assertThat(atOnce(this::drawn)).containsExactlyInAnyOrder("d", "f");
    assertThat(atOnce(daemon::exports)).isEmpty();
    disk.resume("S");
    assertThat(change.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("done");
    assertThat(drawn()).containsExactlyInAnyOrder("d", "f", "q");
  }

  @Test
  void nodesAreListedWhileOneIsBeingClosed() throws Exception {
    Disk disk = diskOver(test.qcow2("image"));
    test.add("{'driver':'qcow2','node-name':'q','file':'d'}");
    daemon.graph().node("q").orElseThrow().write(0, ByteBuffer.allocateDirect(512), 0);
    stop(disk, "flush");
    CompletableFuture<String> change = beginChange(() -> daemon.deleteNode("q"));
    awaitStop(disk);
    assertThat(atOnce(this::reported)).containsExactlyInAnyOrder("d", "f", "q");
    assertThat(atOnce(this::drawn)).containsExactlyInAnyOrder("d", "f", "q");
    disk.resume("S");
    assertThat(change.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("done");
    assertThat(drawn()).containsExactlyInAnyOrder("d", "f");
  }

  @Test
  void nodesAreListedWhileAnImageIsBeingCreated() throws Exception {
    Disk disk = diskOver(test.file("image", TestDaemon.MIB));
    stop(disk, "write");
    CompletableFuture<JobInfo> job =
        begin(() -> test.create("job", "{'driver':'qcow2','file':'d','size':65536}"));
    awaitStop(disk);
    assertThat(atOnce(this::reported)).contains("d", "f");
    assertThat(atOnce(this::drawn)).contains("d", "f");
    disk.resume("S");
    assertThat(job.get(PATIENCE_SECONDS, TimeUnit.SECONDS).error()).isEmpty();
  }

  /** Of all disks, but for hits of rules. */
  private BlockingQueue<DiskEvent> events() {
    BlockingQueue<DiskEvent> events = new LinkedBlockingQueue<>();
    daemon
        .disks()
        .listen(
            event -> {
              if (!(event instanceof DiskEvent.RuleHit)) {
                events.add(event);
              }
            });
    return events;
  }

  private static String next(BlockingQueue<DiskEvent> events) throws Exception {
    DiskEvent event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(event).isNotNull();
    return event.getClass().getSimpleName() + " " + event.disk();
  }

  private CompletableFuture<String> beginOverStoppingDisk(String image) {
    return beginChange(
        () ->
            test.add(
                "{'driver':'qcow2','node-name':'q','file':{'driver':'blkdebug','node-name':'d','inject-error':[%s],'image':{'driver':'file','node-name':'f','filename':'%s'}}}"
                    .formatted(STOP, image)));
  }

  @Test
  void aDiskWhoseOwnRuleStopsTheOpeningAboveItCanBeResumed() throws Exception {
    BlockingQueue<DiskEvent> events = events();
    CompletableFuture<String> change = beginOverStoppingDisk(test.qcow2("image"));
    assertThat(next(events)).isEqualTo("Added d");
    assertThat(next(events)).isEqualTo("Suspended d");
    assertThat(atOnce(this::drawn)).containsExactlyInAnyOrder("d", "f");
    Disk disk = atOnce(() -> daemon.disks().require("d"));
    awaitStop(disk);
    assertThat(disk.suspended()).hasSize(1);
    atOnce(
        () -> {
          disk.removeAll();
          disk.resume("S");
          return disk;
        });
    assertThat(change.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("done");
    assertThat(daemon.disks().all()).containsExactly(disk);
    assertThat(drawn()).containsExactlyInAnyOrder("d", "f", "q");
    assertThat(next(events)).isEqualTo("RulesChanged d");
    assertThat(next(events)).isEqualTo("Resumed d");
    daemon.deleteNode("q");
    assertThat(next(events)).isEqualTo("Removed d"); // it was not added again
    assertThat(daemon.disks().all()).isEmpty();
  }

  @Test
  void aDiskThatWasStoppedWhileItWasOpenedGoesIfTheOpeningFails() throws Exception {
    BlockingQueue<DiskEvent> events = events();
    CompletableFuture<String> change = beginOverStoppingDisk(test.file("image", TestDaemon.MIB));
    assertThat(next(events)).isEqualTo("Added d");
    assertThat(next(events)).isEqualTo("Suspended d");
    Disk disk = daemon.disks().require("d");
    awaitStop(disk);
    disk.resume("S");
    assertThat(change)
        .failsWithin(Duration.ofSeconds(PATIENCE_SECONDS))
        .withThrowableThat()
        .withCauseInstanceOf(UsageException.class);
    assertThat(next(events)).isEqualTo("Resumed d");
    assertThat(next(events)).isEqualTo("Removed d");
    assertThat(daemon.disks().all()).isEmpty();
    assertThat(drawn()).isEmpty();
  }

  @Test
  void aDiskThatWasNotStoppedIsToldOnceItsOpeningHasEnded() throws Exception {
    BlockingQueue<DiskEvent> events = events();
    test.add(
        "{'driver':'qcow2','node-name':'q','file':{'driver':'blkdebug','node-name':'d','set-state':[{'event':'l1_update','new_state':2}],'image':{'driver':'file','node-name':'f','filename':'%s'}}}"
            .formatted(test.qcow2("image")));
    assertThat(next(events)).isEqualTo("Added d");
    assertThat(daemon.disks().require("d").activity().counters().inFlight()).isZero();
  }

  @Test
  void closingEndsAnOpeningThatTheDisksOwnRuleHoldsUp() throws Exception {
    BlockingQueue<DiskEvent> events = events();
    CompletableFuture<String> change = beginOverStoppingDisk(test.qcow2("image"));
    assertThat(next(events)).isEqualTo("Added d");
    assertThat(next(events)).isEqualTo("Suspended d");
    atOnce(
        () -> {
          daemon.close();
          return daemon;
        });
    assertThat(change.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("done");
    assertThat(drawn()).isEmpty();
  }
}
