package io.faultdisk.explore;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The report for people: one HTML file that asks nobody for anything, and can be read without its
 * script.
 *
 * <p>Texts of the results come from whatever was explored and are never trusted: {@link Markup}
 * escapes them, and the page's own policy lets no script run but the one whose hash it names.
 */
final class HtmlReport {
  private static final Pattern SEED = Pattern.compile("(?:^| )seed=(\\S+)");

  private final Results results;
  private final List<FailureGroup> groups;
  private final Set<Integer> chosen;
  private final Links links;
  private final Markup out = new Markup();

  private HtmlReport(Results results, List<FailureGroup> groups, Set<Integer> chosen) {
    this.results = results;
    this.groups = groups;
    this.chosen = chosen;
    this.links = new Links(groups, chosen);
  }

  /** Where in the page failures are. */
  static final class Links {
    private final Set<Integer> chosen;
    private final Map<Integer, Integer> groupOf = new HashMap<>();

    Links(List<FailureGroup> groups, Set<Integer> chosen) {
      this.chosen = chosen;
      for (int i = 0; i < groups.size(); i++) {
        for (CaseResult member : groups.get(i).members()) {
          groupOf.put(member.index(), i + 1);
        }
      }
    }

    /** A reference to a failure, or to its group if it is not shown itself. */
    String to(CaseResult failure) {
      return chosen.contains(failure.index())
          ? "#case-" + failure.index()
          : "#group-" + groupOf.getOrDefault(failure.index(), 0);
    }
  }

  static String of(Results results, List<FailureGroup> groups, Set<Integer> chosen) {
    return new HtmlReport(results, groups, chosen).render();
  }

  private String render() {
    String script = resource("report.js");
    out.raw("<!DOCTYPE html>\n").open("html", "lang", "en").line();
    out.open("head").line();
    out.empty("meta", "charset", "utf-8").line();
    out.empty(
            "meta",
            "http-equiv",
            "Content-Security-Policy",
            "content",
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-"
                + sha256(script)
                + "'; base-uri 'none'; form-action 'none'")
        .line();
    out.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1").line();
    out.empty("meta", "name", "color-scheme", "content", "light dark").line();
    out.empty("link", "rel", "icon", "href", "data:,").line();
    out.element("title", verdict() + ": " + PlainText.oneLine(results.heading().subject())).line();
    out.open("style").raw(resource("report.css")).close().line();
    out.close().line();
    out.open("body").line();
    out.element("a", "Skip to the failures", "class", "skip", "href", "#failures").line();
    header();
    navigation();
    out.open("main").line();
    explored();
    new FailureSection(out, groups, chosen).write();
    timeline();
    new CoverageSection(out, results, links).write();
    new CasesSection(out, results, links).write();
    out.close().line();
    out.open("footer")
        .open("p")
        .text("Written by ")
        .element("b", "faultdisk explore")
        .text(". The same results are in results.json for programs and in junit.xml for CI.")
        .close()
        .close()
        .line();
    out.open("script").raw(script).close().line();
    return out.close().line().close().line().toString();
  }

  private String verdict() {
    int failures = results.failures().size();
    if (failures > 0) {
      return PlainText.count(failures, "failure", "failures");
    }
    return results.isComplete() ? "No failures" : "No failures so far";
  }

  private void header() {
    // No failures in a part of the cases promise nothing.
    String look = !groups.isEmpty() ? "bad" : results.isComplete() ? "good" : "part";
    String sign = !groups.isEmpty() ? "✗" : results.isComplete() ? "✓" : "…";
    out.open("header", "class", look).line();
    out.element("p", "faultdisk explore", "class", "brand").line();
    out.element("h1", PlainText.oneLine(results.heading().subject())).line();
    out.open("div", "class", "banner");
    out.element("span", sign, "class", "sign", "aria-hidden", "true");
    out.open("p", "class", "verdict");
    out.element("strong", verdict(), "id", "verdict");
    out.element("span", tried(), "class", "tried");
    out.close().close().line();
    counts();
    out.close().line();
  }

  private String tried() {
    int tried = results.cases().size();
    String cases =
        results.isComplete()
            ? "in " + PlainText.count(tried, "case", "cases")
            : "in "
                + PlainText.number(tried)
                + " of "
                + PlainText.count(results.heading().cases(), "case", "cases")
                + ": not all were tried";
    return groups.size() < 2 ? cases : cases + ", of " + groups.size() + " kinds";
  }

