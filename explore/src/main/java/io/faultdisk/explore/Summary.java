package io.faultdisk.explore;

import io.faultdisk.base.ShellWord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a terminal shows at the end. */
public final class Summary {
  private static final int GROUPS_SHOWN = 5;
  private static final int REASON_MOST = 160;

  private Summary() {}

  /**
   * What the results do not know.
   *
   * @param tried how many cases were run this time
   * @param elapsedMillis how long that took
   * @param directory where the reports are, if there are any
   * @param resumable whether the command that was typed goes on with {@code --resume}
   */
  public record Run(int tried, long elapsedMillis, Optional<Path> directory, boolean resumable) {
    /** One that can be gone on with. */
    public Run(int tried, long elapsedMillis, Optional<Path> directory) {
      this(tried, elapsedMillis, directory, true);
    }
  }

  /** The lines, without line breaks. */
  public static List<String> lines(Results results, Run run) {
    List<String> lines = new ArrayList<>();
    Heading heading = results.heading();
    lines.add(PlainText.oneLine(heading.subject()));
    lines.add(
        "  "
            + PlainText.count(heading.points(), "fault point", "fault points")
            + ", "
            + PlainText.count(heading.states(), "crash state", "crash states")
            + (heading.statesSaved() == 0
                ? ""
                : " ("
                    + PlainText.number(heading.statesSaved())
                    + " more have equal content: no need to check them)"));
    lines.add("");
    table(results, lines);
    lines.add("");
    if (run.tried() > 0) {
      lines.add(pace(run));
    }
    if (!results.isComplete()) {
      lines.add(
          PlainText.number(results.cases().size())
              + " of "
              + PlainText.count(heading.cases(), "case", "cases")
              + " tried so far");
    }
    List<FailureGroup> groups = FailureGroup.of(results);
    if (groups.isEmpty()) {
      lines.add("no failures");
    } else {
      failures(results.failures().size(), groups, lines);
    }
    where(groups, run.directory(), lines);
    if (!results.isComplete() && run.directory().isPresent() && run.resumable()) {
      lines.add("go on with the same command and --resume");
    }
    return lines;
  }

  private static String pace(Run run) {
    String text =
        PlainText.count(run.tried(), "case", "cases")
            + " in "
            + String.format(Locale.ROOT, "%.1f s", run.elapsedMillis() / 1000.0);
    return run.elapsedMillis() <= 0
        ? text
        : text
            + ", "
            + ProgressLine.rate(run.tried() * 1000.0 / run.elapsedMillis())
            + " per second";
  }

  private static void table(Results results, List<String> lines) {
    StringBuilder header = new StringBuilder(String.format("  %-9s%9s", "family", "cases"));
    for (Verdict verdict : Verdict.values()) {
      header.append(String.format("%9s", verdict.word()));
    }
    lines.add(header.toString());
    int families = 0;
    for (Case.Family family : Case.Family.values()) {
      List<CaseResult> cases =
          results.cases().stream().filter(result -> result.family() == family).toList();
      if (!cases.isEmpty()) {
        families++;
        lines.add(row(family.word(), cases));
      }
    }
    if (families != 1) {
      lines.add(row("all", results.cases()));
    }
  }

  private static String row(String name, List<CaseResult> cases) {
    StringBuilder row =
        new StringBuilder(String.format(Locale.ROOT, "  %-9s%,9d", name, cases.size()));
    Arrays.stream(Verdict.values())
        .forEach(
            verdict ->
                row.append(
                    String.format(
                        Locale.ROOT,
                        "%,9d",
                        cases.stream().filter(result -> result.verdict() == verdict).count())));
    return row.toString();
  }

  private static void failures(int count, List<FailureGroup> groups, List<String> lines) {
    lines.add(
        PlainText.count(count, "failure", "failures")
            + (groups.size() == 1
                ? ", all of one kind:"
                : " of " + PlainText.number(groups.size()) + " kinds:"));
    for (int i = 0; i < Math.min(GROUPS_SHOWN, groups.size()); i++) {
      FailureGroup group = groups.get(i);
      lines.add(
          String.format(
              Locale.ROOT,
              "  %d. %,d x %s: %s",
              i + 1,
              group.members().size(),
              PlainText.oneLine(group.title()),
              group.verdict().word()));
      if (!group.reason().isEmpty()) {
        lines.add("     " + shortened(group.reason()));
      }
      lines.add("     first: " + PlainText.oneLine(group.members().get(0).id()));
    }
    if (groups.size() > GROUPS_SHOWN) {
      lines.add("  and " + PlainText.number(groups.size() - GROUPS_SHOWN) + " more kinds");
    }
  }

  private static String shortened(String reason) {
    return reason.length() <= REASON_MOST ? reason : reason.substring(0, REASON_MOST - 3) + "...";
  }

  private static void where(
      List<FailureGroup> groups, Optional<Path> directory, List<String> lines) {
    if (directory.isEmpty()) {
      return;
    }
    lines.add("");
    lines.add("report:    " + directory.get().resolve(ReportWriter.HTML));
    groups.stream()
        .map(group -> group.members().get(0))
        .filter(first -> first.outcome().reproducer().isPresent())
        .findFirst()
        .ifPresent(
            first ->
                lines.add(
                    "reproduce: sh "
                        + ShellWord.of(
                            directory
                                .get()
                                .resolve(ReportWriter.reproducerOf(first.index()))
                                .resolve(Reproducer.COMMAND_FILE)
                                .toString())));
  }
}
