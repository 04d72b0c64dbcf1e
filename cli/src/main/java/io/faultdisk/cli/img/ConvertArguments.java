package io.faultdisk.cli.img;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.format.CreateOption;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.cli.getopt.LongOption;
import io.faultdisk.cli.tool.CInteger;
import io.faultdisk.cli.tool.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The command line of {@code convert}, read and checked as far as that goes without opening
 * anything.
 *
 * <p>For one thread, used once.
 */
final class ConvertArguments {
  private static final int TARGET_IMAGE_OPTS = CommandLine.OWN;
  private static final int SALVAGE = CommandLine.OWN + 1;
  private static final int TARGET_IS_ZERO = CommandLine.OWN + 2;
  private static final int BITMAPS = CommandLine.OWN + 3;
  private static final int SKIP_BROKEN = CommandLine.OWN + 4;

  private static final int WORKERS_MAX = 16;
  private static final int SPARSE_SECTORS_DEFAULT = 8;
  private static final int SPARSE_SECTORS_MAX = 32768;

  private final ImgSession session;
  private final CommandLine line;

  Optional<String> format = Optional.empty();
  Optional<String> newFormat = Optional.empty();
  Optional<String> backing = Optional.empty();
  Optional<String> backingFormat = Optional.empty();
  Optional<SnapshotChoice> snapshot = Optional.empty();
  final OptionList options = new OptionList();
  String cache = "unsafe";
  String sourceCache = "writeback";
  boolean imageOptions;
  boolean targetImageOptions;
  boolean forceShare;
  boolean skipCreate;
  boolean compressed;
  boolean bitmaps;
  boolean skipBroken;
  boolean quiet;
  private boolean showProgress;
  private boolean copyRange;
  private boolean salvage;
  private boolean targetIsZero;
  private boolean inOrder = true;
  private int workers = 8;
  private int minSparse = SPARSE_SECTORS_DEFAULT;
  private boolean sparseGiven;
  private long rateLimit;

  /**
   * Which internal snapshot to show.
   *
   * @param either an id, or else a name; empty if the others say it
   */
  record SnapshotChoice(Optional<String> either, Optional<String> id, Optional<String> name) {}

  ConvertArguments(ImgSession session, List<String> args) {
    this.session = session;
    this.line =
        new CommandLine(
            session,
            "convert",
            args,
            "f:O:B:CcF:o:l:S:pt:T:qnm:WUr:",
            CommandLine.IMAGE_OPTS_OPTION,
            CommandLine.FORCE_SHARE_OPTION,
            LongOption.flag("target-image-opts", TARGET_IMAGE_OPTS),
            LongOption.flag("salvage", SALVAGE),
            LongOption.flag("target-is-zero", TARGET_IS_ZERO),
            LongOption.flag("bitmaps", BITMAPS),
            LongOption.flag("skip-broken-bitmaps", SKIP_BROKEN));
  }

  /** Reads all options; says what does not go together. */
  void read() throws Refusal {
    for (int o = line.next(); o != CommandLine.END; o = line.next()) {
      take(o);
    }
    if (newFormat.isEmpty() && !targetImageOptions) {
      newFormat = Optional.of("raw");
    }
    refuse(skipBroken && !bitmaps, "Use of --skip-broken-bitmaps requires --bitmaps");
    refuse(compressed && copyRange, "Cannot enable copy offloading when -c is used");
    refuse(sparseGiven && copyRange, "Cannot enable copy offloading when -S is used");
    refuse(copyRange && salvage, "Cannot use copy offloading in salvaging mode");
    refuse(targetImageOptions && !skipCreate, "--target-image-opts requires use of -n flag");
    refuse(
        skipCreate && options.text().isPresent(), "-o has no effect when skipping image creation");
    refuse(targetIsZero && !skipCreate, "--target-is-zero requires use of -n flag");
  }

  private void refuse(boolean condition, String message) throws Refusal {
    if (condition) {
      throw session.failed(message);
    }
  }