  private void counts() {
    Map<Verdict, Integer> counts = results.counts();
    out.open("div", "class", "bar", "aria-hidden", "true");
    counts.forEach(
        (verdict, count) -> {
          if (count > 0) {
            out.element(
                "span",
                "",
                "class",
                "v-" + verdict.word(),
                "style",
                String.format(
                    Locale.ROOT, "flex-grow:%d", Math.max(count, results.cases().size() / 150)));
          }
        });
    out.close().line();
    out.open("ul", "class", "tiles", "aria-label", "Cases by verdict");
    counts.forEach(
        (verdict, count) -> {
          out.open("li", "class", "v-" + verdict.word() + (count == 0 ? " none" : ""));
          out.element("b", PlainText.number(count));
          out.text(" " + verdict.word()).close();
        });
    out.close().line();
  }

  private void navigation() {
    out.open("nav", "aria-label", "Parts of this report");
    for (String[] part :
        new String[][] {
          {"explored", "Explored"},
          {"failures", "Failures"},
          {"timeline", "Timeline"},
          {"coverage", "Coverage"},
          {"cases", "All cases"}
        }) {
      out.element("a", part[1], "href", "#" + part[0]);
    }
    out.close().line();
  }

  private void explored() {
    Heading heading = results.heading();
    out.open("section", "id", "explored", "aria-labelledby", "h-explored").line();
    out.element("h2", "What was explored", "id", "h-explored").line();
    out.open("dl", "class", "facts").line();
    fact("Fault points", PlainText.number(heading.points()), "requests that can be made to fail");
    fact(
        "Crash states",
        PlainText.number(heading.states()),
        heading.statesSaved() == 0
            ? "what a power cut may leave"
            : PlainText.number(heading.statesSaved()) + " more have equal content: checked once");
    fact("Cases", PlainText.number(heading.cases()), "each is one run and one check");
    Matcher seed = SEED.matcher(heading.plan());
    fact("Seed", seed.find() ? seed.group(1) : "none", "the same seed tries the same cases");
    out.close().line();
    families();
    out.open("p", "class", "plan").text("Plan: ").element("code", heading.plan());
    out.text(" Recording: ").element("code", heading.recording()).close().line();
    out.close().line();
  }

  private void fact(String name, String value, String note) {
    out.open("div").element("dt", name).element("dd", value);
    out.element("dd", note, "class", "note").close().line();
  }

  private void families() {
    out.open("table", "class", "families");
    out.element("caption", "Cases by kind and verdict").open("thead").open("tr");
    out.element("th", "Kind", "scope", "col").element("th", "Cases", "scope", "col");
    Arrays.stream(Verdict.values())
        .forEach(verdict -> out.element("th", verdict.word(), "scope", "col"));
    out.close().close().open("tbody").line();
    for (Case.Family family : Case.Family.values()) {
      List<CaseResult> cases =
          results.cases().stream().filter(result -> result.family() == family).toList();
      if (!cases.isEmpty()) {
        out.open("tr").element("th", family.word(), "scope", "row");
        out.element("td", PlainText.number(cases.size()));
        for (Verdict verdict : Verdict.values()) {
          long count = cases.stream().filter(result -> result.verdict() == verdict).count();
          out.element(
              "td", PlainText.number(count), "class", count == 0 ? "zero" : "v-" + verdict.word());
        }
        out.close().line();
      }
    }
    out.close().close().line();
  }

  private void timeline() {
    out.open("section", "id", "timeline", "aria-labelledby", "h-timeline").line();
    out.element("h2", "Timeline of the recorded run", "id", "h-timeline").line();
    TimelineSvg svg = new TimelineSvg(results);
    if (svg.requests() == 0) {
      out.element("p", "There is no recording of requests.", "class", "empty").close().line();
      return;
    }
    out.element(
            "p",
            PlainText.count(svg.requests(), "request", "requests")
                + " in their order, by offset; space that none touches is left out."
                + (svg.isBucketed()
                    ? " That is more than a picture can show: neighbours share one of "
                        + PlainText.number(TimelineSvg.COLUMNS_MOST)
                        + " columns."
                    : ""))
        .line();
    out.open("ul", "class", "legend", "aria-label", "Legend");
    for (String kind : List.of("read", "write", "write-zeroes", "discard", "flush", "other")) {
      out.open("li").element("span", "", "class", "swatch " + kind).text(kind).close();
    }
    out.open("li")
        .element("span", "▼", "class", "swatch-mark")
        .text("a fault here led to a failure");
    out.close().close().line();
    out.open(
        "div",
        "class",
        "scroll",
        "id",
        "timeline-box",
        "tabindex",
        "0",
        "role",
        "region",
        "aria-label",
        "Timeline");
    svg.write(out, links);
    out.close().line();
    out.element(
            "p",
            "Point at a request to see what it is; with the keyboard: arrow keys, and Enter to go"
                + " to a failure.",
            "id",
            "readout",
            "class",
            "readout",
            "aria-live",
            "polite")
        .line();
    out.close().line();
  }

  private static String resource(String name) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not beside its class");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha256(String text) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
