package io.faultdisk.cli.tool;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.Console;
import io.faultdisk.daemon.objects.UserObjects;

/** Reads the argument of {@code --object}: {@code TYPE,id=...}. Stateless. */
public final class ObjectOption {
  private ObjectOption() {}

  /** Makes the object that the text describes, or says why not. */
  public static void add(UserObjects objects, Console console, String text) throws Refusal {
    int comma = text.indexOf(',');
    String first = comma < 0 ? text : text.substring(0, comma);
    Options options;
    String type;
    try {
      if (first.indexOf('=') >= 0 || first.isEmpty()) {
        options = OptionStrings.read(console, text);
        type = options.string("qom-type").orElse("");
        options.remove("qom-type");
        if (type.isEmpty()) {
          throw new UsageException("Parameter 'qom-type' is missing");
        }
      } else {
        options = OptionStrings.read(console, comma < 0 ? "" : text.substring(comma + 1));
        type = first;
      }
      objects.add(type, options);
    } catch (UsageException e) {
      console.report(e.getMessage(), e.hints());
      throw new Refusal();
    }
  }
}
