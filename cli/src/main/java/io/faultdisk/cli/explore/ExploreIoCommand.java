package io.faultdisk.cli.explore;

import io.faultdisk.base.Turns;
import io.faultdisk.base.Units;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.create.CreateRequest;
import io.faultdisk.block.create.ImageCreation;
import io.faultdisk.cli.io.IoWorkload;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.explore.disk.DiskContent;
import io.faultdisk.explore.disk.DiskSubject;
import io.faultdisk.explore.disk.DiskWorkload;
import io.faultdisk.rules.Dialect;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      defaultValue = "64M",
      description = "Begin with a new image of this size; default ${DEFAULT-VALUE}.")
  String size;

  @Option(
      names = "-o",
      paramLabel = "OPTIONS",
      description = "Options of the new image, as for 'img create'.")
  Optional<String> createOptions;

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description = "Begin with what is in this file instead.")
  Optional<Path> image;

  @Option(
      names = "-t",
      paramLabel = "CACHE",
      defaultValue = "writeback",
      description = "writeback, or writethrough; default ${DEFAULT-VALUE}.")
  String cache;

  @Mixin ExploreOptions options;

  ExploreIoCommand(ExplorationRun run) {
    this.run = run;
  }

  @Override
  public Integer call() {
    return run.explore(this::subject, options);
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
    String name = script.map(path -> "io " + path.getFileName()).orElse("io " + all);
    return new DiskSubject(
        new IoWorkload(name, all, cache.equals("writethrough")),
        image.isPresent() ? content(image.get()) : created(),
        format,
        () -> Drivers.all(Dialect.FAULTDISK),
        this::preparation);
  }

  private String preparation(DiskWorkload.Tool tool) {
    if (image.isPresent()) {
      return "cp --sparse=always " + quoted(image.get().toAbsolutePath().toString()) + " disk.img";
    }
    return tool.img()
        + " create -q -f "
        + format
        + createOptions.map(text -> " -o " + quoted(text)).orElse("")
        + " disk.img "
        + size;
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
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
      throw unreadable(script, e);
    }
    return lines;
  }

  private static DiskContent content(Path file) throws UsageException {
    try {
      return DiskContent.of(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static UsageException unreadable(Path file, IOException e) {
    String why =
        switch (e) {
          case NoSuchFileException _ -> "No such file or directory";
          case AccessDeniedException _ -> "Permission denied";
          default -> String.valueOf(e.getMessage());
        };
    return new UsageException("Cannot read '" + file + "': " + why);
  }

  /** A new image, made in a file for a moment. */
  private DiskContent created() throws UsageException {
    if (!Units.parseSize(size).isOk()) {
      throw new UsageException("--size: '" + size + "' is not a size", "Try 64M or 1G.");
    }
    try {
      Path file = Files.createTempFile("faultdisk-explore", ".img");
      try (BlockGraph graph =
          new BlockGraph(Drivers.all(Dialect.FAULTDISK), Turns.free(), text -> {})) {
        new ImageCreation(graph)
            .create(
                new CreateRequest(
                    file.toString(),
                    format,
                    Optional.of("size=" + size + createOptions.map(text -> "," + text).orElse("")),
                    OptionalLong.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    true),
                line -> {});
        return DiskContent.of(file);
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UsageException("Cannot make a temporary image: " + e.getMessage());
    }
  }
}
