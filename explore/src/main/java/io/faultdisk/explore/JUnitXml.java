package io.faultdisk.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Results as continuous integration reads them: a suite per family, a test per case. Without any
 * times, so that the same results give the same file.
 */
final class JUnitXml {
  private JUnitXml() {}

  static String of(Results results) {
    Markup xml = new Markup();
    xml.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.open(
            "testsuites",
            attributes(results.heading().subject(), results.cases()).toArray(new String[0]))
        .line();
    for (Case.Family family : Case.Family.values()) {
      List<CaseResult> cases =
          results.cases().stream().filter(result -> result.family() == family).toList();
      if (!cases.isEmpty()) {
        suite(xml, results, family, cases);
      }
    }
    return xml.close().line().toString();
  }

  private static List<String> attributes(String name, List<CaseResult> cases) {
    long failures = cases.stream().filter(result -> result.verdict().isFailure()).count();
    long missed = cases.stream().filter(result -> result.verdict() == Verdict.MISSED).count();
    return new ArrayList<>(
        Arrays.asList(
            "name",
            name,
            "tests",
            String.valueOf(cases.size()),
            "failures",
            String.valueOf(failures),
            "errors",
            "0",
            "skipped",
            String.valueOf(missed)));
  }

  private static void suite(
      Markup xml, Results results, Case.Family family, List<CaseResult> cases) {
    xml.open("testsuite", attributes(family.word(), cases).toArray(new String[0])).line();
    xml.open("properties").line();
    property(xml, "subject", results.heading().subject());
    property(xml, "plan", results.heading().plan());
    property(xml, "recording", results.heading().recording());
    property(xml, "tried", results.cases().size() + " of " + results.heading().cases());
    xml.close().line();
    for (CaseResult result : cases) {
      testCase(xml, result);
    }
    xml.close().line();
  }

  private static void property(Markup xml, String name, String value) {
    xml.empty("property", "name", name, "value", value).line();
  }

  private static void testCase(Markup xml, CaseResult result) {
    String[] attributes = {"classname", result.family().word(), "name", result.id()};
    Outcome outcome = result.outcome();
    if (outcome.verdict() == Verdict.OK) {
      xml.empty("testcase", attributes).line();
      return;
    }
    xml.open("testcase", attributes);
    if (outcome.verdict() == Verdict.MISSED) {
      xml.empty("skipped", "message", "the fault did not happen: " + outcome.reason());
    } else {
      xml.element(
          "failure",
          detail(outcome),
          "type",
          outcome.verdict().word(),
          "message",
          PlainText.firstLine(outcome.reason()));
    }
    xml.close().line();
  }

  private static String detail(Outcome outcome) {
    StringBuilder text = new StringBuilder(outcome.reason()).append('\n');
    outcome.receipts().forEach(receipt -> text.append("receipt: ").append(receipt).append('\n'));
    outcome
        .reproducer()
        .ifPresent(
            again -> {
              again.files().forEach((name, content) -> text.append(name + ":\n" + content + "\n"));
              text.append("reproduce: ").append(again.command()).append('\n');
            });
    return text.toString();
  }
}
