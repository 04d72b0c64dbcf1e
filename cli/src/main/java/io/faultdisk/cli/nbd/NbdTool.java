package io.faultdisk.cli.nbd;

import io.faultdisk.base.UsageException;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Program;
import io.faultdisk.cli.Signals;
import io.faultdisk.cli.getopt.LongOption;
import io.faultdisk.cli.tool.Refusal;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The {@code nbd} tool: reads its command line and serves an image, or lists what a server has.
 *
 * <p>Used once, by one thread. Interrupting that ends the server as SIGTERM does. Source: observed
 * with qemu-nbd 7.2.
 */
public final class NbdTool {
  private final Program program;
  private final Console console;
  private final Signals signals;

  /** The tool under a name. */
  public NbdTool(Program program, Console console, Signals signals) {
    this.program = program;
    this.console = console;
    this.signals = signals;
  }

  /** The long options, each with its letter if it has one. */
  public static List<LongOption> longOptions() {
    return NbdArguments.longOptions();
  }

  /** The words that the argument of an option can be; empty if it can be anything. */
  public static List<String> choices(String longOption) {
    return switch (longOption) {
      case "cache" -> List.of("none", "writeback", "writethrough", "directsync", "unsafe");
      case "discard" -> List.of("ignore", "unmap");
      case "detect-zeroes" -> List.of("off", "on", "unmap");
      case "aio" -> List.of("threads", "native", "io_uring");
      case "format" -> List.of("raw", "qcow2");
      default -> List.of();
    };
  }

  /** Does everything; returns the exit code when the server has ended. */
  public int run(List<String> args) {
    try {
      NbdArguments arguments = NbdArguments.read(program, console, args);
      Optional<ServerSocketChannel> activated = activated(arguments);
      if (arguments.list) {
        ExportList.print(program, console, arguments);
      } else if (arguments.disconnect) {
        throw disconnect(arguments.file);
      } else {
        new Service(program, console, signals, arguments).run(activated);
      }
      return 0;
    } catch (Refusal said) {
      return said.exitCode();
    }
  }

  private Optional<ServerSocketChannel> activated(NbdArguments arguments) throws Refusal {
    try {
      return Activation.socket(arguments);
    } catch (UsageException refused) {
      console.report(refused.getMessage(), refused.hints());
      throw new Refusal();
    }
  }

  private Refusal disconnect(String device) {
    console.report(
        Files.exists(Path.of(device))
            ? "cannot disconnect "
                + device
                + ": there is no kernel client in faultdisk; run 'nbd-client -d "
                + device
                + "'"
            : "Cannot open " + device + ": No such file or directory");
    return new Refusal();
  }
}
