package io.faultdisk.cli.io;

import java.util.ArrayList;
import java.util.List;

/** Rows of text in aligned columns. Numbers stand to the right. */
final class Table {
  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();

  Table(List<String> headings) {
    rows.add(headings);
  }

  void add(List<String> row) {
    rows.add(row);
  }

  /** All rows as lines, the headings first. */
  List<String> lines() {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int column = 0; column < columns; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    List<String> lines = new ArrayList<>(rows.size());
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        String cell = row.get(column);
        int padding = widths[column] - cell.length();
        boolean right = isNumber(cell);
        line.append(column == 0 ? "" : GAP);
        line.repeat(' ', right ? padding : 0).append(cell).repeat(' ', right ? 0 : padding);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  private static boolean isNumber(String cell) {
    for (int i = 0; i < cell.length(); i++) {
      if (cell.charAt(i) < '0' || cell.charAt(i) > '9') {
        return false;
      }
    }
    return !cell.isEmpty();
  }
}
