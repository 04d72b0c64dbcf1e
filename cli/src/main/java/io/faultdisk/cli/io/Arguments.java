package io.faultdisk.cli.io;

import io.faultdisk.base.SizeText;
import io.faultdisk.base.Units;
import io.faultdisk.block.Node;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.getopt.Getopt;
import io.faultdisk.cli.tool.CInteger;
import io.faultdisk.cli.tool.Refusal;
import java.util.List;
import java.util.OptionalLong;

/**
 * Reads the arguments of one command; a mistake is reported and refused.
 *
 * <p>Where a message goes (standard output or standard error) is as arbitrary as it is in qemu-io.
 */
final class Arguments {
  private static final int SECTOR = 512;
  private static final int BYTE_MAX = 255;

  private final Console console;
  private final Spec spec;
  private final Getopt options;

  /**
   * Starts with the options.
   *
   * @param letters the options, as {@link Getopt} wants them
   */
  Arguments(Session session, Spec spec, Words words, String letters) {
    this.console = session.console();
    this.spec = spec;
    this.options =
        new Getopt(words.command(), words.arguments(), letters, List.of(), console::error);
  }

  /** The next option, or {@link Getopt#END}. */
  int next() throws Refusal {
    int option = options.next();
    if (option == Getopt.MISTAKE) {
      throw usage();
    }
    return option;
  }

  /** The argument of the option. */
  String argument() {
    return options.argument();
  }

  /** The arguments that are no options; after the last option. */
  List<String> operands() {
    return options.operands();
  }

  /** All words, options first; after the last option. */
  List<String> permuted() {
    return options.permuted();
  }

  /** Refuses with the usage line. */
  Refusal usage() {
    console.line(spec.usageLine(spec.name()));
    return new Refusal();
  }

  /** Refuses with a line on standard output. */
  Refusal refuse(String message) {
    console.line(message);
    return new Refusal();
  }

  /** A number of bytes, 0 to 2<sup>63</sup>-1. */
  long size(String text) throws Refusal {
    return size(text, text);
  }

  /** A number of bytes; the message shows another word. */
  long size(String text, String shown) throws Refusal {
    SizeText size = Units.parseSize(text);
    if (size.hexWithSuffix()) {
      console.warn("Using a multiplier suffix on hex numbers is deprecated: " + text);
    }
    return switch (size.kind()) {
      case OK -> size.bytes();
      case NOT_A_NUMBER -> throw notASize(shown);
      case TOO_LARGE -> throw refuse("Parsing error: argument too large -- " + shown);
    };
  }

  /** Refuses a word that should have been a number of bytes. */
  Refusal notASize(String shown) {
    return refuse(
        "Parsing error: non-numeric argument, or extraneous/unrecognized suffix -- " + shown);
  }

  /** A byte to fill or compare with: a C integer from 0 to 255. */
  int pattern(String text) throws Refusal {
    OptionalLong value = CInteger.parse(text);
    if (value.isEmpty() || value.getAsLong() < 0 || value.getAsLong() > BYTE_MAX) {
      throw refuse(text + " is not a valid pattern byte");
    }
    return (int) value.getAsLong();
  }

  /**
   * The lengths of a request with several buffers, together at most {@link Node#REQUEST_MAX};
   * returns their sum.
   */
  int total(List<String> lengths) throws Refusal {
    long total = 0;
    for (String text : lengths) {
      long bytes = size(text);
      if (bytes > Node.REQUEST_MAX) {
        throw refuse("Argument '" + text + "' exceeds maximum size " + Node.REQUEST_MAX);
      }
      if (total > Node.REQUEST_MAX - bytes) {
        throw refuse("The total number of bytes exceed the maximum size " + Node.REQUEST_MAX);
      }
      total += bytes;
    }
    return (int) total;
  }

  /** Refuses what does not begin and end at a sector. */
  void requireSectors(long offset, long bytes) throws Refusal {
    if (offset % SECTOR != 0) {
      throw refuse(offset + " is not a sector-aligned value for 'offset'");
    }
    if (bytes % SECTOR != 0) {
      throw refuse(bytes + " is not a sector-aligned value for 'count'");
    }
  }
}
