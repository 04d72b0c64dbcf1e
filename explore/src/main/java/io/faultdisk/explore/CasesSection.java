package io.faultdisk.explore;

import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The list of all cases: its first rows as a table, all of them as data from which the script makes
 * pages and finds what is asked for.
 *
 * <p>The data is one array of numbers, seven per case, and the texts they stand for. Most names
 * share their parts, so a case takes about twenty bytes.
 */
final class CasesSection {
  /** Rows that are there without the script. */
  private static final int ROWS = 100;

  /** Rows the script can know; failures are among them before all others. */
  static final int CASES_MOST = 200_000;

  private final Markup out;
  private final Results results;
  private final HtmlReport.Links links;

  CasesSection(Markup out, Results results, HtmlReport.Links links) {
    this.out = out;
    this.results = results;
    this.links = links;
  }

  void write() {
    out.open("section", "id", "cases", "aria-labelledby", "h-cases").line();
    out.element("h2", "All cases", "id", "h-cases").line();
    List<CaseResult> listed = listed();
    if (listed.size() < results.cases().size()) {
      out.element(
              "p",
              PlainText.number(listed.size())
                  + " of "
                  + PlainText.number(results.cases().size())
                  + " cases are listed; results.json has all of them.",
              "class",
              "remark")
          .line();
    }
    filters();
    out.open("div", "class", "scroll");
    out.open("table", "class", "cases");
    out.element("caption", "Cases in the order of the plan", "id", "cases-caption");
    out.open("thead").open("tr");
    for (String column : List.of("#", "Kind", "Case", "Verdict", "Reason")) {
      out.element("th", column, "scope", "col");
    }
    out.close().close().line();
    out.open("tbody", "id", "rows").line();
    listed.stream().limit(ROWS).forEach(this::row);
    out.close().close().close().line();
    if (listed.size() > ROWS) {
      out.open("noscript")
          .element(
              "p",
              "The first "
                  + ROWS
                  + " of "
                  + PlainText.number(listed.size())
                  + " cases: with JavaScript this list has all of them.",
              "class",
              "remark")
          .close()
          .line();
    }
    out.open("p", "class", "pages", "id", "pages", "hidden", "");
    out.element("button", "Previous", "type", "button", "id", "previous");
    out.element("span", "", "id", "page", "aria-live", "polite");
    out.element("button", "Next", "type", "button", "id", "next").close().line();
    out.open("script", "type", "application/json", "id", "data").raw(data(listed)).close().line();
    out.close().line();
  }

  private List<CaseResult> listed() {
    List<CaseResult> all = results.cases();
    if (all.size() <= CASES_MOST) {
      return all;
    }
    List<CaseResult> listed = new ArrayList<>(CASES_MOST);
    long others = Math.max(0, CASES_MOST - results.failures().size());
    for (CaseResult result : all) {
      if (result.verdict().isFailure() ? listed.size() < CASES_MOST : others-- > 0) {
        listed.add(result);
      }
    }
    return listed;
  }

  private void filters() {
    out.open("form", "class", "filters", "id", "filters", "hidden", "");
    out.open("label").text("Kind ").open("select", "id", "family");
    out.element("option", "all", "value", "");
    for (Case.Family family : Case.Family.values()) {
      out.element("option", family.word(), "value", family.word());
    }
    out.close().close();
    out.open("label").text("Verdict ").open("select", "id", "verdict-filter");
    out.element("option", "all", "value", "");
    for (Verdict verdict : Verdict.values()) {
      out.element("option", verdict.word(), "value", verdict.word());
    }
    out.close().close();
    out.open("label").text("Text ");
    out.empty(
        "input", "type", "search", "id", "text", "placeholder", "l2_update, EIO, a reason ...");
    out.close().close().line();
  }

  private void row(CaseResult result) {
    out.open("tr").element("td", String.valueOf(result.index()));
    out.element("td", result.family().word());
    out.open("td").element("code", result.id()).close();
    out.open("td");
    String chip = "chip v-" + result.verdict().word();
    if (result.verdict().isFailure()) {
      out.element("a", result.verdict().word(), "class", chip, "href", links.to(result));
    } else {
      out.element("span", result.verdict().word(), "class", chip);
    }
    out.close();
    out.element("td", PlainText.firstLine(result.outcome().reason())).close().line();
  }

  /** Texts that are numbered in the order in which they come. */
  private static final class Texts {
    private final Map<String, Integer> numbers = new LinkedHashMap<>();

    int number(String text) {
      return numbers.computeIfAbsent(text, t -> numbers.size());
    }

    String json() {
      List<JsonValue> elements = new ArrayList<>(numbers.size());
      numbers.keySet().forEach(text -> elements.add(new JsonString(text)));
      // The only place where a script could be ended by a text.
      return Json.write(new JsonArray(elements)).replace("<", "\\u003C");
    }
  }

  /** Index, family, verdict, the two parts of the name, reason, target of the link. */
  private String data(List<CaseResult> listed) {
    Texts families = new Texts();
    Texts verdicts = new Texts();
    Texts places = new Texts();
    Texts faults = new Texts();
    Texts reasons = new Texts();
    Texts targets = new Texts();
    reasons.number("");
    targets.number("");
    StringBuilder rows = new StringBuilder("[");
    String separator = "";
    for (CaseResult result : listed) {
      String id = PlainText.visible(result.id());
      int cut = placeEnd(id, result);
      rows.append(separator)
          .append(result.index())
          .append(',')
          .append(families.number(result.family().word()))
          .append(',')
          .append(verdicts.number(result.verdict().word()))
          .append(',')
          .append(places.number(id.substring(0, cut)))
          .append(',')
          .append(faults.number(id.substring(cut)))
          .append(',')
          .append(reasons.number(PlainText.firstLine(result.outcome().reason())))
          .append(',')
          .append(targets.number(result.verdict().isFailure() ? links.to(result) : ""));
      separator = ",";
    }
    return "{\"rows\":"
        + rows.append(']')
        + ",\"families\":"
        + families.json()
        + ",\"verdicts\":"
        + verdicts.json()
        + ",\"places\":"
        + places.json()
        + ",\"faults\":"
        + faults.json()
        + ",\"reasons\":"
        + reasons.json()
        + ",\"targets\":"
        + targets.json()
        + "}";
  }

  private static int placeEnd(String id, CaseResult result) {
    if (result.point().isEmpty()) {
      return 0;
    }
    String point = PlainText.visible(result.point().get().id());
    int at = id.indexOf(point);
    return at < 0 ? 0 : at + point.length();
  }
}
