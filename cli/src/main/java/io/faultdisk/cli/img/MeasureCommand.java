package io.faultdisk.cli.img;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Node;
import io.faultdisk.block.format.Creatable;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.format.Measurable;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.getopt.LongOption;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.cli.tool.Refusal;
import io.faultdisk.cli.tool.SnapshotChoice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code measure}: how large the file of a new image would become. */
final class MeasureCommand implements ImgCommand {
  private static final int SIZE = CommandLine.OWN;

  @Override
  public String name() {
    return "measure";
  }

  @Override
  public String synopsis() {
    return "[--output=ofmt] [-O output_fmt] [-o options] [--size N | [--object objectdef]"
        + " [--image-opts] [-f fmt] [-l snapshot_param] filename]";
  }

  @Override
  public int run(ImgSession session, List<String> args) throws Refusal {
    CommandLine line =
        CommandLine.speakingItself(
            session,
            name(),
            args,
            "f:O:o:l:U",
            CommandLine.IMAGE_OPTS_OPTION,
            CommandLine.OUTPUT_OPTION,
            LongOption.withArgument("size", SIZE),
            CommandLine.FORCE_SHARE_OPTION);
    Optional<String> format = Optional.empty();
    String newFormat = "raw";
    OptionList options = new OptionList();
    Optional<SnapshotChoice> snapshot = Optional.empty();
    OutputFormat output = OutputFormat.HUMAN;
    OptionalLong size = OptionalLong.empty();
    boolean imageOptions = false;
    boolean forceShare = false;
    for (int o = line.next(); o != CommandLine.END; o = line.next()) {
      switch (o) {
        case 'f' -> format = Optional.of(line.argument());
        case 'O' -> newFormat = line.argument();
        case 'o' -> options.add(session, line.argument());
        case 'l' -> snapshot = Optional.of(snapshot(session, line.argument()));
        case 'U' -> forceShare = true;
        case CommandLine.IMAGE_OPTS -> imageOptions = true;
        case CommandLine.OUTPUT -> output = OutputFormat.named(session, line.argument());
        case SIZE -> size = OptionalLong.of(ByteCount.read(session, "image size", line.argument()));
        default -> throw new IllegalStateException("option " + o);
      }
    }
    List<String> operands = line.operands();
    if (operands.size() > 1) {
      throw session.failed("At most one filename argument is allowed.");
    }
    boolean about = imageOptions || format.isPresent() || snapshot.isPresent();
    if (operands.isEmpty() && about) {
      throw session.failed("--image-opts, -f, and -l require a filename argument.");
    }
    if (!operands.isEmpty() && size.isPresent()) {
      throw session.failed("--size N cannot be used together with a filename.");
    }
    if (operands.isEmpty() && size.isEmpty()) {
      throw session.failed("Either --size N or one filename must be specified.");
    }
    Optional<Node> source = Optional.empty();
    if (!operands.isEmpty()) {
      ImageSource image = new ImageSource(operands.get(0), format, imageOptions, forceShare);
      // Stays open until the session ends.
      BlockBackend opened = image.open(session, ImageSource.READ);
      if (snapshot.isPresent()) {
        load(session, snapshot.get(), opened.root());
      }
      source = Optional.of(opened.root());
    }
    print(session, output, measure(session, newFormat, options.text(), size, source));
    return 0;
  }

  private static SnapshotChoice snapshot(ImgSession session, String text) throws Refusal {
    return SnapshotChoice.read(session.console(), text)
        .orElseThrow(() -> session.failed("Failed in parsing snapshot param '" + text + "'"));
  }

  private static void load(ImgSession session, SnapshotChoice snapshot, Node image) throws Refusal {
    try {
      snapshot.load(image);
    } catch (UsageException refused) {
      throw session.failed("Failed to load snapshot: ", refused);
    }
  }

  private static Measurable.Measure measure(
      ImgSession session,
      String format,
      Optional<String> text,
      OptionalLong size,
      Optional<Node> source)
      throws Refusal {
    Optional<DriverType> type = session.graph().type(format);
    if (type.isEmpty() && !Drivers.isOfQemuOnly(format)) {
      throw session.failed("Unknown file format '" + format + "'");
    }
    if (!(type.orElse(null) instanceof Creatable creatable)) {
      throw session.failed("Format driver '" + format + "' does not support image creation");
    }
    CreateOptions options = options(session, creatable);
    if (text.isPresent()) {
      try {
        options.parse(text.get(), session::warn);
      } catch (UsageException refused) {
        session.console().report(refused.getMessage(), refused.hints());
        throw session.failed("Invalid options for file format '" + format + "'");
      }
    }
    size.ifPresent(bytes -> options.set("size", bytes));
    if (!(type.get() instanceof Measurable measurable)) {
      throw session.failed("Block driver '" + format + "' does not support size measurement");
    }
    try {
      return measurable.measure(options, source);
    } catch (UsageException refused) {
      throw session.failed(refused);
    } catch (BlockIoException e) {
      throw session.failed(e.reason());
    }
  }

  /** Those of the format, and those of plain files. */
  private static CreateOptions options(ImgSession session, Creatable format) {
    Optional<DriverType> file = session.graph().type("file");
    return file.isPresent() && file.get() instanceof Creatable below
        ? CreateOptions.merged(format.createOptions(), below.createOptions())
        : new CreateOptions(format.createOptions());
  }

  private static void print(ImgSession session, OutputFormat output, Measurable.Measure measure) {
    Console console = session.console();
    switch (output) {
      case HUMAN -> {
        console.line("required size: " + measure.required());
        console.line("fully allocated size: " + measure.fullyAllocated());
        measure.bitmaps().ifPresent(size -> console.line("bitmaps size: " + size));
      }
      case JSON -> {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("required", JsonNumber.of(measure.required()));
        members.put("fully-allocated", JsonNumber.of(measure.fullyAllocated()));
        measure.bitmaps().ifPresent(size -> members.put("bitmaps", JsonNumber.of(size)));
        console.line(Json.writePretty(new JsonObject(members)));
      }
    }
  }
}
