package io.faultdisk.cli.img;

import io.faultdisk.cli.tool.Refusal;
import java.util.Optional;

/** The text of all {@code -o} of one command, joined by commas. */
final class OptionList {
  private Optional<String> text = Optional.empty();

  /** One more; refused if joining would change what it means. */
  void add(ImgSession session, String options) throws Refusal {
    if (options.isEmpty() || options.startsWith(",") || endsInOddCommas(options)) {
      throw session.failed("Invalid option list: " + options);
    }
    text = Optional.of(text.isEmpty() ? options : text.get() + "," + options);
  }

  private static boolean endsInOddCommas(String options) {
    int end = options.length();
    while (end > 0 && options.charAt(end - 1) == ',') {
      end--;
    }
    return (options.length() - end) % 2 != 0;
  }

  /** All together, if there was one. */
  Optional<String> text() {
    return text;
  }
}
