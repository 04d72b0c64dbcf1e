package io.faultdisk.cli.io;

import io.faultdisk.block.options.Options;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Loop;
import io.faultdisk.cli.Program;
import io.faultdisk.cli.Signals;
import io.faultdisk.cli.getopt.Getopt;
import io.faultdisk.cli.getopt.LongOption;
import io.faultdisk.cli.tool.ObjectOption;
import io.faultdisk.cli.tool.OptionStrings;
import io.faultdisk.cli.tool.Refusal;
import io.faultdisk.cli.tool.ToolVersion;
import io.faultdisk.daemon.objects.UserObjects;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The {@code io} tool: reads its command line, opens the image, runs the commands.
 *
 * <p>Used once, by one thread. Source: observed with qemu-io 7.2.
 */
public final class IoTool {
  private static final int OBJECT = 256;
  private static final int IMAGE_OPTS = 257;
  private static final String SHORT_OPTIONS = "hVc:d:f:rsnCmki:t:T:U";

  private final Program program;
  private final Console console;
  private final Signals signals;

  private final List<String> commands = new ArrayList<>();
  private final OpenOptions open;
  private final UserObjects objects;
  private Optional<String> format = Optional.empty();
  private boolean imageOptions;
  private boolean misaligned;
  private boolean forceShare;

  /** The tool under a name. */
  public IoTool(Program program, Console console, Signals signals) {
    this.program = program;
    this.console = console;
    this.signals = signals;
    this.open = new OpenOptions(console);
    this.objects = new UserObjects(program.dialect());
  }

  /** Does everything; returns the exit code. Standard output may still hold something back. */
  public int run(List<String> args) {
    Getopt options = new Getopt(program.name(), args, SHORT_OPTIONS, longOptions(), console::error);
    try {
      for (int o = options.next(); o != Getopt.END; o = options.next()) {
        switch (o) {
          case 'h' -> {
            usage();
            return 0;
          }
          case 'V' -> {
            version();
            return 0;
          }
          case Getopt.MISTAKE -> {
            usage();
            return 1;
          }
          default -> take(o, options);
        }
      }
      if (options.operands().size() > 1) {
        usage();
        return 1;
      }
      if (format.isPresent() && imageOptions) {
        console.report("--image-opts and -f are mutually exclusive");
        return 1;
      }
      return work(options.operands());
    } catch (Refusal said) {
      return 1;
    }
  }

  /** The long options, each with its letter if it has one. */
  public static List<LongOption> longOptions() {
    return List.of(
        LongOption.flag("help", 'h'),
        LongOption.flag("version", 'V'),
        LongOption.withArgument("cmd", 'c'),
        LongOption.withArgument("format", 'f'),
        LongOption.flag("read-only", 'r'),
        LongOption.flag("snapshot", 's'),
        LongOption.flag("nocache", 'n'),
        LongOption.flag("copy-on-read", 'C'),
        LongOption.flag("misalign", 'm'),
        LongOption.flag("native-aio", 'k'),
        LongOption.withArgument("aio", 'i'),
        LongOption.withArgument("discard", 'd'),
        LongOption.withArgument("cache", 't'),
        LongOption.withArgument("trace", 'T'),
        LongOption.withArgument("object", OBJECT),
        LongOption.flag("image-opts", IMAGE_OPTS),
        LongOption.flag("force-share", 'U'));
  }

  /** The words that the argument of an option can be; empty if it can be anything. */
  public static List<String> choices(String longOption) {
    return switch (longOption) {
      case "cache" -> List.of("none", "writeback", "writethrough", "directsync", "unsafe");
      case "discard" -> List.of("ignore", "unmap");
      case "aio" -> List.of("threads", "native", "io_uring");
      case "format" -> List.of("raw", "file", "blkdebug", "memory", "null-co");
      default -> List.of();
    };
  }

  private void take(int option, Getopt options) throws Refusal {
    switch (option) {
      case 'c' -> commands.add(options.argument());
      case 'f' -> format = Optional.of(options.argument());
      case 'm' -> misaligned = true;
      case 'T' -> {} // there is nothing to trace
      case 'U' -> forceShare = true;
      case OBJECT -> ObjectOption.add(objects, console, options.argument());
      case IMAGE_OPTS -> imageOptions = true;
      case 't', 'd', 'i' -> open.take(option, options.argument());
      default -> open.take(option);
    }
  }

  private int work(List<String> operands) throws Refusal {
    try (Session session =
        new Session(program, console, signals, imageOptions, new Buffers(misaligned), objects)) {
      if (!operands.isEmpty()) {
        open(session, operands.get(0));
      }
      boolean good = commands.isEmpty() ? interact(session) : runAll(session);
      return drain(session) && good ? 0 : 1;
    } catch (Loop.Stuck stuck) {
      // A breakpoint on the flush that closing does.
      console.report("close: " + stuck.what());
      return 1;
    }
  }

  private void open(Session session, String name) throws Refusal {
    Options options;
    Optional<String> filename = Optional.empty();
    if (imageOptions) {
      options = OptionStrings.read(console, name);
    } else {
      options = new Options();
      if (format.isPresent()) {
        options.put("driver", format.get());
      }
      filename = Optional.of(name);
    }
    session.open(filename, open.flags(), options, forceShare);
  }

  private boolean runAll(Session session) {
    CommandRunner runner = new CommandRunner(session);
    boolean good = true;
    for (String command : commands) {
      if (session.quitting()) {
        break;
      }
      good &= runner.run(command);
    }
    return good;
  }

  private boolean interact(Session session) {
    CommandRunner runner = new CommandRunner(session);
    boolean good = true;
    try (Prompt prompt = Prompt.of(session)) {
      while (!session.quitting()) {
        Optional<String> line = prompt.next();
        if (line.isEmpty()) {
          break;
        }
        good &= runner.run(line.get());
      }
    }
    return good;
  }

  private boolean drain(Session session) {
    try {
      session.loop().drain();
      return true;
    } catch (Loop.Stuck stuck) {
      console.report(stuck.what());
      return false;
    }
  }

  private void version() {
    ToolVersion.print(program, "qemu-io", console);
  }

  private void usage() {
    console.print(UsageText.of(program));
  }
}
