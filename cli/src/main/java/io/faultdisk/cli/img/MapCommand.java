package io.faultdisk.cli.img;

import io.faultdisk.block.BackingChain;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockStatus;
import io.faultdisk.block.Node;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.getopt.LongOption;
import io.faultdisk.cli.tool.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code map}: which parts of an image are stored where in the backing chain. */
final class MapCommand implements ImgCommand {
  private static final int COLUMN = 16;

  @Override
  public String name() {
    return "map";
  }

  @Override
  public String synopsis() {
    return "[--object objectdef] [--image-opts] [-f fmt] [--start-offset=offset]"
        + " [--max-length=len] [--output=ofmt] [-U] filename";
  }

  /**
   * A stretch of the image, all of one kind.
   *
   * @param start bytes from the start of the image
   * @param depth how many images were asked before the one that knew
   * @param present whether one of the images decides what the stretch holds
   * @param host where the data are, if they are there as they are read
   */
  private record Extent(
      long start,
      long length,
      int depth,
      boolean present,
      boolean zero,
      boolean data,
      Optional<BlockStatus.Place> host) {

    /** Whether {@code next}, which begins where this ends, goes on in the same way. */
    boolean continues(Extent next) {
      if (zero != next.zero
          || data != next.data
          || depth != next.depth
          || present != next.present
          || host.isPresent() != next.host.isPresent()) {
        return false;
      }
      return host.isEmpty()
          || (host.get().node().filename().equals(next.host.get().node().filename())
              && host.get().offset() + length == next.host.get().offset());
    }

    Extent longerBy(long bytes) {
      return new Extent(start, length + bytes, depth, present, zero, data, host);
    }

    /** For people zeroes are all the same, stored or not. */
    Extent simplified() {
      return !data || zero ? new Extent(start, length, depth, present, true, false, host) : this;
    }
  }

  @Override
  public int run(ImgSession session, List<String> args) throws Refusal {
    CommandLine line =
        new CommandLine(
            session,
            name(),
            args,
            "f:s:l:U",
            CommandLine.FORMAT_OPTION,
            CommandLine.OUTPUT_OPTION,
            CommandLine.IMAGE_OPTS_OPTION,
            CommandLine.FORCE_SHARE_OPTION,
            LongOption.withArgument("start-offset", 's'),
            LongOption.withArgument("max-length", 'l'));
    Optional<String> format = Optional.empty();
    String output = "human";
    long start = 0;
    OptionalLong limit = OptionalLong.empty();
    boolean imageOptions = false;
    boolean forceShare = false;
    for (int o = line.next(); o != CommandLine.END; o = line.next()) {
      switch (o) {
        case 'f' -> format = Optional.of(line.argument());
        case 'U' -> forceShare = true;
        case CommandLine.OUTPUT -> output = line.argument();
        case 's' -> start = ByteCount.read(session, "start offset", line.argument());
        case 'l' -> limit = OptionalLong.of(ByteCount.read(session, "max length", line.argument()));
        case CommandLine.IMAGE_OPTS -> imageOptions = true;
        default -> throw new IllegalStateException("option " + o);
      }
    }
    ImageSource image = new ImageSource(line.onlyImage(), format, imageOptions, forceShare);
    OutputFormat out = OutputFormat.named(session, output);
    try (BlockBackend opened = image.open(session, ImageSource.READ)) {
      print(session, image.name(), opened, out, start, limit);
    }
    return 0;
  }

  private static void print(
      ImgSession session,
      String name,
      BlockBackend image,
      OutputFormat output,
      long start,
      OptionalLong limit)
      throws Refusal {
    Console console = session.console();
    switch (output) {
      case HUMAN -> console.line("Offset          Length          Mapped to       File");
      case JSON -> console.print("[");
    }
    long end = end(session, name, image, start, limit);
    Extent extent = new Extent(start, 0, 0, false, false, false, Optional.empty());
    while (extent.start + extent.length < end) {
      long at = extent.start + extent.length;
      Extent next = extent(session, image, at, end - at);
      if (extent.length > 0 && extent.continues(next)) {
        extent = extent.longerBy(next.length);
        continue;
      }
      if (extent.length > 0) {
        print(session, output, extent);
        if (output == OutputFormat.JSON) {
          console.line(",");
        } else {
          next = next.simplified();
        }
      }
      extent = next;
    }
    print(session, output, extent);
    if (output == OutputFormat.JSON) {
      console.line("]");
    }
  }

  private static long end(
      ImgSession session, String name, BlockBackend image, long start, OptionalLong limit)
      throws Refusal {
    try {
      long length = image.length();
      return limit.isPresent() ? Math.min(start + limit.getAsLong(), length) : length;
    } catch (BlockIoException e) {
      throw session.failed("Failed to get size for '" + name + "'");
    }
  }

  private static Extent extent(ImgSession session, BlockBackend image, long offset, long bytes)
      throws Refusal {
    Optional<Node> asked = Optional.of(BackingChain.skipFilters(image.root()));
    long length = bytes;
    int depth = 0;
    try {
      while (true) {
        Node node = asked.orElseThrow();
        BlockStatus status = node.status(offset, length);
        length = status.bytes();
        asked = node.backing().map(BackingChain::skipFilters);
        if (status.zero() || status.data()) {
          return new Extent(
              offset,
              length,
              depth,
              status.allocated(),
              status.zero(),
              status.data(),
              status.host());
        }
        if (asked.isEmpty()) {
          return new Extent(offset, length, depth, false, false, false, Optional.empty());
        }
        depth++;
      }
    } catch (BlockIoException e) {
      throw session.failed("Could not read file metadata: " + e.errno().text());
    }
  }

  private static void print(ImgSession session, OutputFormat output, Extent extent) throws Refusal {
    switch (output) {
      case HUMAN -> printText(session, extent);
      case JSON ->
          session
              .console()
              .print(
                  "{ \"start\": "
                      + extent.start
                      + ", \"length\": "
                      + extent.length
                      + ", \"depth\": "
                      + extent.depth
                      + ", \"present\": "
                      + extent.present
                      + ", \"zero\": "
                      + extent.zero
                      + ", \"data\": "
                      + extent.data
                      + extent.host.map(host -> ", \"offset\": " + host.offset()).orElse("")
                      + "}");
    }
  }

  private static void printText(ImgSession session, Extent extent) throws Refusal {
    if (!extent.data) {
      return;
    }
    if (extent.host.isEmpty()) {
      throw session.failed("File contains external, encrypted or compressed clusters.");
    }
    BlockStatus.Place host = extent.host.get();
    if (!extent.zero) {
      session
          .console()
          .line(
              CText.hex(extent.start, COLUMN)
                  + CText.hex(extent.length, COLUMN)
                  + CText.hex(host.offset(), COLUMN)
                  + host.node().filename());
    }
  }
}
