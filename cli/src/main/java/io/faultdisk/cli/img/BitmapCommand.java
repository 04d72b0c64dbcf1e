package io.faultdisk.cli.img;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.format.BitmapCommands;
import io.faultdisk.cli.getopt.LongOption;
import io.faultdisk.cli.tool.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code bitmap}: adds, removes, clears, switches and merges persistent dirty bitmaps. */
final class BitmapCommand implements ImgCommand {
  private static final int ADD = CommandLine.OWN;
  private static final int REMOVE = CommandLine.OWN + 1;
  private static final int CLEAR = CommandLine.OWN + 2;
  private static final int ENABLE = CommandLine.OWN + 3;
  private static final int DISABLE = CommandLine.OWN + 4;
  private static final int MERGE = CommandLine.OWN + 5;

  private final List<Action> actions = new ArrayList<>();
  private Optional<String> format = Optional.empty();
  private Optional<String> sourceFile = Optional.empty();
  private Optional<String> sourceFormat = Optional.empty();
  private boolean imageOptions;

  /** Bytes; 0 to choose. */
  private long granularity;

  /** One thing to do; they are done in the order given. */
  private sealed interface Action {
    String verb();

    record Add() implements Action {
      @Override
      public String verb() {
        return "add";
      }
    }

    record Remove() implements Action {
      @Override
      public String verb() {
        return "remove";
      }
    }

    record Clear() implements Action {
      @Override
      public String verb() {
        return "clear";
      }
    }

    record Enable() implements Action {
      @Override
      public String verb() {
        return "enable";
      }
    }

    record Disable() implements Action {
      @Override
      public String verb() {
        return "disable";
      }
    }

    /** Adds what is dirty in the bitmap {@code source}. */
    record Merge(String source) implements Action {
      @Override
      public String verb() {
        return "merge";
      }
    }
  }

  @Override
  public String name() {
    return "bitmap";
  }

  @Override
  public String synopsis() {
    return "(--merge SOURCE | --add | --remove | --clear | --enable | --disable)..."
        + " [-b source_file [-F source_fmt]] [-g granularity] [--object objectdef]"
        + " [--image-opts | -f fmt] filename bitmap";
  }

  @Override
  public int run(ImgSession session, List<String> args) throws Refusal {
    CommandLine line =
        new CommandLine(
            session,
            name(),
            args,
            "b:f:F:g:",
            CommandLine.IMAGE_OPTS_OPTION,
            LongOption.flag("add", ADD),
            LongOption.flag("remove", REMOVE),
            LongOption.flag("clear", CLEAR),
            LongOption.flag("enable", ENABLE),
            LongOption.flag("disable", DISABLE),
            LongOption.withArgument("merge", MERGE),
            LongOption.withArgument("granularity", 'g'),
            LongOption.withArgument("source-file", 'b'),
            LongOption.withArgument("source-format", 'F'));
    for (int o = line.next(); o != CommandLine.END; o = line.next()) {
      option(session, line, o);
    }
    check(session);
    if (line.operands().size() != 2) {
      throw session.failed("Expecting filename and bitmap name");
    }
    String filename = line.operands().get(0);
    ImageSource image = new ImageSource(filename, format, imageOptions, false);
    actOn(session, image, line.operands().get(1));
    return 0;
  }

  private void option(ImgSession session, CommandLine line, int option) throws Refusal {
    switch (option) {
      case 'b' -> sourceFile = Optional.of(line.argument());
      case 'f' -> format = Optional.of(line.argument());
      case 'F' -> sourceFormat = Optional.of(line.argument());
      case 'g' -> granularity = ByteCount.read(session, "granularity", line.argument());
      case CommandLine.IMAGE_OPTS -> imageOptions = true;
      case ADD -> actions.add(new Action.Add());
      case REMOVE -> actions.add(new Action.Remove());
      case CLEAR -> actions.add(new Action.Clear());
      case ENABLE -> actions.add(new Action.Enable());
      case DISABLE -> actions.add(new Action.Disable());
      case MERGE -> actions.add(new Action.Merge(line.argument()));
      default -> throw new IllegalStateException("option " + option);
    }
  }

  private void check(ImgSession session) throws Refusal {
    if (actions.isEmpty()) {
      throw session.failed(
          "Need at least one of --add, --remove, --clear, --enable, --disable, or --merge");
    }
    if (granularity != 0 && actions.stream().noneMatch(Action.Add.class::isInstance)) {
      throw session.failed("granularity only supported with --add");
    }
    if (sourceFormat.isPresent() && sourceFile.isEmpty()) {
      throw session.failed("-F only supported with -b");
    }
    if (sourceFile.isPresent() && actions.stream().noneMatch(Action.Merge.class::isInstance)) {
      throw session.failed("Merge bitmap source file only supported with --merge");
    }
  }

  /** The backing files are not looked at: bitmaps belong to one image. */
  private void actOn(ImgSession session, ImageSource image, String bitmap) throws Refusal {
    OpenFlags writing = ImageSource.WRITE.with(OpenFlags.Mode.NO_BACKING);
    try (BlockBackend disk = image.open(session, writing)) {
      if (sourceFile.isEmpty()) {
        act(session, disk.root(), disk.root(), bitmap);
        return;
      }
      OpenFlags reading = ImageSource.READ.with(OpenFlags.Mode.NO_BACKING);
      ImageSource source = ImageSource.of(sourceFile.get(), sourceFormat);
      try (BlockBackend other = source.open(session, reading)) {
        act(session, disk.root(), other.root(), bitmap);
      }
    }
  }

  private void act(ImgSession session, Node node, Node source, String bitmap) throws Refusal {
    BitmapCommands commands = new BitmapCommands(node);
    for (Action action : actions) {
      try {
        act(commands, action, source, bitmap);
      } catch (UsageException refused) {
        throw session.failed(
            "Operation " + action.verb() + " on bitmap " + bitmap + " failed: ", refused);
      }
    }
  }

  private void act(BitmapCommands commands, Action action, Node source, String bitmap)
      throws UsageException {
    switch (action) {
      case Action.Add() -> {
        // Taken as 32 bits, as QEMU does.
        OptionalLong bytes =
            granularity == 0 ? OptionalLong.empty() : OptionalLong.of(granularity & 0xffffffffL);
        commands.add(bitmap, bytes, true, BitmapCommands.Mode.ENABLED);
      }
      case Action.Remove() -> commands.remove(bitmap);
      case Action.Clear() -> commands.clear(bitmap);
      case Action.Enable() -> commands.enable(bitmap);
      case Action.Disable() -> commands.disable(bitmap);
      case Action.Merge(String from) -> commands.merge(bitmap, source, from);
    }
  }
}
