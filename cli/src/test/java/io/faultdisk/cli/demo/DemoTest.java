package io.faultdisk.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.Console;
import io.faultdisk.cli.Main;
import io.faultdisk.cli.Signals;
import io.faultdisk.cli.Stdio;
import io.faultdisk.explore.disk.command.KernelFileSystem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Stdio stdio = new Stdio(new ByteArrayInputStream(new byte[0]), out, err, false);

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void whatIsMissingIsSaidInOneLine() {
    Console console = new Console("faultdisk", stdio, false);
    DemoRun run = new DemoRun(console, Signals.simulated());
    int code =
        run.demo(
            List.of("sh", "no-such-program", "nor-this"),
            new KernelFileSystem[0],
            () -> {
              throw new AssertionError("it began");
            });
    assertThat(code).isEqualTo(2);
    assertThat(errors())
        .isEqualTo("faultdisk: this demo needs no-such-program, nor-this: install it\n");
  }

  @Test
  void onlyRootCanMount() {
    Assumptions.assumeFalse("root".equals(System.getProperty("user.name")), "root can mount");
    assertThat(Main.run(List.of("demo", "filesystems"), stdio)).isEqualTo(2);
    assertThat(errors().lines().count()).isEqualTo(1);
  }

  @Test
  void aGuestNeedsAKernel(@TempDir Path empty) {
    assertThat(Main.run(List.of("demo", "guest", "--kernel", empty.toString()), stdio))
        .isEqualTo(2);
    assertThat(errors())
        .startsWith("faultdisk: a guest needs ")
        .contains("a Linux kernel and its modules\n", "into " + empty + ".\n");
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void thereIsAListOfDemos() {
    assertThat(Main.run(List.of("demo"), stdio)).isEqualTo(2);
    assertThat(errors()).contains("sqlite", "h2");
  }
}
