package io.faultdisk.cli.explore;

import io.faultdisk.base.UsageException;
import io.faultdisk.cli.io.IoWorkload;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.explore.disk.DiskSubject;
import io.faultdisk.explore.disk.command.CommandCheck;
import io.faultdisk.rules.Dialect;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code explore io}: commands of {@code io} on an image, all in this process and in memory. */
@Command(
    name = "io",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Explores commands of 'faultdisk io' on an image, in memory: each case begins with the same"
          + " image, and no file is changed.",
      "",
      "After each case the image is opened again: its metadata must be sound, what was acknowledged"
          + " and flushed must be there, and nothing may be there that nobody wrote. Leaked"
          + " clusters are noted."
    },
    footer = {
      "",
      "Example:",
      "  faultdisk explore io --size 64M -c 'write 0 64k' -c flush -c 'write 1M 4k' --report out"
    })
final class ExploreIoCommand implements Callable<Integer> {
  private final ExplorationRun run;

  @Parameters(
      arity = "0..1",
      paramLabel = "SCRIPT",
      description = "A file of io commands, one per line; # begins a comment.")
  Optional<Path> script;

  @Option(
      names = "-c",
      paramLabel = "COMMAND",
      description = "An io command; may be given several times, after those of the script.")
  List<String> commands = new ArrayList<>();

  @Option(
      names = "-f",
      paramLabel = "FORMAT",
      defaultValue = "qcow2",
      description = "The format of the image; default ${DEFAULT-VALUE}.")
  String format;

  @Mixin StartDisk start;

  @Option(
      names = "--check",
      paramLabel = "COMMAND",
      description = {
        "A shell command that is run after each case as well: it finds the disk in FAULTDISK_FILE"
            + " and, as users see it, in FAULTDISK_URI, and ends with 0 if that is good. May be"
            + " given several times."
      })
  List<String> checks = new ArrayList<>();

  @Option(
      names = "-t",
      paramLabel = "CACHE",
      defaultValue = "writeback",
      description = "writeback, or writethrough; default ${DEFAULT-VALUE}.")
  String cache;

  @Mixin ExploreOptions options;

  private Optional<CommandCheck> check = Optional.empty();

  ExploreIoCommand(ExplorationRun run) {
    this.run = run;
  }

  @Override
  public Integer call() {
    return run.explore(
        new ExplorationRun.SubjectMaker() {
          @Override
          public DiskSubject make() throws UsageException {
            return subject();
          }

          @Override
          public void release() {
            check.ifPresent(CommandCheck::close);
          }
        },
        options);
  }

  private DiskSubject subject() throws UsageException {
    List<String> all = new ArrayList<>();
    if (script.isPresent()) {
      all.addAll(lines(script.get()));
    }
    all.addAll(commands);
    if (all.isEmpty()) {
      throw new UsageException(
          "There is nothing to explore", "Name a file of io commands, or give some with -c.");
    }
    if (!cache.equals("writeback") && !cache.equals("writethrough")) {
      throw new UsageException("-t: '" + cache + "' is neither writeback nor writethrough");
    }
    ExploreOptions.requireChecks(checks);
    if (!checks.isEmpty()) {
      check =
          Optional.of(
              new CommandCheck(
                  checks, false, Optional.empty(), format, () -> Drivers.all(Dialect.FAULTDISK)));
    }
    String name = script.map(path -> "io " + path.getFileName()).orElse("io " + all);
    return new DiskSubject(
        new IoWorkload(name, all, cache.equals("writethrough")),
        start.content(format),
        format,
        () -> Drivers.all(Dialect.FAULTDISK),
        tool -> start.preparation(tool, format),
        check.map(its -> its));
  }

  private static List<String> lines(Path script) throws UsageException {
    List<String> lines = new ArrayList<>();
    try {
      for (String line : Files.readString(script, StandardCharsets.UTF_8).split("\n", -1)) {
        String command = line.strip();
        if (!command.isEmpty() && !command.startsWith("#")) {
          lines.add(command);
        }
      }
    } catch (IOException e) {
      throw StartDisk.unreadable(script, e);
    }
    return lines;
  }
}
