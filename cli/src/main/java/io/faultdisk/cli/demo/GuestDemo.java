package io.faultdisk.cli.demo;

import io.faultdisk.base.Clock;
import io.faultdisk.base.UsageException;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.daemon.HttpOption;
import io.faultdisk.cli.demo.guest.Guest;
import io.faultdisk.cli.demo.guest.GuestDirectory;
import io.faultdisk.cli.demo.guest.GuestDisk;
import io.faultdisk.cli.demo.guest.GuestFailure;
import io.faultdisk.cli.demo.guest.GuestParts;
import io.faultdisk.cli.explore.ScriptExplorations;
import io.faultdisk.cli.tool.ConsoleMessages;
import io.faultdisk.console.ConsoleServer;
import io.faultdisk.daemon.objects.UserObjects;
import io.faultdisk.explore.disk.command.KernelFileSystem;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.Observer;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.Request;
import io.faultdisk.rules.SuspendedRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo guest}: a virtual machine that waits for one write of its disk. */
@Command(
    name = "guest",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "A small Linux guest in QEMU, its disk an NBD export of ours. One write of its disk is held"
          + " at a breakpoint: the guest lives on, the program that wrote does not, until the write"
          + " is let go.",
      "",
      "Needs qemu-system-x86, busybox-static and a kernel; no root."
    })
final class GuestDemo implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");
  private static final String TAG = "held";
  private static final int SECTOR = 512;
  private static final int SECONDS_WITHOUT_TERMINAL = 2;

  /** Raw, in memory, with an engine that has no rules yet. */
  private static final String DISK =
      "driver=raw,file.driver=blkdebug,file.node-name=vda,file.image.driver=memory,file.image.size=64M";

  private static final String WRITE =
      "dd if=/bin/busybox of=/dev/vda bs=4k seek=256 count=1 conv=fsync";

  private final DemoRun run;
  private final Clock clock = Clock.system();

  @Option(
      names = "--release-after",
      paramLabel = "SECONDS",
      description =
          "Let the write go after so long, rather than when Enter is pressed; where standard input"
              + " is no terminal and there is no console that is the default, with 2 seconds.")
  Optional<Integer> releaseAfter;

  @Option(
      names = "--kernel",
      paramLabel = "DIR",
      description =
          "Where boot/vmlinuz-* and lib/modules are; default: ~/.cache/faultdisk/guest-kernel, then"
              + " /.")
  Optional<Path> kernel;

  @Option(
      names = "--http",
      paramLabel = "[HOST:]PORT",
      description =
          "Serve the console there: the write is seen in it, and let go by a click. As the option"
              + " of 'faultdisk daemon'.")
  Optional<String> http;

  GuestDemo(DemoRun run) {
    this.run = run;
  }

  @Override
  public Integer call() {
    GuestParts parts;
    try {
      parts = GuestParts.find(kernel);
    } catch (UsageException missing) {
      run.console().report(missing.getMessage(), missing.hints());
      return DemoRun.MISSING;
    }
    return run.demo(List.of(), new KernelFileSystem[0], () -> show(parts));
  }

  private int show(GuestParts parts) throws UsageException, InterruptedException {
    try (GuestDirectory directory = GuestDirectory.make();
        GuestDisk disk =
            GuestDisk.serve(DISK, directory.socket(), new ConsoleMessages(run.console()))) {
      say("Linux " + parts.kernel().release() + " in QEMU, its disk " + disk.uri());
      if (http.isEmpty()) {
        show(parts, directory, disk);
      } else {
        HttpOption option = HttpOption.parse(http.get(), System.getenv());
        try (ScriptExplorations explorations = new ScriptExplorations();
            ConsoleServer server =
                option.start(
                    disk.daemon(),
                    new UserObjects(Dialect.FAULTDISK),
                    explorations,
                    run.console())) {
          say("console: " + server.url());
          show(parts, directory, disk);
        }
      }
      return 0;
    } catch (GuestFailure failed) {
      throw new UsageException(failed.getMessage());
    }
  }

  private void show(GuestParts parts, GuestDirectory directory, GuestDisk disk)
      throws UsageException, GuestFailure, InterruptedException {
    long begin = clock.nanoTime();
    try (Guest guest = Guest.boot(parts, disk, directory.path(), PATIENCE)) {
      say("guest: up after " + seconds(clock.nanoTime() - begin));
      hold(guest, disk.engine());
      guest.powerOff();
    }
  }

  private void hold(Guest guest, FaultEngine engine)
      throws UsageException, GuestFailure, InterruptedException {
    CountDownLatch resumed = new CountDownLatch(1);
    try (Observer.Registration _ =
        engine.observe(
            observation -> {
              if (observation instanceof Observation.RequestResumed over
                  && over.request().tag().equals(TAG)) {
                resumed.countDown();
              }
            })) {
      engine.addBreakpoint(QemuEvents.WRITE_AIO, TAG);
      say("host:  breakpoint '" + TAG + "' on " + QemuEvents.WRITE_AIO.name());
      say("guest: $ " + WRITE);
      Guest.Job job = guest.start(WRITE);
      if (!engine.awaitSuspended(TAG, PATIENCE.toNanos())) {
        throw new UsageException("The guest has not written anything");
      }
      SuspendedRequest held = engine.snapshot().suspended().getFirst();
      long since = clock.nanoTime();
      say("host:  " + describe(held));
      say(
          "guest: lives, and its dd is in state %s: it waits for the disk"
              .formatted(guest.state(job)));
      awaitRelease(engine, resumed);
      say("host:  let go after " + seconds(clock.nanoTime() - since));
      Guest.Ended ended = guest.finish(job);
      ended.output().forEach(line -> say("guest: " + line));
      say("guest: exit status " + ended.status());
    }
  }

  /** Somebody else may resume it, too. */
  private void awaitRelease(FaultEngine engine, CountDownLatch resumed)
      throws InterruptedException {
    Console console = run.console();
    if (releaseAfter.isEmpty() && console.terminal()) {
      say("Press Enter to let it go" + (http.isPresent() ? ", or Resume in the console." : "."));
      Thread enter =
          new Thread(
              () -> {
                awaitEnter(console);
                engine.resume(TAG);
              },
              "enter");
      enter.setDaemon(true);
      enter.start();
      resumed.await();
    } else if (releaseAfter.isEmpty() && http.isPresent()) {
      say("Resume in the console lets it go.");
      resumed.await();
    } else if (!resumed.await(releaseAfter.orElse(SECONDS_WITHOUT_TERMINAL), TimeUnit.SECONDS)) {
      engine.resume(TAG);
    }
  }

  private static void awaitEnter(Console console) {
    try {
      int character;
      do {
        character = console.in().read();
      } while (character >= 0 && character != '\n' && character != '\r');
    } catch (IOException e) {
      // Nobody is there to press it.
    }
  }

  private static String describe(SuspendedRequest held) {
    Request request = held.request().orElseThrow();
    return "held since %s: %s (sector %d)"
        .formatted(
            TIME.format(held.since().atZone(ZoneId.systemDefault())),
            request,
            request.offset() / SECTOR);
  }

  private void say(String line) {
    run.console().line(line);
    run.console().flush();
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
  }
}
