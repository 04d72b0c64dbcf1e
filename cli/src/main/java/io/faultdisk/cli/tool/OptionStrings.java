package io.faultdisk.cli.tool;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.options.Warning;
import io.faultdisk.cli.Console;

/** Reads {@code key=value,...}, printing warnings and mistakes. */
public final class OptionStrings {
  private OptionStrings() {}

  /** The argument of the tool itself under {@code --image-opts}. */
  public static Options read(Console console, String text) throws Refusal {
    try {
      return Options.parse(text, warning -> warn(console, warning));
    } catch (UsageException refused) {
      console.report(refused.getMessage(), refused.hints());
      throw new Refusal();
    }
  }

  /** The same where a first word that is no {@code key=value} is the name of a node. */
  public static Options image(Console console, String text) throws Refusal {
    int equals = text.indexOf('=');
    int comma = text.indexOf(',');
    boolean hasKey = equals >= 0 && (comma < 0 || equals < comma);
    return read(console, hasKey || text.isEmpty() ? text : "file=" + text);
  }

  /**
   * An argument of {@code open} or {@code reopen}; it replaces what an earlier one said. Here
   * {@code id=} is not allowed.
   */
  public static Options withoutId(Console console, String text, Options earlier) throws Refusal {
    Options options;
    try {
      options = Options.parse(text, warning -> warn(console, warning));
    } catch (UsageException badId) {
      throw noId(console);
    }
    if (options.has("id")) {
      throw noId(console);
    }
    options.join(earlier);
    return options;
  }

  private static Refusal noId(Console console) {
    console.report("Invalid parameter 'id'");
    return new Refusal();
  }

  private static void warn(Console console, Warning warning) {
    console.warn(warning.message());
    for (String hint : warning.hints()) {
      console.error(hint);
    }
  }
}
