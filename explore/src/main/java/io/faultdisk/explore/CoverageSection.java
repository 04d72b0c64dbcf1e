package io.faultdisk.explore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What was reached: events of the recorded run, and what was tried at each kind of place. */
final class CoverageSection {
  /** Beyond this many cases a cell has counts instead of a square per case. */
  private static final int SQUARES_MOST = 4000;

  private final Markup out;
  private final Results results;
  private final HtmlReport.Links links;

  CoverageSection(Markup out, Results results, HtmlReport.Links links) {
    this.out = out;
    this.results = results;
    this.links = links;
  }

  void write() {
    out.open("section", "id", "coverage", "aria-labelledby", "h-coverage").line();
    out.element("h2", "Coverage", "id", "h-coverage").line();
    events();
    grid();
    out.close().line();
  }

  private void events() {
    Map<String, Long> events = results.heading().events();
    out.element("h3", "Events").line();
    if (events.isEmpty()) {
      out.element("p", "No events were announced.", "class", "empty").line();
      return;
    }
    long hit = events.values().stream().filter(count -> count > 0).count();
    long most = events.values().stream().mapToLong(count -> count).max().orElse(1);
    out.element(
            "p",
            "The recorded run announced "
                + hit
                + " of "
                + PlainText.count(events.size(), "event", "events")
                + ". What it never reaches, no fault was tried at.")
        .line();
    out.open("ul", "class", "events").line();
    events.forEach(
        (event, count) -> {
          // A root, since counts differ by orders of magnitude.
          double heat = count <= 0 ? 0 : 12 + 88 * Math.sqrt((double) count / most);
          out.open(
              "li",
              "class",
              count <= 0 ? "never" : "hit",
              "style",
              String.format(Locale.ROOT, "--heat:%.0f%%", heat));
          out.element("code", event).text(" ").element("b", PlainText.number(count));
          out.close().line();
        });
    out.close().line();
  }

  /** Rows are kinds of places, columns kinds of faults. */
  private void grid() {
    Map<String, Map<String, List<CaseResult>>> rows = new LinkedHashMap<>();
    Set<String> columns = new LinkedHashSet<>();
    int placed = 0;
    for (CaseResult result : results.cases()) {
      if (result.point().isPresent()) {
        FaultPoint point = result.point().get();
        String column = column(result, point);
        columns.add(column);
        rows.computeIfAbsent(FailureGroup.kindOfPlace(point), place -> new LinkedHashMap<>())
            .computeIfAbsent(column, fault -> new ArrayList<>())
            .add(result);
        placed++;
      }
    }
    out.element("h3", "Faults by place").line();
    if (rows.isEmpty()) {
      out.element("p", "No case has a place.", "class", "empty").line();
      return;
    }
    boolean squares = placed <= SQUARES_MOST;
    if (squares) {
      legend();
    } else {
      out.element("p", "There are too many cases for a square each, so they are counted.").line();
    }
    out.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Grid");
    out.open("table", "class", "grid");
    out.element("caption", "Verdicts by kind of place and kind of fault");
    out.open("thead").open("tr").element("th", "Place", "scope", "col");
    columns.forEach(column -> out.element("th", column, "scope", "col"));
    out.close().close().line();
    out.open("tbody").line();
    rows.forEach(
        (place, cells) -> {
          out.open("tr").open("th", "scope", "row").element("code", place).close();
          columns.forEach(column -> cell(cells.getOrDefault(column, List.of()), squares));
          out.close().line();
        });
    out.close().close().close().line();
  }

  private void legend() {
    out.open("p").text("A square per case, in the order of the run: ");
    for (Verdict verdict : Verdict.values()) {
      out.element("i", letter(verdict), "class", "sq v-" + verdict.word());
      out.text(" " + verdict.word() + (verdict == Verdict.MISSED ? "." : ", "));
    }
    out.close().line();
  }

  /** {@code EIO sticky}, or the kind of case. */
  private static String column(CaseResult result, FaultPoint point) {
    return switch (result.family()) {
      case ERRORS ->
          result.id().startsWith(point.id() + ": ")
              ? result.id().substring(point.id().length() + 2)
              : "error";
      case CRASHES -> "power cut";
      case PAIRS -> "two faults";
      case RANDOM -> "random";
    };
  }

  private void cell(List<CaseResult> cases, boolean squares) {
    out.open("td");
    counts(cases, squares ? "unseen" : "counted");
    if (squares) {
      out.open("span", "class", "strip");
      for (CaseResult result : cases) {
        String[] look = {
          "class", "sq v-" + result.verdict().word(), "title", result.id(),
        };
        if (result.verdict().isFailure()) {
          out.element(
              "a",
              letter(result.verdict()),
              look[0],
              look[1],
              look[2],
              look[3],
              "href",
              links.to(result),
              "aria-label",
              result.verdict().word() + ": " + result.id());
        } else {
          out.element(
              "i",
              letter(result.verdict()),
              look[0],
              look[1],
              look[2],
              look[3],
              "aria-hidden",
              "true");
        }
      }
      out.close();
    }
    out.close();
  }

  private static String letter(Verdict verdict) {
    return switch (verdict) {
      case OK -> "·";
      case FAILED -> "F";
      case HUNG -> "H";
      case CRASHED -> "C";
      case MISSED -> "m";
    };
  }

  private void counts(List<CaseResult> cases, String look) {
    out.open("span", "class", look);
    String separator = "";
    for (Verdict verdict : Verdict.values()) {
      long count = cases.stream().filter(result -> result.verdict() == verdict).count();
      if (count > 0) {
        out.text(separator);
        out.element(
            "span", PlainText.number(count) + " " + verdict.word(), "class", "v-" + verdict.word());
        separator = ", ";
      }
    }
    out.close();
  }
}
