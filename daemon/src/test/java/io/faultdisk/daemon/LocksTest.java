package io.faultdisk.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.daemon.disk.DiskEvent;
import io.faultdisk.daemon.disk.FaultSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Listeners are told with no lock held, and a change that a request holds up is no end. */
@Timeout(120)
class LocksTest {
  @TempDir Path directory;

  @Test
  void whoListensToDisksMayWaitForAChangeByAnotherThread() throws Exception {
    try (TestDaemon test = new TestDaemon(directory)) {
      List<String> heard = new ArrayList<>();
      test.daemon
          .disks()
          .listen(
              event -> {
                if (event instanceof DiskEvent.Added added) {
                  heard.add(added.disk());
                  CountDownLatch done = new CountDownLatch(1);
                  Thread.ofVirtual()
                      .start(
                          () -> {
                            try {
                              test.add("{'driver':'null-co','node-name':'other'}");
                              done.countDown();
                            } catch (Exception e) {
                              heard.add(e.toString());
                            }
                          });
                  try {
                    if (!done.await(30, TimeUnit.SECONDS)) {
                      heard.add("the other change did not get through");
                    }
                  } catch (InterruptedException e) {
                    heard.add(e.toString());
                  }
                }
              });
      test.add("{'driver':'null-co','node-name':'n'}");
      test.add("{'driver':'blkdebug','image':'n','node-name':'d'}");
      assertThat(heard).containsExactly("d");
      assertThat(test.nodes()).containsExactly("n", "d", "other");
    }
  }

  @Test
  void closingEndsAChangeWhoseRequestsAreAllHeld() throws Exception {
    try (TestDaemon test = new TestDaemon(directory)) {
      test.add(
          "{'driver':'blkdebug','node-name':'d','image':{'driver':'file','filename':'%s'}}"
              .formatted(test.qcow2("image")));
      Disk disk = test.daemon.disks().require("d");
      var unused =
          disk.add(
              new FaultSpec("inject-error", Map.of("event", "none", "errno", "0", "suspend", "S")));
      Thread opening =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      test.add("{'driver':'qcow2','node-name':'q','file':'d'}");
                    } catch (Exception e) {
                      // As it may be.
                    }
                  });
      disk.node().driver().engine().orElseThrow().awaitSuspended("S");
      test.daemon.close();
      opening.join();
      assertThat(test.nodes()).isEmpty();
    }
  }

  @Test
  void aRuleThatWouldHoldRequestsIsReportedAtTheEndIfItNeverFired() throws Exception {
    try (TestDaemon test = new TestDaemon(directory)) {
      test.add("{'driver':'null-co','node-name':'n'}");
      test.add("{'driver':'blkdebug','image':'n','node-name':'d'}");
      Map<String, String> rule =
          Map.of("event", "write_aio", "errno", "0", "suspend", "S", "expect-fired", "on");
      var unused = test.daemon.disks().require("d").add(new FaultSpec("inject-error", rule));
      test.daemon.close();
      assertThat(test.messages).anyMatch(text -> text.endsWith("on write_aio never fired"));
    }
  }
}
