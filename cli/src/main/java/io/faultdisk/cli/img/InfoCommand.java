package io.faultdisk.cli.img;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.format.ImageReport;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.getopt.LongOption;
import io.faultdisk.cli.tool.Refusal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code info}: what an image is, and with {@code --backing-chain} all images below it. */
final class InfoCommand implements ImgCommand {
  private static final int BACKING_CHAIN = CommandLine.OWN;

  @Override
  public String name() {
    return "info";
  }

  @Override
  public String synopsis() {
    return "[--object objectdef] [--image-opts] [-f fmt] [--output=ofmt] [--backing-chain] [-U]"
        + " filename";
  }

  @Override
  public int run(ImgSession session, List<String> args) throws Refusal {
    CommandLine line =
        new CommandLine(
            session,
            name(),
            args,
            "f:U",
            CommandLine.FORMAT_OPTION,
            CommandLine.OUTPUT_OPTION,
            LongOption.flag("backing-chain", BACKING_CHAIN),
            CommandLine.IMAGE_OPTS_OPTION,
            CommandLine.FORCE_SHARE_OPTION);
    Optional<String> format = Optional.empty();
    String output = "human";
    boolean chain = false;
    boolean imageOptions = false;
    boolean forceShare = false;
    for (int o = line.next(); o != CommandLine.END; o = line.next()) {
      switch (o) {
        case 'f' -> format = Optional.of(line.argument());
        case 'U' -> forceShare = true;
        case CommandLine.OUTPUT -> output = line.argument();
        case BACKING_CHAIN -> chain = true;
        case CommandLine.IMAGE_OPTS -> imageOptions = true;
        default -> throw new IllegalStateException("option " + o);
      }
    }
    ImageSource image = new ImageSource(line.onlyImage(), format, imageOptions, forceShare);
    OutputFormat out = OutputFormat.named(session, output);
    List<ImageReport> reports = collect(session, image, chain);
    switch (out) {
      case HUMAN -> printText(session.console(), reports);
      case JSON -> printJson(session.console(), reports, chain);
    }
    return 0;
  }

  private static List<ImageReport> collect(ImgSession session, ImageSource top, boolean chain)
      throws Refusal {
    OpenFlags flags = ImageSource.READ.with(OpenFlags.Mode.NO_BACKING).with(OpenFlags.Mode.NO_IO);
    List<ImageReport> reports = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    Optional<ImageSource> next = Optional.of(top);
    while (next.isPresent()) {
      ImageSource image = next.get();
      if (!seen.add(image.name())) {
        throw session.failed("Backing file '" + image.name() + "' creates an infinite loop.");
      }
      ImageReport report;
      try (BlockBackend opened = image.open(session, flags)) {
        report = ImageReport.of(opened.root());
      } catch (UsageException unknown) {
        throw session.failed(unknown);
      }
      reports.add(report);
      next = chain ? below(session, report, image.forceShare()) : Optional.empty();
    }
    return reports;
  }

  private static Optional<ImageSource> below(
      ImgSession session, ImageReport report, boolean forceShare) throws Refusal {
    if (report.backing().isEmpty()) {
      return Optional.empty();
    }
    if (report.fullBacking().isEmpty()) {
      throw session.failed(
          "Could not determine absolute backing filename, but backing filename '"
              + report.backing().get().filename()
              + "' present");
    }
    return Optional.of(
        new ImageSource(
            report.fullBacking().get(), report.backing().get().driver(), false, forceShare));
  }

  private static void printText(Console console, List<ImageReport> reports) {
    ImageReportText text = new ImageReportText(console);
    boolean first = true;
    for (ImageReport report : reports) {
      if (!first) {
        console.line("");
      }
      first = false;
      text.print(report);
    }
  }

  private static void printJson(Console console, List<ImageReport> reports, boolean chain) {
    List<JsonValue> objects = new ArrayList<>();
    reports.forEach(report -> objects.add(report.toJson()));
    console.line(Json.writePretty(chain ? new JsonArray(objects) : objects.get(0)));
  }
}
