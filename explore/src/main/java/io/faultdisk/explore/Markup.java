package io.faultdisk.explore;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Builds XML, and HTML and SVG that could be XML: every text is escaped here, and nowhere else. For
 * one thread.
 */
final class Markup {
  private final StringBuilder out = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();

  /**
   * Begins an element.
   *
   * @param attributes names and values in turn
   */
  Markup open(String name, String... attributes) {
    tag(name, attributes);
    out.append('>');
    open.push(name);
    return this;
  }

  /** Ends the innermost element. */
  Markup close() {
    out.append("</").append(open.pop()).append('>');
    return this;
  }

  /** Ends elements until the innermost but {@code depth} is open. */
  Markup closeTo(int depth) {
    while (open.size() > depth) {
      close();
    }
    return this;
  }

  /** How many elements are open. */
  int depth() {
    return open.size();
  }

  /** An element with nothing but a text in it. */
  Markup element(String name, String text, String... attributes) {
    return open(name, attributes).text(text).close();
  }

  /** An element without content. */
  Markup empty(String name, String... attributes) {
    tag(name, attributes);
    out.append("/>");
    return this;
  }

  /** A text. */
  Markup text(String text) {
    escape(PlainText.visible(text), false);
    return this;
  }

  /** A line break between elements, for those who read the source. */
  Markup line() {
    out.append('\n');
    return this;
  }

  /** A text of ours that is markup already. */
  Markup raw(String ours) {
    out.append(ours);
    return this;
  }

  private void tag(String name, String... attributes) {
    out.append('<').append(name);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      escape(PlainText.visible(attributes[i + 1]), true);
      out.append('"');
    }
  }

  private void escape(String text, boolean attribute) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        case '\n', '\t' -> out.append(attribute ? "&#" + (int) c + ";" : String.valueOf(c));
        default -> out.append(c);
      }
    }
  }

  /** All of it. Every element must be closed. */
  @Override
  public String toString() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("not closed: " + open);
    }
    return out.toString();
  }
}
