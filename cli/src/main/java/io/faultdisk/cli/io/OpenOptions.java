package io.faultdisk.cli.io;

import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.OpenFlags.Aio;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.tool.Refusal;
import java.util.Optional;

/**
 * The options about how to open an image, which the tool itself and its {@code open} command share.
 */
final class OpenOptions {
  private final Console console;
  private OpenFlags flags = OpenFlags.TOOL;

  OpenOptions(Console console) {
    this.console = console;
  }

  /** What the options so far say. */
  OpenFlags flags() {
    return flags;
  }

  /** {@code -r -s -n -C -k}: options without argument. */
  void take(int option) {
    flags =
        switch (option) {
          case 'r' -> flags.withReadOnly(true);
          case 's' -> flags.withSnapshot(true);
          case 'n' -> flags.withCache(true, flags.noFlush(), false);
          case 'C' -> flags.withCopyOnRead(true);
          case 'k' -> flags.withAio(Aio.NATIVE);
          default -> throw new IllegalArgumentException("option " + (char) option);
        };
  }

  /** {@code -t -d -i}: options with argument. A wrong one is reported and refused. */
  void take(int option, String argument) throws Refusal {
    Optional<OpenFlags> next =
        switch (option) {
          case 't' -> flags.withCacheMode(argument);
          case 'd' -> flags.withDiscardMode(argument);
          case 'i' ->
              Aio.named(argument).map(kind -> kind == Aio.THREADS ? flags : flags.withAio(kind));
          default -> throw new IllegalArgumentException("option " + (char) option);
        };
    if (next.isEmpty()) {
      String what =
          switch (option) {
            case 't' -> "cache";
            case 'd' -> "discard";
            default -> "aio";
          };
      console.report("Invalid " + what + " option: " + argument);
      throw new Refusal();
    }
    flags = next.get();
  }
}
