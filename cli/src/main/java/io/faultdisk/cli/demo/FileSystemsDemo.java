package io.faultdisk.cli.demo;

import io.faultdisk.base.UsageException;
import io.faultdisk.cli.Console;
import io.faultdisk.explore.disk.command.KernelFileSystem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo filesystems}: what is left of a file that was replaced, and of a git commit. */
@Command(
    name = "filesystems",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "A file that is replaced by renaming, with fsync and without it, and a commit in git, on ext4"
          + " and XFS: every state that a power cut can leave is mounted, looked at, unmounted and"
          + " checked by fsck.",
      "",
      "Needs root, git, nbdfuse, e2fsprogs and xfsprogs."
    })
final class FileSystemsDemo implements Callable<Integer> {
  private static final String OLD = "cd $FAULTDISK_DIR && yes old | head -c 40000 >file\n";

  private static final String WRITE = "cd $FAULTDISK_DIR && yes new | head -c 50000 >file.tmp\n";

  private static final String CHECK_FILE =
      """
      cd "$FAULTDISK_DIR" && [ -e file ] || { echo missing; exit 1; }
      yes new | head -c 50000 | cmp -s - file && { echo new; exit 0; }
      yes old | head -c 40000 | cmp -s - file && {
        [ -s "$FAULTDISK_ACKED" ] && { echo lost; exit 1; }
        echo old; exit 0
      }
      [ -s file ] || { echo empty; exit 1; }
      [ "$(tr -d '\\0' <file | wc -c)" = 0 ] && { echo zeroes; exit 1; }
      echo garbage; exit 1
      """;

  private static final String GIT =
      "git -c user.name=a -c user.email=a@b -c gc.auto=0 -c init.defaultBranch=main";

  private static final String HOME =
      """
      export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_COUNT=1
      export GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
      cd "$FAULTDISK_DIR"
      """;

  private static final String REPOSITORY =
      HOME
          + """
          GIT init -q repo && cd repo
          echo one >file && GIT add file && GIT commit -q -m one
          """;

  private static final String COMMIT =
      HOME
          + """
          cd repo && echo two >file && GIT add file && GIT commit -q -m two
          "$FAULTDISK_ACK" two
          """;

  private static final String CHECK_COMMIT =
      HOME
          + """
          said=$(cd repo 2>&1 && git log --format=%s 2>&1 && git fsck --full 2>&1) || {
            echo "broken: $said" | head -n 1; exit 1
          }
          case $said in
            two*) echo new ;;
            *) [ -s "$FAULTDISK_ACKED" ] && { echo lost; exit 1; }; echo old ;;
          esac
          """;

  private final DemoRun run;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description = "Where the reports go; default: a new directory in /tmp.")
  Optional<Path> report;

  FileSystemsDemo(DemoRun run) {
    this.run = run;
  }

  @Override
  public Integer call() {
    return run.demo(List.of("git"), KernelFileSystem.values(), this::explore);
  }

  private static List<Scenario> scenarios(KernelFileSystem fileSystem) {
    String renamed = "mv file.tmp file\n\"$FAULTDISK_ACK\" new\n";
    String safe = "sync file.tmp\nmv file.tmp file\nsync .\n\"$FAULTDISK_ACK\" new\n";
    return List.of(
        scenario("rename", fileSystem, OLD, WRITE + renamed, CHECK_FILE),
        scenario("fsync, rename, fsync", fileSystem, OLD, WRITE + safe, CHECK_FILE),
        git("git commit", fileSystem, GIT),
        git("git, core.fsync=all", fileSystem, GIT + " -c core.fsync=all"));
  }

  private static Scenario git(String name, KernelFileSystem fileSystem, String git) {
    return scenario(
        name, fileSystem, replaced(REPOSITORY, git), replaced(COMMIT, git), CHECK_COMMIT);
  }

  private static String replaced(String text, String git) {
    return text.replace("GIT init", git + " init")
        .replace("GIT add", git + " add")
        .replace("GIT commit", git + " commit");
  }

  private static Scenario scenario(
      String name, KernelFileSystem fileSystem, String preparation, String program, String check) {
    return new Scenario(
        name, fileSystem, fileSystem.bytesUsual(), preparation, program, check, true);
  }

  private int explore() throws UsageException, InterruptedException {
    Path reports = DemoRun.reports(report, "filesystems");
    Console console = run.console();
    console.line(
        "The power is cut at every flush, and any of the writes since the last one survive.");
    console.line("");
    console.line(
        "        program                 checked     fsck   whole     lost    wrong  seconds");
    List<String> notes = new ArrayList<>();
    for (KernelFileSystem fileSystem : KernelFileSystem.values()) {
      for (Scenario scenario : scenarios(fileSystem)) {
        String directory = fileSystem.type() + "-" + scenario.name().replaceAll("[^a-z]+", "-");
        DemoRun.Found found = run.explore(scenario, reports.resolve(directory));
        int whole = found.count("old") + found.count("new");
        int lost = found.count("lost");
        int fsck = found.count("fsck.ext4") + found.count("xfs_repair");
        int wrong = found.checked() - whole - lost - fsck;
        console.line(
            String.format(
                Locale.ROOT,
                "  %-6s%-24s%7d%9s%8d%9d%9d%9s",
                fileSystem.type(),
                scenario.name(),
                found.checked(),
                fsck == 0 ? "clean" : fsck + " bad",
                whole,
                lost,
                wrong,
                found.seconds()));
        console.flush();
        for (Map.Entry<String, Integer> word : found.words().entrySet()) {
          if (!List.of("old", "new").contains(word.getKey())) {
            Optional<Path> script =
                DemoRun.reproducer(found, word.getKey(), reports.resolve(directory));
            notes.add(
                String.format(
                    Locale.ROOT,
                    "  %-6s%-24s%4d x %-10s%s",
                    fileSystem.type(),
                    scenario.name(),
                    word.getValue(),
                    word.getKey(),
                    script.map(path -> "sh " + path).orElse("")));
          }
        }
      }
    }
    console.line("");
    console.line("whole: old or new; lost: old, though the new was acknowledged; wrong: neither.");
    notes.forEach(console::line);
    console.line("reports: " + reports);
    return 0;
  }
}
