package io.faultdisk.cli.explore;

import io.faultdisk.base.UsageException;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.explore.disk.DiskContent;
import io.faultdisk.explore.disk.DiskSubject;
import io.faultdisk.explore.disk.DiskWorkload;
import io.faultdisk.explore.disk.Preparation;
import io.faultdisk.explore.disk.command.CommandCheck;
import io.faultdisk.explore.disk.command.CommandWorkload;
import io.faultdisk.explore.disk.command.KernelFileSystem;
import io.faultdisk.rules.Dialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code explore run}: any program, unmodified. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Explores any program, unmodified. Its disk is in memory, new for each case, and served on a"
          + " socket: the program finds FAULTDISK_URI (and FAULTDISK_SOCKET) in its environment, or"
          + " FAULTDISK_DIR with --mount.",
      "",
      "Errors are tried by running the program again for each. States of a power cut are worked out"
          + " from one recording, and only checked. A program that fails since its disk does is"
          + " not to blame: the check decides. A program that dies of a signal is."
    },
    footer = {
      "",
      "Examples:",
      "  faultdisk explore run --check 'grep -q hello $FAULTDISK_FILE' -- nbdcopy hello.img"
          + " '{uri}'",
      "  faultdisk explore run --mount ext4 --check fsck --command 'echo hi >$FAULTDISK_DIR/f;"
          + " sync'"
    })
final class ExploreRunCommand implements Callable<Integer>, ExplorationRun.SubjectMaker {
  private static final String FSCK = "fsck";
  private static final String IMG = "img";

  private final ExplorationRun run;
  private final List<AutoCloseable> open = new ArrayList<>();

  @Parameters(
      arity = "0..*",
      paramLabel = "COMMAND",
      description =
          "The program and its arguments, after --; {uri} and {dir} in them are replaced.")
  List<String> words = new ArrayList<>();

  @Option(
      names = "--command",
      paramLabel = "TEXT",
      description = "A text for sh instead of a program.")
  Optional<String> shellCommand;

  @Option(
      names = "--prepare",
      paramLabel = "TEXT",
      description =
          "A text for sh that is run once before all, on the same disk, and is not explored: it"
              + " makes what the program works on.")
  Optional<String> prepare;

  @Option(
      names = "--mount",
      paramLabel = "TYPE",
      description = "Mount the disk with a new file system, ext4 or xfs; needs root.")
  Optional<String> mount;

  @Option(
      names = "-f",
      paramLabel = "FORMAT",
      defaultValue = "raw",
      description = "The format of the image below; default ${DEFAULT-VALUE}.")
  String format;

  @Mixin StartDisk start;

  @Option(
      names = "--check",
      paramLabel = "COMMAND",
      description = {
        "Decides after each case: a shell command that ends with 0 if all is well. It finds the"
            + " disk in FAULTDISK_FILE and FAULTDISK_URI, or mounted in FAULTDISK_DIR, and in"
            + " FAULTDISK_ACKED a file of what the program had acknowledged. May be given several"
            + " times. fsck is the file system's own check, img that of 'img check'. Default: fsck"
            + " with --mount, else img, and that what was flushed is there."
      })
  List<String> checks = new ArrayList<>();

  @Mixin ExploreOptions options;

  ExploreRunCommand(ExplorationRun run) {
    this.run = run;
  }

  @Override
  public Integer call() {
    return run.explore(this, options);
  }

  @Override
  public DiskSubject make() throws UsageException, InterruptedException {
    Optional<KernelFileSystem> fileSystem = Optional.empty();
    if (mount.isPresent()) {
      fileSystem = Optional.of(KernelFileSystem.named(mount.get()));
      fileSystem.get().require();
    }
    if (fileSystem.isPresent() && !format.equals("raw")) {
      throw new UsageException("--mount wants a raw disk, not " + format);
    }
    Optional<KernelFileSystem> mounted = fileSystem;
    return new DiskSubject(
        workload(command(), fileSystem),
        content(fileSystem),
        format,
        () -> Drivers.all(Dialect.FAULTDISK),
        tool -> preparation(tool, mounted),
        check(fileSystem));
  }

  private List<String> command() throws UsageException {
    if (shellCommand.isPresent() == !words.isEmpty()) {
      throw new UsageException(
          words.isEmpty() ? "There is nothing to explore" : "There are two commands to explore",
          "Name a program and its arguments after --, or give a text for sh with --command.");
    }
    return shellCommand.map(text -> List.of("sh", "-c", text)).orElse(words);
  }

  private DiskContent content(Optional<KernelFileSystem> fileSystem)
      throws UsageException, InterruptedException {
    DiskContent content =
        fileSystem.isPresent() && start.image.isEmpty()
            ? fileSystem.get().format(start.bytes(fileSystem.get().bytesUsual()))
            : start.content(format);
    return prepare.isEmpty()
        ? content
        : Preparation.after(
            workload(List.of("sh", "-c", prepare.get()), fileSystem), content, format);
  }

  private CommandWorkload workload(List<String> command, Optional<KernelFileSystem> fileSystem) {
    CommandWorkload workload =
        new CommandWorkload(command, fileSystem, () -> Drivers.all(Dialect.FAULTDISK));
    open.add(workload);
    return workload;
  }

  private String preparation(DiskWorkload.Tool tool, Optional<KernelFileSystem> fileSystem) {
    String disk = emptyDisk(tool, fileSystem);
    return prepare.isEmpty()
        ? disk
        : disk
            + "\n"
            + CommandWorkload.byHand(prepare.get(), fileSystem, "-f " + format + " disk.img");
  }

  private String emptyDisk(DiskWorkload.Tool tool, Optional<KernelFileSystem> fileSystem) {
    if (fileSystem.isPresent() && start.image.isEmpty()) {
      try {
        return "truncate -s "
            + start.bytes(fileSystem.get().bytesUsual())
            + " disk.img\n"
            + fileSystem.get().makeLine()
            + " disk.img";
      } catch (UsageException e) {
        throw new IllegalStateException("a size that was right before", e);
      }
    }
    return start.preparation(tool, format);
  }

  private Optional<io.faultdisk.explore.disk.StateCheck> check(
      Optional<KernelFileSystem> fileSystem) throws UsageException {
    ExploreOptions.requireChecks(checks);
    List<String> commands = new ArrayList<>(checks);
    boolean fsck = commands.remove(FSCK) || (commands.isEmpty() && fileSystem.isPresent());
    if (fsck && fileSystem.isEmpty()) {
      throw new UsageException("--check fsck needs --mount", "It names the file system.");
    }
    boolean img = commands.remove(IMG);
    if (img && format.equals("raw")) {
      throw new UsageException("--check img: a raw image has nothing to check");
    }
    if (commands.isEmpty() && !fsck) {
      return Optional.empty();
    }
    CommandCheck check =
        new CommandCheck(commands, fsck, fileSystem, format, () -> Drivers.all(Dialect.FAULTDISK));
    open.add(check);
    return Optional.of(check);
  }

  @Override
  public void release() {
    for (AutoCloseable each : open) {
      try {
        each.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
