package io.faultdisk.explore.disk;

import io.faultdisk.explore.Reproducer;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Writes down how to see a case again: a rule file, and the commands around it. Any thread. */
final class DiskReproducer {
  private static final String RULES = "rules.conf";
  private static final String IMAGE = "disk.img";
  private static final String PACKED = "disk.tar.gz.b64";

  /** What was acknowledged; the name that checks by hand use, too. */
  private static final String ACKNOWLEDGED = "acknowledged";

  private final DiskWorkload workload;
  private final String format;
  private final Function<DiskWorkload.Tool, String> preparation;
  private final Optional<StateCheck> check;

  DiskReproducer(
      DiskWorkload workload,
      String format,
      Function<DiskWorkload.Tool, String> preparation,
      Optional<StateCheck> check) {
    this.check = check;
    this.workload = workload;
    this.format = format;
    this.preparation = preparation;
  }

  /**
   * The workload with rules, and a check of the image.
   *
   * @param forQemu whether real QEMU understands the rules
   */
  Optional<Reproducer> of(List<Rule> rules, String title, boolean forQemu) {
    Optional<String> ours = commands(DiskWorkload.Tool.FAULTDISK);
    if (ours.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Reproducer(
            Map.of(RULES, ruleFile(rules, title, forQemu ? Dialect.QEMU : Dialect.FAULTDISK)),
            ours.get(),
            forQemu ? commands(DiskWorkload.Tool.QEMU) : Optional.empty()));
  }

  private static String ruleFile(List<Rule> rules, String title, Dialect dialect) {
    return "# " + title + "\n" + RuleWriter.write(rules, dialect);
  }

  /** The image under the rules, as tools are told of it. */
  private String ruledImage() {
    return "-f " + format + " blkdebug:" + RULES + ":" + IMAGE;
  }

  private Optional<String> commands(DiskWorkload.Tool tool) {
    return workload
        .commandLine(tool, ruledImage())
        .map(run -> preparation.apply(tool) + "\n" + run + " || true\n" + check(tool));
  }

  private String check(DiskWorkload.Tool tool) {
    String image = tool.img() + " check -f " + format + " disk.img";
    String own = check.flatMap(StateCheck::commandLine).orElse("");
    if (own.isEmpty()) {
      return image;
    }
    return format.equals("raw") ? own : image + "\n" + own;
  }

  /**
   * The disk itself as something has left it, and a check of it; empty if that is too large for a
   * text.
   */
  Optional<Reproducer> ofContent(DiskContent content, List<String> acknowledged, String title) {
    return packed(content, acknowledged, title, Map.of(), "");
  }

  /**
   * The disk itself as a power cut has left it, a recovery with rules, and a check of what that
   * makes of it; empty if the disk is too large for a text. Only for images that recover as {@code
   * img check} does.
   */
  Optional<Reproducer> ofRecovery(
      DiskContent content, List<String> acknowledged, List<Rule> rules, String title) {
    return packed(
        content,
        acknowledged,
        title,
        Map.of(RULES, ruleFile(rules, title, Dialect.FAULTDISK)),
        DiskWorkload.Tool.FAULTDISK.img() + " check -r all " + ruledImage() + " || true\n");
  }

  /** A disk in a text with other files, and commands for it behind which it is checked. */
  private Optional<Reproducer> packed(
      DiskContent content,
      List<String> acknowledged,
      String title,
      Map<String, String> others,
      String commands) {
    Optional<String> packed = PackedDisk.text(content, IMAGE);
    if (packed.isEmpty()) {
      return Optional.empty();
    }
    StringBuilder lines = new StringBuilder();
    acknowledged.forEach(line -> lines.append(line).append('\n'));
    Map<String, String> files = new HashMap<>(others);
    files.put(PACKED, packed.get());
    if (!acknowledged.isEmpty()) {
      files.put(ACKNOWLEDGED, lines.toString());
    }
    String command =
        "# "
            + title
            + "\n# What that leaves on the disk:\nbase64 -d "
            + PACKED
            + " | tar -xzf -\n"
            + commands
            + check(DiskWorkload.Tool.FAULTDISK);
    return Optional.of(new Reproducer(files, command, Optional.empty()));
  }
}
