package io.faultdisk.cli.img;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.cli.tool.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code dd}: copies part of an image into a new one. */
final class DdCommand implements ImgCommand {
  private Optional<String> format = Optional.empty();
  private String newFormat = "raw";
  private boolean imageOptions;
  private boolean forceShare;
  private int blockSize = 512;
  private OptionalLong count = OptionalLong.empty();
  private long skip;
  private Optional<String> input = Optional.empty();
  private Optional<String> output = Optional.empty();

  @Override
  public String name() {
    return "dd";
  }

  @Override
  public String synopsis() {
    return "[--image-opts] [-U] [-f fmt] [-O output_fmt] [bs=block_size] [count=blocks]"
        + " [skip=blocks] if=input of=output";
  }

  @Override
  public int run(ImgSession session, List<String> args) throws Refusal {
    CommandLine line =
        new CommandLine(
            session,
            name(),
            args,
            "f:O:U",
            CommandLine.IMAGE_OPTS_OPTION,
            CommandLine.FORCE_SHARE_OPTION);
    for (int o = line.next(); o != CommandLine.END; o = line.next()) {
      switch (o) {
        case 'f' -> format = Optional.of(line.argument());
        case 'O' -> newFormat = line.argument();
        case 'U' -> forceShare = true;
        case CommandLine.IMAGE_OPTS -> imageOptions = true;
        default -> throw new IllegalStateException("option " + o);
      }
    }
    for (String operand : line.operands()) {
      take(session, operand);
    }
    if (input.isEmpty() || output.isEmpty()) {
      throw session.failed("Must specify both input and output files");
    }
    copy(session, input.get(), output.get());
    return 0;
  }

  private void take(ImgSession session, String operand) throws Refusal {
    int equals = operand.indexOf('=');
    if (equals < 0) {
      throw session.failed("unrecognized operand " + operand);
    }
    String key = operand.substring(0, equals);
    String value = operand.substring(equals + 1);
    switch (key) {
      case "bs" -> blockSize = (int) ByteCount.read(session, "bs", value, 1, Integer.MAX_VALUE);
      case "count" -> count = OptionalLong.of(ByteCount.read(session, "count", value));
      case "skip" -> skip = ByteCount.read(session, "skip", value);
      case "if" -> input = Optional.of(value);
      case "of" -> output = Optional.of(value);
      default -> throw session.failed("unrecognized operand " + key);
    }
  }

  private void copy(ImgSession session, String from, String to) throws Refusal {
    ImageSource what = new ImageSource(from, format, imageOptions, forceShare);
    try (BlockBackend source = what.open(session, ImageSource.READ)) {
      CreateOptions options = options(session, to);
      long end = length(session, source, from);
      if (count.isPresent()
          && count.getAsLong() <= Long.MAX_VALUE / blockSize
          && count.getAsLong() * blockSize < end) {
        end = count.getAsLong() * blockSize;
      }
      boolean beyond = skip > Long.MAX_VALUE / blockSize || end < skip * blockSize;
      options.set("size", beyond ? 0 : end - skip * blockSize);
      create(session, to, options);
      try (BlockBackend target =
          ImageSource.of(to, Optional.of(newFormat)).open(session, ImageSource.WRITE)) {
        if (beyond) {
          session.console().report(from + ": cannot skip to specified offset");
        }
        session.turns().settleFor(List.of(source, target));
        new DdCopy(blockSize, beyond ? end : skip * blockSize, end).run(source, target);
      } catch (UsageException failed) {
        throw session.failed(failed);
      }
    }
  }

  private CreateOptions options(ImgSession session, String to) throws Refusal {
    if (session.graph().type(newFormat).isEmpty() && !Drivers.isOfQemuOnly(newFormat)) {
      throw session.failed("Unknown file format");
    }
    try {
      return session.creation().options(newFormat, to);
    } catch (UsageException refused) {
      throw session.failed(refused);
    }
  }

  private static long length(ImgSession session, BlockBackend source, String name) throws Refusal {
    try {
      return source.length();
    } catch (BlockIoException e) {
      throw session.failed("Failed to get size for '" + name + "'");
    }
  }

  private void create(ImgSession session, String to, CreateOptions options) throws Refusal {
    String prefix = to + ": error while creating output image: ";
    try {
      session.creation().create(newFormat, to, options);
    } catch (UsageException refused) {
      throw session.failed(prefix, refused);
    } catch (BlockIoException e) {
      throw session.failed(prefix + e.reason());
    }
  }
}
