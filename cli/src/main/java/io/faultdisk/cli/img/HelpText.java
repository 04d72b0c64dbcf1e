package io.faultdisk.cli.img;

import io.faultdisk.block.DriverType;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Program;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.cli.tool.ToolVersion;

/** What {@code --help} prints, with or without a command. */
final class HelpText {
  private static final String OPTIONS =
      """

          -h, --help           print this and exit
          -V, --version        print the version and exit
          -T, --trace SPEC     accepted and not used

      Command syntax:
      """;

  private static final String PARAMETERS =
      """

      Command parameters:
        filename         the image: a path, PREFIX:..., json:{...}, or with --image-opts
                         a string of options, driver=...,file.filename=...
        fmt              driver of the image; without it the content decides
        options          format specific, name=value,...; '-o help' lists them
        size             bytes, or with one of the suffixes k M G T P E (powers of 1024)
        cache            none, writeback (the default), writethrough, directsync, unsafe
                         (the default for the target of convert)
        snapshot_param   snapshot.id=ID,snapshot.name=NAME, or one of the two alone
        objectdef        an object such as a secret; accepted and not used
        --output         human (the default) or json
        -p               show the progress (commands that may take long)
        -q               print nothing but errors
        -U               open the image even if another program writes to it

        check exits with 0 (good), 1 (could not check), 2 (corrupt), 3 (only leaks),
        63 (the format has no check); compare with 0 (identical), 1 (different), 2 to 4
        (could not compare)

      """;

  private HelpText() {}

  static void print(Program program, Console console) {
    ToolVersion.print(program, "qemu-img", console);
    console.line("usage: " + program.name() + " [standard options] command [command options]");
    console.line(
        program.isStandIn()
            ? "QEMU disk image utility"
            : "Makes, inspects, checks and changes disk images.");
    console.print(OPTIONS);
    ImgTool.synopses().forEach((name, synopsis) -> console.line("  " + name + " " + synopsis));
    console.print(PARAMETERS);
    StringBuilder formats = new StringBuilder("Supported formats:");
    for (DriverType type : Drivers.all(program.dialect())) {
      formats.append(' ').append(type.name());
    }
    console.line(formats.toString());
  }
}
