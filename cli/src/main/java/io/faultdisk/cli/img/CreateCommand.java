package io.faultdisk.cli.img;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.create.CreateRequest;
import io.faultdisk.block.options.OptionString;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.tool.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code create}: makes a new image. */
final class CreateCommand implements ImgCommand {
  @Override
  public String name() {
    return "create";
  }

  @Override
  public String synopsis() {
    return "[--object objectdef] [-q] [-f fmt] [-b backing_file [-F backing_fmt]] [-u]"
        + " [-o options] filename [size]";
  }

  @Override
  public int run(ImgSession session, List<String> args) throws Refusal {
    CommandLine line = new CommandLine(session, name(), args, "F:b:f:o:qu");
    String format = "raw";
    Optional<String> backing = Optional.empty();
    Optional<String> backingFormat = Optional.empty();
    OptionList options = new OptionList();
    boolean quiet = false;
    boolean openBacking = true;
    for (int o = line.next(); o != CommandLine.END; o = line.next()) {
      switch (o) {
        case 'F' -> backingFormat = Optional.of(line.argument());
        case 'b' -> backing = Optional.of(line.argument());
        case 'f' -> format = line.argument();
        case 'o' -> options.add(session, line.argument());
        case 'q' -> quiet = true;
        case 'u' -> openBacking = false;
        default -> throw new IllegalStateException("option " + o);
      }
    }
    List<String> operands = line.operands();
    Optional<String> text = options.text();
    if (text.isPresent() && OptionString.wantsHelp(text.get())) {
      printHelp(session, format, operands.stream().findFirst());
      return 0;
    }
    if (operands.isEmpty()) {
      throw session.misused("Expecting image file name");
    }
    OptionalLong size =
        operands.size() > 1
            ? OptionalLong.of(ByteCount.read(session, "image size", operands.get(1)))
            : OptionalLong.empty();
    if (operands.size() > 2) {
      throw session.misused("Unexpected argument: " + operands.get(2));
    }
    create(
        session,
        new CreateRequest(operands.get(0), format, text, size, backing, backingFormat, openBacking),
        quiet);
    return 0;
  }

  private static void create(ImgSession session, CreateRequest request, boolean quiet)
      throws Refusal {
    Console console = session.console();
    try {
      session
          .creation()
          .create(
              request,
              line -> {
                if (!quiet) {
                  console.line(line);
                  console.flush();
                }
              });
    } catch (UsageException refused) {
      throw failed(session, request.filename() + ": ", refused);
    }
  }

  /** QEMU forgets the line break behind the hint which format was found. */
  private static Refusal failed(ImgSession session, String prefix, UsageException refused) {
    List<String> hints = refused.hints();
    if (hints.size() == 1 && hints.get(0).startsWith("Detected format of ")) {
      Refusal refusal = session.failed(prefix + refused.getMessage());
      session.console().errorText(hints.get(0));
      return refusal;
    }
    return session.failed(prefix, refused);
  }

  /** {@code -o help}. */
  static void printHelp(ImgSession session, String format, Optional<String> filename)
      throws Refusal {
    try {
      session.creation().optionHelp(format, filename).forEach(session.console()::line);
    } catch (UsageException refused) {
      throw session.failed(refused);
    }
  }
}
