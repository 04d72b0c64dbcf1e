package io.faultdisk.cli.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultdisk.block.Messages;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.Program;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.daemon.StorageDaemon;
import io.faultdisk.rules.Dialect;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands of io on the nodes of a daemon. Texts as of qemu-io 7.2. */
@Timeout(60)
class DaemonCommandsTest {
  private StorageDaemon daemon;

  @BeforeEach
  void start() throws Exception {
    daemon =
        new StorageDaemon(
            Dialect.FAULTDISK,
            objects -> Drivers.all(Dialect.FAULTDISK, objects),
            Messages.to(_ -> {}),
            new DaemonCommands(new Program("faultdisk daemon", Dialect.FAULTDISK)));
    add("driver", "memory", "size", "1M", "node-name", "m");
    add("driver", "blkdebug", "image", "m", "node-name", "d");
    add("driver", "raw", "file", "d", "node-name", "r");
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  private void add(String... keysAndValues) throws Exception {
    Options options = new Options();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      options.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    daemon.addNode(options);
  }

  private String run(String command) throws Exception {
    return daemon.runIoCommand("r", command);
  }

  @Test
  void aCommandReturnsWhatItSays() throws Exception {
    assertThat(run("write -q -P 7 0 4k")).isEmpty();
    assertThat(run("read -P 7 0 4k")).startsWith("read 4096/4096 bytes at offset 0\n");
    assertThat(run("read -P 8 0 512"))
        .startsWith("Pattern verification failed at offset 0, 512 bytes\n");
    assertThat(run("read 0 4M")).isEqualTo("read failed: Input/output error\n");
    assertThat(run("length")).isEqualTo("1 MiB\n");
    assertThat(run("")).isEmpty();
    for (String command : new String[] {"nosuch", "open", "quit", "close"}) {
      assertThat(run(command)).isEqualTo("command \"" + command + "\" not found\n");
    }
    assertThat(run("abort")).contains("would end the daemon");
    daemon.deleteNode("r");
  }

  @Test
  void anAsynchronousRequestAtABreakpointWaitsForTheNextCommand() throws Exception {
    assertThat(run("break write_aio A")).isEmpty();
    assertThat(run("aio_write -P 9 0 512")).isEmpty();
    assertThat(run("wait_break A")).isEmpty();
    assertThat(run("read -P 0 0 512")).startsWith("read 512/512");
    assertThat(run("resume A")).isEmpty();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !daemon.graph().isUsed(daemon.graph().node("r").orElseThrow()));
    assertThat(run("read -P 9 0 512")).startsWith("read 512/512");
  }

  @Test
  void asynchronousRequestsThatMeetNothingHaveEnded() throws Exception {
    assertThat(run("aio_write -P 5 0 512")).startsWith("wrote 512/512 bytes at offset 0\n");
    assertThat(run("aio_read -P 5 0 512")).startsWith("read 512/512 bytes at offset 0\n");
  }

  @Test
  void permissionsAreThoseOfTheCommand() throws Exception {
    Options options = Options.of(Map.of("driver", "null-co", "node-name", "ro"));
    options.put("read-only", "on");
    daemon.addNode(options);
    assertThat(daemon.runIoCommand("ro", "write 0 512")).contains("Block node is read-only");
    assertThat(daemon.runIoCommand("ro", "read 0 512")).startsWith("read 512/512");
  }
}
