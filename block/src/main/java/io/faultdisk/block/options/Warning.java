package io.faultdisk.block.options;

import java.util.List;

/**
 * Something accepted that should be written differently.
 *
 * @param message printed after {@code NAME: warning: }
 * @param hints further lines, printed without that
 */
public record Warning(String message, List<String> hints) {
  public Warning {
    hints = List.copyOf(hints);
  }
}
