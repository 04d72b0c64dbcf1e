package io.faultdisk.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The report's colours can be told apart from what is behind them, as WCAG 2.2 AA measures it. */
class ReportColoursTest {
  private static final List<String> TEXTS =
      List.of("ink", "soft", "link", "ok", "failed", "hung", "crashed", "missed");
  private static final List<String> SHAPES =
      List.of("read", "write", "write-zeroes", "discard", "flush", "other", "focus");

  /** The light palette, then the dark one. */
  private static List<Map<String, Integer>> palettes() throws Exception {
    String css;
    try (InputStream in = HtmlReport.class.getResourceAsStream("report.css")) {
      css = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    List<Map<String, Integer>> palettes = new ArrayList<>();
    Matcher roots = Pattern.compile(":root \\{([^}]*)}").matcher(css);
    while (roots.find()) {
      Map<String, Integer> palette = new HashMap<>();
      Matcher colours = Pattern.compile("--([a-z-]+): #([0-9a-f]{6});").matcher(roots.group(1));
      while (colours.find()) {
        palette.put(colours.group(1), Integer.parseInt(colours.group(2), 16));
      }
      palettes.add(palette);
    }
    return palettes;
  }

  private static double luminance(int colour) {
    double sum = 0;
    double[] weights = {0.2126, 0.7152, 0.0722};
    for (int i = 0; i < 3; i++) {
      double c = (colour >> (16 - 8 * i) & 0xff) / 255.0;
      sum += weights[i] * (c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
  }

  private static double contrast(int a, int b) {
    double la = luminance(a);
    double lb = luminance(b);
    return (Math.max(la, lb) + 0.05) / (Math.min(la, lb) + 0.05);
  }

  @Test
  void measuresAsTheStandardDoes() {
    assertThat(contrast(0, 0xffffff)).isEqualTo(21);
    assertThat(contrast(0x777777, 0xffffff)).isBetween(4.4, 4.5);
  }

  @Test
  void textsHaveContrastAndShapesEnoughOfIt() throws Exception {
    List<Map<String, Integer>> palettes = palettes();
    assertThat(palettes).hasSize(2);
    for (Map<String, Integer> palette : palettes) {
      for (String behind : List.of("page", "card", "code")) {
        for (String text : TEXTS) {
          assertThat(contrast(palette.get(text), palette.get(behind)))
              .as(text + " on " + behind)
              .isGreaterThanOrEqualTo(4.5);
        }
        for (String shape : SHAPES) {
          assertThat(contrast(palette.get(shape), palette.get(behind)))
              .as(shape + " on " + behind)
              .isGreaterThanOrEqualTo(3);
        }
      }
    }
  }
}
