package io.faultdisk.cli.daemon;

import io.faultdisk.base.UsageException;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Program;
import io.faultdisk.cli.Signals;
import io.faultdisk.cli.getopt.Getopt;
import io.faultdisk.cli.getopt.LongOption;
import io.faultdisk.cli.tool.PidFile;
import io.faultdisk.cli.tool.Refusal;
import io.faultdisk.cli.tool.Startup;
import io.faultdisk.cli.tool.ToolVersion;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * The {@code daemon} tool: reads its command line, doing what it says as it goes, then waits until
 * it is told to end: by a client, or by SIGTERM, SIGINT or SIGHUP.
 *
 * <p>Used once, by one thread. Interrupting that ends the daemon as SIGTERM does. Source: observed
 * with qemu-storage-daemon 7.2.
 */
public final class DaemonTool {
  private final Program program;
  private final Console console;
  private final Signals signals;
  private final CountDownLatch end = new CountDownLatch(1);
  private boolean daemonize;
  private Optional<String> pidFile = Optional.empty();
  private boolean interrupted;
  private volatile Optional<RunningDaemon> running = Optional.empty();

  /** The tool under a name. */
  public DaemonTool(Program program, Console console, Signals signals) {
    this.program = program;
    this.console = console;
    this.signals = signals;
  }

  /** The long options, each with its letter if it has one. */
  public static List<LongOption> longOptions() {
    return DaemonOptions.longOptions(true);
  }

  /** The words that the argument of an option can be; empty if it can be anything. */
  public static List<String> choices(String longOption) {
    return switch (longOption) {
      case "blockdev" -> List.of("driver=");
      case "chardev" -> List.of("socket,server=on,wait=off,id=", "stdio,id=");
      case "disk" -> List.of("memory:64M");
      case "export" -> List.of("nbd,id=");
      case "nbd-server" -> List.of("addr.type=unix,addr.path=", "addr.type=inet,addr.host=");
      case "object" -> List.of("secret,id=", "tls-creds-x509,id=", "tls-creds-psk,id=");
      default -> List.of();
    };
  }

  /** Does everything; returns the exit code when the daemon has ended. */
  public int run(List<String> args) {
    try (Signals.Termination _ = signals.onTermination(this::end)) {
      Optional<Integer> done = prepare(args);
      if (done.isPresent()) {
        return done.get();
      }
      try (RunningDaemon daemon = new RunningDaemon(program, console, end, daemonize)) {
        running = Optional.of(daemon);
        setUp(daemon, args);
        if (daemonize) {
          Startup.requireLauncher("--daemonize", "qemu-storage-daemon");
        }
        if (pidFile.isEmpty()) {
          serve();
        } else {
          serve(pidFile.get());
        }
      }
      return 0;
    } catch (Refusal said) {
      return said.exitCode();
    } catch (UsageException refused) {
      console.report(refused.getMessage(), refused.hints());
      return 1;
    } catch (IOException failed) {
      console.report("cannot go into the background: " + failed.getMessage());
      return 1;
    } finally {
      // Not before all is closed: an interrupted thread waits for nothing.
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void end() {
    end.countDown();
    running.ifPresent(RunningDaemon::stopWaiting);
  }

  private Getopt options(String shortOptions, List<String> args) {
    return new Getopt(
        program.name(),
        args,
        shortOptions,
        DaemonOptions.longOptions(!program.isStandIn()),
        console::error);
  }

  /** What is looked at before anything is done; the exit code if that is all. */
  private Optional<Integer> prepare(List<String> args) {
    Getopt options = options(DaemonOptions.SHORT_OPTIONS, args);
    for (int o = options.next(); o != Getopt.END; o = options.next()) {
      switch (o) {
        case 'h' -> {
          console.print(DaemonHelp.of(program));
          return Optional.of(0);
        }
        case 'V' -> {
          ToolVersion.print(program, "qemu-storage-daemon", console);
          return Optional.of(0);
        }
        case Getopt.MISTAKE -> {
          return Optional.of(1);
        }
        case DaemonOptions.DAEMONIZE -> daemonize = true;
        case DaemonOptions.PIDFILE -> pidFile = Optional.of(options.argument());
        default -> {} // its turn comes
      }
    }
    return Optional.empty();
  }

  /** Does what the options say, up to the first word that is none. */
  private void setUp(RunningDaemon daemon, List<String> args) throws Refusal {
    Getopt options = options("+" + DaemonOptions.SHORT_OPTIONS, args);
    for (int o = options.next(); o != Getopt.END; o = options.next()) {
      if (!DaemonOptions.isEarly(o)) {
        daemon.apply(DaemonOptions.of(o), options.asWritten(), options.argument());
      }
    }
    if (!options.operands().isEmpty() && !options.sawEndOfOptions()) {
      console.report(options.operands().getFirst() + ": Unexpected argument");
      throw new Refusal();
    }
  }

  private void serve(String pidFileName) throws UsageException, IOException {
    PidFile file;
    try {
      file = PidFile.write(pidFileName);
    } catch (UsageException refused) {
      throw new UsageException("cannot create PID file: " + refused.getMessage());
    }
    try (file) {
      serve();
      file.remove();
    }
  }

  private void serve() throws IOException {
    // Before there is no standard output any more: the console's URL has the token in it.
    console.flush();
    if (daemonize) {
      Startup.detach(0);
    }
    try {
      end.await();
    } catch (InterruptedException asked) {
      interrupted = true;
    }
  }
}
