package io.faultdisk.cli.img;

import io.faultdisk.base.Units;
import io.faultdisk.block.BackingReference;
import io.faultdisk.block.format.ImageReport;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.tool.DetailText;
import java.util.OptionalLong;

/** Prints what {@code info} says about an image for people. */
final class ImageReportText {
  private final Console console;

  ImageReportText(Console console) {
    this.console = console;
  }

  void print(ImageReport report) {
    OptionalLong actual = report.actualSize();
    console.line("image: " + report.filename());
    console.line("file format: " + report.format());
    console.line(
        "virtual size: "
            + Units.brief(report.virtualSize())
            + " ("
            + report.virtualSize()
            + " bytes)");
    console.line(
        "disk size: " + (actual.isPresent() ? Units.brief(actual.getAsLong()) : "unavailable"));
    report
        .facts()
        .ifPresent(
            facts -> {
              if (facts.clusterSize() != 0) {
                console.line("cluster_size: " + facts.clusterSize());
              }
              if (facts.dirty()) {
                console.line("cleanly shut down: no");
              }
            });
    report.backing().ifPresent(backing -> backing(report, backing));
    Snapshots.table(report.snapshots()).forEach(console::line);
    report
        .specific()
        .ifPresent(
            specific -> {
              DetailText.print(console, specific);
            });
  }

  private void backing(ImageReport report, BackingReference backing) {
    String where =
        report
            .fullBacking()
            .map(full -> full.equals(backing.filename()) ? "" : " (actual path: " + full + ")")
            .orElse(" (cannot determine actual path)");
    console.line("backing file: " + backing.filename() + where);
    backing.driver().ifPresent(format -> console.line("backing file format: " + format));
  }
}