  private void take(int option) throws Refusal {
    switch (option) {
      case 'f' -> format = Optional.of(line.argument());
      case 'O' -> newFormat = Optional.of(line.argument());
      case 'B' -> backing = Optional.of(line.argument());
      case 'F' -> backingFormat = Optional.of(line.argument());
      case 'C' -> copyRange = true;
      case 'c' -> compressed = true;
      case 'o' -> options.add(session, line.argument());
      case 'l' -> snapshot = Optional.of(snapshot(line.argument()));
      case 'S' -> minSparse = sparse(line.argument());
      case 'p' -> showProgress = true;
      case 't' -> cache = line.argument();
      case 'T' -> sourceCache = line.argument();
      case 'q' -> quiet = true;
      case 'n' -> skipCreate = true;
      case 'm' -> workers = workers(line.argument());
      case 'W' -> inOrder = false;
      case 'U' -> forceShare = true;
      case 'r' -> rateLimit = ByteCount.read(session, "rate limit", line.argument());
      case CommandLine.IMAGE_OPTS -> imageOptions = true;
      case TARGET_IMAGE_OPTS -> targetImageOptions = true;
      case SALVAGE -> salvage = true;
      case TARGET_IS_ZERO -> targetIsZero = true;
      case BITMAPS -> bitmaps = true;
      case SKIP_BROKEN -> skipBroken = true;
      default -> throw new IllegalStateException("option " + option);
    }
  }

  private SnapshotChoice snapshot(String text) throws Refusal {
    if (!text.startsWith("snapshot.")) {
      return new SnapshotChoice(Optional.of(text), Optional.empty(), Optional.empty());
    }
    CreateOptions given = new CreateOptions(List.of(word("snapshot.id"), word("snapshot.name")));
    try {
      given.parse(text);
    } catch (UsageException refused) {
      session.console().report(refused.getMessage(), refused.hints());
      throw session.failed("Failed in parsing snapshot param '" + text + "'");
    }
    return new SnapshotChoice(
        Optional.empty(), given.text("snapshot.id"), given.text("snapshot.name"));
  }

  private static CreateOption word(String name) {
    return new CreateOption(name, CreateOption.Type.STRING, "", Optional.empty());
  }

  private int sparse(String text) throws Refusal {
    sparseGiven = true;
    long bytes = ByteCount.read(session, "buffer size for sparse output", text);
    long sectors = bytes / SectorScan.SECTOR;
    refuse(
        bytes % SectorScan.SECTOR != 0 || sectors > SPARSE_SECTORS_MAX,
        "Invalid buffer size for sparse output specified. Valid sizes are multiples of "
            + SectorScan.SECTOR
            + " up to "
            + SPARSE_SECTORS_MAX * SectorScan.SECTOR
            + ". Select 0 to disable sparse detection (fully allocates output).");
    return (int) sectors;
  }

  private int workers(String text) throws Refusal {
    OptionalLong number = text.isEmpty() ? OptionalLong.empty() : CInteger.parse(text);
    refuse(
        number.isEmpty() || number.getAsLong() < 1 || number.getAsLong() > WORKERS_MAX,
        "Invalid number of coroutines. Allowed number of coroutines is between 1 and "
            + WORKERS_MAX);
    return (int) number.orElse(1);
  }

  /** The last operand, unless it is the only one. */
  Optional<String> target() {
    List<String> names = line.operands();
    return names.size() < 2 ? Optional.empty() : Optional.of(names.getLast());
  }

  /** All operands but the last. */
  List<ImageSource> sources() {
    List<String> names = line.operands();
    return names.subList(0, Math.max(0, names.size() - 1)).stream()
        .map(name -> new ImageSource(name, format, imageOptions, forceShare))
        .toList();
  }

  boolean showsProgress() {
    return showProgress && !quiet;
  }

  ConvertSettings settings() {
    return new ConvertSettings(
        compressed,
        copyRange,
        salvage,
        quiet,
        minSparse,
        inOrder,
        workers,
        targetIsZero,
        rateLimit);
  }
}
