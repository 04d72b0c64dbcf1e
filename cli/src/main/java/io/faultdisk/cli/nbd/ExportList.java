package io.faultdisk.cli.nbd;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.nbd.ExportListing;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Program;
import io.faultdisk.cli.tool.Refusal;
import io.faultdisk.nbd.ExportFlag;
import io.faultdisk.nbd.NbdLimits;
import io.faultdisk.nbd.server.Listening;
import java.util.List;

/** {@code --list}: prints what a server has. */
final class ExportList {
  private ExportList() {}

  static void print(Program program, Console console, NbdArguments arguments) throws Refusal {
    try {
      List<ExportListing.Item> items =
          ExportListing.ask(
              server(program, arguments),
              arguments.clientEncryption,
              arguments.tlsHostname.isPresent() ? arguments.tlsHostname : arguments.bind);
      console.line("exports available: " + items.size());
      items.forEach(item -> print(console, item));
    } catch (UsageException refused) {
      console.report(refused.getMessage(), refused.hints());
      throw new Refusal();
    }
  }

  private static Options server(Program program, NbdArguments arguments) throws UsageException {
    Options server = new Options();
    if (arguments.socket.isPresent()) {
      Listening.checkLength(arguments.socket.get());
      server.put("type", "unix");
      server.put("path", arguments.socket.get());
    } else {
      server.put("type", "inet");
      server.put("host", arguments.bind.orElse(NbdArguments.defaultHost(program)));
      server.put("port", arguments.port.orElse(Integer.toString(NbdLimits.DEFAULT_PORT)));
    }
    return server;
  }

  private static void print(Console console, ExportListing.Item item) {
    console.line(" export: '" + item.name() + "'");
    if (!item.description().isEmpty()) {
      console.line("  description: " + item.description());
    }
    if (!ExportFlag.HAS_FLAGS.in(item.flags())) {
      return;
    }
    console.line("  size:  " + Long.toUnsignedString(item.size()));
    StringBuilder flags = new StringBuilder();
    for (ExportFlag flag : ExportFlag.values()) {
      if (flag.in(item.flags()) && !word(flag).isEmpty()) {
        flags.append(word(flag)).append(' ');
      }
    }
    console.line("  flags: 0x" + Integer.toHexString(item.flags()) + " ( " + flags + ")");
    line(console, "min block", item.blockMin());
    line(console, "opt block", item.blockPreferred());
    line(console, "max block", item.blockMax());
    if (!item.contexts().isEmpty()) {
      console.line("  available meta contexts: " + item.contexts().size());
      item.contexts().forEach(context -> console.line("   " + context));
    }
  }

  private static void line(Console console, String name, int bytes) {
    if (bytes != 0) {
      console.line("  " + name + ": " + Integer.toUnsignedString(bytes));
    }
  }

  /** What qemu-nbd calls it; nothing if it does not know it. */
  private static String word(ExportFlag flag) {
    return switch (flag) {
      case HAS_FLAGS, BLOCK_STATUS_PAYLOAD -> "";
      case READ_ONLY -> "readonly";
      case SEND_FLUSH -> "flush";
      case SEND_FUA -> "fua";
      case ROTATIONAL -> "rotational";
      case SEND_TRIM -> "trim";
      case SEND_WRITE_ZEROES -> "zeroes";
      case SEND_DF -> "df";
      case CAN_MULTI_CONN -> "multi";
      case SEND_RESIZE -> "resize";
      case SEND_CACHE -> "cache";
      case SEND_FAST_ZERO -> "fast-zero";
    };
  }
}
