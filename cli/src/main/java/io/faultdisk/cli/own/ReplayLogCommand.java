package io.faultdisk.cli.own;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Permission;
import io.faultdisk.block.logwrites.LogEntry;
import io.faultdisk.block.logwrites.LogReader;
import io.faultdisk.block.logwrites.LogReplay;
import io.faultdisk.block.options.FileNames;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.tool.ConsoleMessages;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.rules.Dialect;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code replay-log}: replays a log of writes onto a disk, as far as wanted, and checks it. */
@Command(
    name = "replay-log",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Replays a log of writes onto a disk, as far as wanted, and checks the disk on the way.",
      "",
      "Logs are written by dm-log-writes of Linux and by the driver blklogwrites, here and in QEMU."
          + " The options are those of the program of this name in xfstests. Without --replay,"
          + " --find or --num-entries it says what the log is.",
    },
    footer = {
      "",
      "Example:",
      "  faultdisk replay-log --log log --replay disk.raw --check flush --fsck 'e2fsck -fn"
          + " disk.raw'"
    })
final class ReplayLogCommand implements Callable<Integer> {
  private final Console console;

  @Spec CommandSpec spec;

  @Option(names = "--log", required = true, paramLabel = "FILE", description = "The log.")
  String log;

  @Option(names = "--replay", paramLabel = "DISK", description = "Replays onto this disk or image.")
  @Nullable String replay;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "raw",
      description = "The format of DISK; default ${DEFAULT-VALUE}.")
  String format;

  @Option(names = "--limit", paramLabel = "N", description = "Stops after so many entries.")
  long limit;

  @Option(names = "--next-flush", description = "Stops after the next flush.")
  boolean nextFlush;

  @Option(names = "--next-fua", description = "Stops after the next write with FUA.")
  boolean nextFua;

  @Option(names = "--start-entry", paramLabel = "N", description = "Starts at this entry, from 0.")
  long startEntry;

  @Option(names = "--start-mark", paramLabel = "MARK", description = "Starts behind this mark.")
  @Nullable String startMark;

  @Option(names = "--end-mark", paramLabel = "MARK", description = "Stops at this mark.")
  @Nullable String endMark;

  @Option(
      names = "--find",
      description =
          "Only says where it would stop: the entry, and the sector of the log behind it.")
  boolean find;

  @Option(names = "--num-entries", description = "Only says how many entries the log has.")
  boolean count;

  @Option(names = "--no-discard", description = "Leaves discards out.")
  boolean noDiscard;

  @Option(
      names = "--fsck",
      paramLabel = "COMMAND",
      description = "A shell command that fails if the disk is bad; needs --check.")
  @Nullable String fsck;

  @Option(
      names = "--check",
      paramLabel = "WHEN",
      description = "When to run it: flush, fua, mark, or a number N for after every N entries.")
  @Nullable String check;

  @Option(
      names = {"-v", "--verbose"},
      description = "Prints each entry that is replayed.")
  boolean verbose;

  ReplayLogCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if ((fsck == null) != (check == null)) {
      throw mistake("--fsck and --check need each other");
    }
    if (limit < 0 || startEntry < 0) {
      throw mistake(
          (limit < 0 ? "--limit: " + limit : "--start-entry: " + startEntry) + " is less than 0");
    }
    long every = every();
    try (BlockGraph graph =
        new BlockGraph(
            Drivers.all(Dialect.FAULTDISK), Turns.free(), new ConsoleMessages(console))) {
      BlockBackend file = open(graph, log, "raw", true);
      LogReader reader = new LogReader(log, new ImageBytes(file));
      if (count) {
        console.line(Long.toString(reader.entries()));
        return 0;
      }
      if (!find && replay == null) {
        console.line(
            "version 1, sectors of "
                + reader.sectorSize()
                + " bytes, "
                + reader.entries()
                + (reader.entries() == 1 ? " entry" : " entries"));
        return 0;
      }
      skip(reader);
      if (find || replay == null) {
        return find(reader);
      }
      BlockBackend disk = open(graph, replay, format, false);
      return replay(reader, disk, every);
    } catch (UsageException refused) {
      console.report(refused.getMessage(), refused.hints());
      return 1;
    } catch (BlockIoException failure) {
      console.report("Could not flush '" + replay + "': " + failure.reason());
      return 1;
    }
  }

  /** After how many entries a check is due; 0 if it hangs on something else. */
  private long every() {
    if (check == null || check.equals("flush") || check.equals("fua") || check.equals("mark")) {
      return 0;
    }
    try {
      long number = Long.parseLong(check);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // As any other word.
    }
    throw mistake("--check takes flush, fua, mark or a number from 1, not '" + check + "'");
  }

  private CommandLine.ParameterException mistake(String text) {
    return new CommandLine.ParameterException(spec.commandLine(), text);
  }

  /** Other programs shall be able to look at the files meanwhile, so that they are not locked. */
  private static BlockBackend open(BlockGraph graph, String name, String format, boolean readOnly)
      throws UsageException {
    Options options = new Options();
    options.put("driver", format);
    Optional<String> filename = Optional.of(name);
    if (!FileNames.hasProtocol(name)) {
      options.put("file.filename", name);
      options.put("file.driver", "file");
      options.put("file.locking", "off");
      filename = Optional.empty();
    }
    try {
      OpenFlags flags = OpenFlags.TOOL.withReadOnly(readOnly).withCache(false, false, false);
      BlockBackend image = graph.open(filename, options, flags.withUnmap(true));
      if (!readOnly) {
        image.requirePermissions(Permission.WRITE);
      }
      return image;
    } catch (UsageException refused) {
      String place = "Could not open '" + name + "': ";
      String why = String.valueOf(refused.getMessage());
      throw new UsageException(why.startsWith(place) ? why : place + why);
    }
  }

  /** The log as it is read. */
  private record ImageBytes(BlockBackend image) implements LogReader.Bytes {
    @Override
    public void read(long offset, ByteBuffer target) throws BlockIoException {
      image.read(offset, target);
    }

    @Override
    public long length() throws BlockIoException {
      return image.length();
    }
  }

  private void skip(LogReader reader) throws UsageException {
    String mark = startMark;
    if (mark != null) {
      Optional<LogEntry> entry = reader.next();
      while (entry.isPresent() && !isMark(entry.get(), mark)) {
        entry = reader.next();
      }
      if (entry.isEmpty()) {
        throw new UsageException("Log '" + log + "' has no mark '" + mark + "'");
      }
      return;
    }
    for (long skipped = 0; skipped < startEntry; skipped++) {
      if (reader.next().isEmpty()) {
        throw new UsageException(
            "Log '" + log + "' has no entry " + startEntry + ", only " + reader.entries());
      }
    }
  }

  private int find(LogReader reader) throws UsageException {
    long seen = 0;
    for (Optional<LogEntry> entry = reader.next(); entry.isPresent(); entry = reader.next()) {
      seen++;
      if (stopsAt(entry.get(), seen)) {
        console.line(entry.get().number() + "@" + reader.position() / reader.sectorSize());
        return 0;
      }
    }
    throw new UsageException("Log '" + log + "' has no such entry");
  }

  private int replay(LogReader reader, BlockBackend disk, long every)
      throws UsageException, BlockIoException {
    LogReplay replaying = new LogReplay(reader, disk, !noDiscard);
    long seen = 0;
    boolean stopped = false;
    for (Optional<LogEntry> next = reader.next(); next.isPresent() && !stopped; ) {
      LogEntry entry = next.get();
      replaying.apply(entry);
      seen++;
      if (verbose) {
        console.line(entry.number() + "@" + entry.position() / reader.sectorSize() + " " + entry);
      }
      if (isDue(entry, seen, every)) {
        disk.flush();
        int code = run(String.valueOf(fsck));
        if (code != 0) {
          console.report(
              "the check failed with exit code "
                  + code
                  + " after entry "
                  + entry.number()
                  + ", "
                  + entry
                  + ", at byte "
                  + entry.position()
                  + " of the log");
          return 1;
        }
      }
      stopped = stopsAt(entry, seen);
      if (!stopped) {
        next = reader.next();
      }
    }
    disk.flush();
    if (!stopped && endMark != null) {
      throw new UsageException(
          "Log '" + log + "' has no mark '" + endMark + "': replayed to its end");
    }
    console.line("replayed " + seen + (seen == 1 ? " entry" : " entries"));
    return 0;
  }

  private boolean stopsAt(LogEntry entry, long seen) {
    return (limit > 0 && seen == limit)
        || (nextFlush && entry.has(LogEntry.FLUSH))
        || (nextFua && entry.has(LogEntry.FUA))
        || (endMark != null && isMark(entry, endMark));
  }

  private static boolean isMark(LogEntry entry, String name) {
    return entry.has(LogEntry.MARK) && entry.mark().equals(name);
  }

  private boolean isDue(LogEntry entry, long seen, long every) {
    if (check == null) {
      return false;
    }
    return switch (check) {
      case "flush" -> entry.has(LogEntry.FLUSH);
      case "fua" -> entry.has(LogEntry.FUA);
      case "mark" -> entry.has(LogEntry.MARK);
      default -> seen % every == 0;
    };
  }

  /** Runs a shell command and shows what it prints; returns its exit code. */
  private int run(String command) throws UsageException {
    console.flush();
    try {
      Process process =
          new ProcessBuilder("sh", "-c", command)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
              .start();
      byte[] output = process.getInputStream().readAllBytes();
      console.print(new String(output, StandardCharsets.UTF_8));
      return process.waitFor();
    } catch (IOException e) {
      throw new UsageException("Could not run '" + command + "': " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UsageException("Interrupted while '" + command + "' was running");
    }
  }
}
