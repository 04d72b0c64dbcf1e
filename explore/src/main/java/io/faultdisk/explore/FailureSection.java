package io.faultdisk.explore;

import java.util.List;
import java.util.Set;

/** The failures, by group: where, what was injected, what broke, how to see it again. */
final class FailureSection {
  private static final int OPEN_AT_FIRST = 3;

  private final Markup out;
  private final List<FailureGroup> groups;
  private final Set<Integer> chosen;

  FailureSection(Markup out, List<FailureGroup> groups, Set<Integer> chosen) {
    this.out = out;
    this.groups = groups;
    this.chosen = chosen;
  }

  void write() {
    out.open("section", "id", "failures", "aria-labelledby", "h-failures").line();
    out.element("h2", "Failures", "id", "h-failures").line();
    if (groups.isEmpty()) {
      out.element("p", "Nothing broke.", "class", "empty").close().line();
      return;
    }
    int all = groups.stream().mapToInt(group -> group.members().size()).sum();
    if (all > chosen.size()) {
      out.element(
              "p",
              PlainText.number(chosen.size())
                  + " of "
                  + PlainText.number(all)
                  + " failures are shown here and have a reproducer, some of each kind;"
                  + " the others are in the list of all cases.",
              "class",
              "remark")
          .line();
    }
    for (int i = 0; i < groups.size(); i++) {
      group(i + 1, groups.get(i));
    }
    out.close().line();
  }

  private void group(int number, FailureGroup group) {
    out.open("article", "class", "group v-" + group.verdict().word(), "id", "group-" + number);
    out.open("h3");
    out.element("span", group.verdict().word(), "class", "chip v-" + group.verdict().word());
    out.text(" " + group.title() + " ");
    out.element("span", "×\u00a0" + PlainText.number(group.members().size()), "class", "times");
    out.close().line();
    if (!group.reason().isEmpty()) {
      out.element("p", group.reason(), "class", "reason").line();
    }
    int shown = 0;
    for (CaseResult member : group.members()) {
      if (chosen.contains(member.index())) {
        failure(member, shown == 0 && number <= OPEN_AT_FIRST);
        shown++;
      }
    }
    int more = group.members().size() - shown;
    if (more > 0) {
      out.element("p", "and " + PlainText.number(more) + " more like these", "class", "remark")
          .line();
    }
    out.close().line();
  }

  private void failure(CaseResult failure, boolean open) {
    String anchor = "case-" + failure.index();
    if (open) {
      out.open("details", "class", "case", "id", anchor, "open", "");
    } else {
      out.open("details", "class", "case", "id", anchor);
    }
    out.open("summary");
    out.element("span", "#" + failure.index(), "class", "index");
    out.text(" ").element("code", failure.id()).close().line();
    Outcome outcome = failure.outcome();
    out.open("dl").line();
    failure
        .point()
        .ifPresent(
            point ->
                out.element("dt", "Where")
                    .open("dd")
                    .element("code", point.place())
                    .text(
                        ": request "
                            + PlainText.number(point.number())
                            + " of the recorded run, in epoch "
                            + PlainText.number(point.epoch()))
                    .close()
                    .line());
    out.element("dt", "What broke").open("dd");
    if (outcome.reason().isEmpty()) {
      out.text("The program " + failure.verdict().word() + " without a word.");
    } else {
      out.element("pre", outcome.reason());
    }
    out.close().line();
    out.element("dt", "Injected").open("dd");
    if (outcome.receipts().isEmpty()) {
      out.text("No receipts.");
    } else {
      out.open("ol", "class", "receipts");
      outcome.receipts().forEach(receipt -> out.element("li", receipt));
      out.close();
    }
    out.close().line();
    out.close().line();
    outcome.reproducer().ifPresent(again -> reproducer(failure.index(), again));
    out.close().line();
  }

  private void reproducer(int index, Reproducer again) {
    String directory = ReportWriter.reproducerOf(index);
    out.open("div", "class", "again");
    out.open("h4").text("See it again: ");
    out.open("a", "href", directory + "/" + Reproducer.COMMAND_FILE)
        .element("code", directory + "/" + Reproducer.COMMAND_FILE)
        .close()
        .close()
        .line();
    again.files().forEach(this::copyable);
    copyable("command", again.command());
    again.qemuCommand().ifPresent(command -> copyable("with real QEMU", command));
    out.close().line();
  }

  private void copyable(String name, String text) {
    out.open("figure", "class", "copyable");
    out.element("figcaption", name);
    out.element("pre", text.stripTrailing(), "tabindex", "0").close().line();
  }
}
