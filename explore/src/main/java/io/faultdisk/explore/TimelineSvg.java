package io.faultdisk.explore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The recorded run as a picture: requests from left to right in their order, by offset from bottom
 * to top; flushes as lines across; below them a tick where events were announced; above them a mark
 * where a fault led to a failure.
 *
 * <p>Beyond {@link #COLUMNS_MOST} requests neighbours share a column.
 */
final class TimelineSvg {
  /** What a browser scrolls through without effort. */
  static final int COLUMNS_MOST = 1000;

  private static final int LEFT = 78;
  private static final int RIGHT = 14;
  private static final int TOP = 40;
  private static final int HEIGHT = 230;
  private static final int EVENTS = 16;
  private static final double WIDTH = 1040;
  private static final double STEP_MOST = 36;
  private static final double STEP_LEAST = 2;
  private static final int BANDS = 46;
  private static final int NAMES_MOST = 6;

  /** If there are more, the way by Tab through them all would be too long: use the arrow keys. */
  private static final int MARKS_IN_TAB_ORDER = 30;

  private final List<TimelineEntry> requests = new ArrayList<>();
  private final List<List<String>> eventsBefore = new ArrayList<>();
  private final Map<Integer, List<CaseResult>> failures = new HashMap<>();
  private final int columns;
  private final double step;
  private final OffsetScale scale;

  TimelineSvg(Results results) {
    List<String> events = new ArrayList<>();
    for (TimelineEntry entry : results.timeline()) {
      if (entry.isRequest()) {
        requests.add(entry);
        eventsBefore.add(List.copyOf(events));
        events.clear();
      } else {
        events.add(entry.event());
      }
    }
    for (CaseResult failure : results.failures()) {
      failure
          .point()
          .filter(point -> point.number() <= requests.size())
          .ifPresent(
              point ->
                  failures
                      .computeIfAbsent(column(point.number() - 1), c -> new ArrayList<>())
                      .add(failure));
    }
    columns = Math.min(requests.size(), COLUMNS_MOST);
    step = Math.max(STEP_LEAST, Math.min(STEP_MOST, WIDTH / Math.max(1, columns)));
    scale = OffsetScale.of(requests, HEIGHT);
  }

  int requests() {
    return requests.size();
  }

  /** Whether a column may be several requests. */
  boolean isBucketed() {
    return requests.size() > COLUMNS_MOST;
  }

  private int column(int request) {
    return requests.size() <= COLUMNS_MOST
        ? request
        : (int) ((long) request * COLUMNS_MOST / requests.size());
  }

  /** Draws it. */
  void write(Markup out, HtmlReport.Links links) {
    double width = LEFT + columns * step + RIGHT;
    int height = TOP + HEIGHT + EVENTS + 8;
    out.open(
        "svg",
        "class",
        "timeline",
        "viewBox",
        "0 0 " + number(width) + " " + height,
        "width",
        number(width),
        "height",
        String.valueOf(height),
        "role",
        "group",
        "aria-label",
        "Timeline of the recorded requests");
    axes(out, width);
    epochs(out);
    int from = 0;
    for (int c = 0; c < columns; c++) {
      int to = from;
      while (to < requests.size() && column(to) == c) {
        to++;
      }
      column(out, c, from, to);
      from = to;
    }
    for (int c = 0; c < columns; c++) {
      List<CaseResult> here = failures.get(c);
      if (here != null) {
        mark(out, c, here, links);
      }
    }
    out.close().line();
  }

  private void axes(Markup out, double width) {
    for (OffsetScale.Mark mark : scale.marks(14)) {
      String y = number(TOP + mark.y());
      out.empty(
          "line",
          "class",
          mark.gap() ? "gap" : "base",
          "x1",
          String.valueOf(LEFT - 4),
          "x2",
          number(width - RIGHT),
          "y1",
          y,
          "y2",
          y);
      out.element(
          "text",
          PlainText.offset(mark.offset()),
          "class",
          "axis",
          "x",
          String.valueOf(LEFT - 8),
          "y",
          number(TOP + mark.y() - 1),
          "text-anchor",
          "end");
    }
    out.element(
        "text",
        "events",
        "class",
        "axis",
        "x",
        String.valueOf(LEFT - 8),
        "y",
        String.valueOf(TOP + HEIGHT + EVENTS),
        "text-anchor",
        "end");
  }

  /** Names the epochs where there is room. */
  private void epochs(Markup out) {
    long last = -1;
    double free = 0;
    for (int i = 0; i < requests.size(); i++) {
      long epoch = requests.get(i).epoch();
      double x = x(column(i));
      if (epoch != last) {
        last = epoch;
        if (x >= free) {
          String name = "e" + epoch;
          out.element("text", name, "class", "epoch", "x", number(x + 1), "y", "12");
          free = x + 8 * name.length() + 8;
        }
      }
    }
  }

  private double x(int column) {
    return LEFT + column * step;
  }

  private void column(Markup out, int column, int from, int to) {
    out.open("g", "class", "col");
    List<CaseResult> failed = failures.getOrDefault(column, List.of());
    out.element(
        "title",
        describe(from, to)
            + (failed.isEmpty()
                ? ""
                : "; " + PlainText.count(failed.size(), "failure", "failures") + " here"));
    out.empty(
        "rect",
        "class",
        "hit",
        "x",
        number(x(column)),
        "y",
        String.valueOf(TOP),
        "width",
        number(step),
        "height",
        String.valueOf(HEIGHT + EVENTS + 4));
    Map<String, Boolean> drawn = new TreeMap<>();
    int events = 0;
    for (int i = from; i < to; i++) {
      request(out, column, requests.get(i), drawn);
      events += eventsBefore.get(i).size();
    }
    if (events > 0) {
      out.empty(
          "rect",
          "class",
          "tick",
          "x",
          number(x(column)),
          "y",
          String.valueOf(TOP + HEIGHT + EVENTS - 7),
          "width",
          number(Math.max(1, step * 0.7)),
          "height",
          String.valueOf(Math.min(8, 2 + 2 * events)));
    }
    out.close().line();
  }

  /** Draws a request, unless the column has the same already. */
  private void request(Markup out, int column, TimelineEntry request, Map<String, Boolean> drawn) {
    String kind = kind(request.operation());
    if (request.bytes() <= 0) {
      if (drawn.put(kind, true) == null) {
        String x = number(x(column) + step / 2);
        out.empty(
            "line",
            "class",
            "op " + kind,
            "x1",
            x,
            "x2",
            x,
            "y1",
            "16",
            "y2",
            // A line in every column would hide all else.
            isBucketed() ? "21" : String.valueOf(TOP + HEIGHT));
      }
      return;
    }
    double top = scale.top(request);
    double high = Math.max(3, scale.bottom(request) - top);
    if (isBucketed()) {
      // Neighbours share bands of one height, or a column would have as many shapes as requests.
      double band = (double) HEIGHT / BANDS;
      double first = Math.floor(top / band);
      high = Math.max(1, Math.ceil((top + high) / band) - first) * band;
      top = first * band;
    }
    top = Math.max(0, Math.min(top, HEIGHT - high));
    if (drawn.put(kind + number(top) + " " + number(high), true) == null) {
      out.empty(
          "rect",
          "class",
          "op " + kind,
          "x",
          number(x(column)),
          "y",
          number(TOP + top),
          "width",
          number(Math.max(1.5, step * 0.86)),
          "height",
          number(high));
    }
  }

  /** The class of an operation's colour. */
  private static String kind(String operation) {
    String word = operation.split(" ", 2)[0];
    return switch (word) {
      case "read", "write", "write-zeroes", "discard", "flush" -> word;
      case "fsync" -> "flush";
      default -> "other";
    };
  }

  private String describe(int from, int to) {
    StringBuilder text = new StringBuilder();
    if (to - from == 1) {
      TimelineEntry request = requests.get(from);
      text.append("request ")
          .append(from + 1)
          .append(", epoch ")
          .append(request.epoch())
          .append(": ")
          .append(what(request));
    } else {
      text.append("requests ")
          .append(from + 1)
          .append(" to ")
          .append(to)
          .append(", epoch ")
          .append(requests.get(from).epoch())
          .append(": ");
      Map<String, Integer> counts = new TreeMap<>();
      requests.subList(from, to).forEach(r -> counts.merge(r.operation(), 1, Integer::sum));
      names(text, counts);
    }
    Map<String, Integer> events = new TreeMap<>();
    for (int i = from; i < to; i++) {
      eventsBefore.get(i).forEach(event -> events.merge(event, 1, Integer::sum));
    }
    if (!events.isEmpty()) {
      text.append("; events before: ");
      names(text, events);
    }
    return text.toString();
  }

  private static String what(TimelineEntry request) {
    return request.bytes() <= 0
        ? request.operation()
        : request.operation()
            + " of "
            + PlainText.bytes(request.bytes())
            + " at "
            + PlainText.offset(request.offset());
  }

  private static void names(StringBuilder text, Map<String, Integer> counts) {
    int shown = 0;
    for (Map.Entry<String, Integer> each : counts.entrySet()) {
      if (shown == NAMES_MOST) {
        text.append(" and ").append(counts.size() - shown).append(" more");
        return;
      }
      text.append(shown++ == 0 ? "" : ", ").append(each.getKey());
      if (each.getValue() > 1) {
        text.append(" x").append(each.getValue());
      }
    }
  }

  private void mark(Markup out, int column, List<CaseResult> here, HtmlReport.Links links) {
    CaseResult first = here.get(0);
    Verdict worst = first.verdict();
    for (CaseResult each : here) {
      worst = each.verdict().compareTo(worst) > 0 ? each.verdict() : worst;
    }
    String what =
        PlainText.count(here.size(), "failure", "failures") + " here, the first: " + first.id();
    out.open(
        "a",
        "class",
        "mark v-" + worst.word(),
        "href",
        links.to(first),
        "aria-label",
        what,
        "data-column",
        String.valueOf(column),
        "tabindex",
        failures.size() > MARKS_IN_TAB_ORDER ? "-1" : "0");
    out.element("title", what);
    double x = x(column) + step / 2;
    out.empty("path", "d", "M" + number(x - 5) + " 22h10l-5 11z");
    out.close().line();
  }

  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
