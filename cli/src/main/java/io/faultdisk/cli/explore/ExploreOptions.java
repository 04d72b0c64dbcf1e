package io.faultdisk.cli.explore;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.explore.Case;
import io.faultdisk.explore.ExplorationPlan;
import io.faultdisk.explore.Explorer;
import io.faultdisk.explore.Shard;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** What all explorations can be told: which cases, and how to run them. */
final class ExploreOptions {
  private static final String DEFAULT_SEED = "1";

  @Option(
      names = "--try",
      paramLabel = "KINDS",
      defaultValue = "errors,crashes",
      description =
          "What to try: errors (each request fails), crashes (the power goes), pairs (a second"
              + " fault while the first is dealt with), random, or all; default ${DEFAULT-VALUE}.")
  String families;

  @Option(
      names = "--errno",
      paramLabel = "NAMES",
      defaultValue = "EIO,ENOSPC",
      description = "The errors to try at each point; default ${DEFAULT-VALUE}.")
  String errnos;

  @Option(
      names = "--only-once",
      description = "Try each error for one request; not also for all from it on.")
  boolean onlyOnce;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many pairs of faults at most; default ${DEFAULT-VALUE}.")
  int pairs;

  @Option(
      names = "--random",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many random runs; default ${DEFAULT-VALUE}.")
  int random;

  @Option(
      names = "--states",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many states of one power cut at most; default ${DEFAULT-VALUE}.")
  int states;

  @Option(
      names = "--cases",
      paramLabel = "N",
      description = "Try so many cases at most, evenly chosen.")
  Optional<Integer> cases;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = DEFAULT_SEED,
      description = "Of all that is chosen by chance; default ${DEFAULT-VALUE}.")
  String seed;

  @Option(
      names = {"-j", "--jobs"},
      paramLabel = "N",
      description = "How many cases at once; default: one for each processor.")
  Optional<Integer> jobs;

  @Option(
      names = "--time-limit",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "A case that takes longer hangs; default ${DEFAULT-VALUE}.")
  int timeLimit;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      description =
          "Try only the I-th of N parts; 'explore merge' joins their reports. /N takes I from a"
              + " Kubernetes indexed Job's environment.")
  Optional<String> shard;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description = "Where the reports go: report.html, results.json, junit.xml, repro/.")
  Optional<Path> report;

  @Option(names = "--resume", description = "Go on where an exploration with this report stopped.")
  boolean resume;

  private Shard shardRead = Shard.ALL;

  ExplorationPlan plan() throws UsageException {
    requireAtLeast(0, "--pairs", pairs);
    requireAtLeast(0, "--random", random);
    requireAtLeast(1, "--states", states);
    requireAtLeast(1, "--cases", cases.orElse(1));
    return new ExplorationPlan(
        families(),
        errnos(),
        true,
        !onlyOnce,
        pairs,
        random,
        states,
        cases.orElse(Integer.MAX_VALUE),
        Seed.parse(seed));
  }

  private static void requireAtLeast(int least, String option, int number) throws UsageException {
    if (number < least) {
      throw new UsageException(option + ": " + number + " is less than " + least);
    }
  }

  /** Without one the shell would find all well. */
  static void requireChecks(List<String> checks) throws UsageException {
    if (checks.stream().anyMatch(String::isBlank)) {
      throw new UsageException(
          "--check: '' is no command", "Leave the option out for the usual check.");
    }
  }

  private Set<Case.Family> families() throws UsageException {
    EnumSet<Case.Family> wanted = EnumSet.noneOf(Case.Family.class);
    for (String word : families.split(",")) {
      if (word.equals("all")) {
        wanted.addAll(EnumSet.allOf(Case.Family.class));
        continue;
      }
      boolean known = false;
      for (Case.Family family : Case.Family.values()) {
        if (family.word().equals(word.strip())) {
          wanted.add(family);
          known = true;
        }
      }
      if (!known) {
        throw new UsageException(
            "--try: '" + word + "' is nothing that can be tried",
            "There are errors, crashes, pairs, random and all, separated by commas.");
      }
    }
    return wanted;
  }

  private List<Errno> errnos() throws UsageException {
    List<Errno> wanted = new ArrayList<>();
    for (String name : errnos.split(",")) {
      Errno errno =
          Errno.named(name.strip())
              .orElseThrow(
                  () ->
                      new UsageException(
                          "--errno: there is no error '" + name + "'",
                          "Names are those of Linux, such as EIO,ENOSPC."));
      if (errno.equals(Errno.SUCCESS)) {
        throw new UsageException("--errno: '" + name + "' is no error");
      }
      wanted.add(errno);
    }
    return wanted;
  }

  /** Which part; {@link #settings} has found it to be right. */
  Shard shardInForce() {
    return shardRead;
  }

  Explorer.Settings settings(Map<String, String> environment) throws UsageException {
    requireAtLeast(1, "--jobs", jobs.orElse(1));
    requireAtLeast(1, "--time-limit", timeLimit);
    Explorer.Settings settings = Explorer.Settings.standard();
    if (jobs.isPresent()) {
      settings = settings.withWorkers(jobs.get());
    }
    if (shard.isPresent()) {
      shardRead = Shard.parse(shard.get(), environment);
      settings = settings.withShard(shardRead);
    }
    return settings.withTimeLimitMillis(timeLimit * 1000L);
  }
}
