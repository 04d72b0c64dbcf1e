package io.faultdisk.cli.explore;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code explore merge}: joins the reports of shards. */
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    description = {
      "Joins the reports of the shards of one exploration.",
      "",
      "The result is that of an exploration without shards."
    })
final class ExploreMergeCommand implements Callable<Integer> {
  private final ExplorationRun run;

  @Parameters(arity = "1..*", paramLabel = "DIR", description = "The shards' reports.")
  List<Path> parts;

  @Option(
      names = "--report",
      required = true,
      paramLabel = "DIR",
      description = "Where the joined reports go.")
  Path report;

  ExploreMergeCommand(ExplorationRun run) {
    this.run = run;
  }

  @Override
  public Integer call() {
    return run.merge(parts, report);
  }
}
