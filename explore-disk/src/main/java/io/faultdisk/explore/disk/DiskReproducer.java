package io.faultdisk.explore.disk;

import io.faultdisk.explore.Reproducer;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Writes down how to see a case again: a rule file, and the commands around it. Any thread. */
final class DiskReproducer {
  private static final String RULES = "rules.conf";

  private final DiskWorkload workload;
  private final String format;
  private final Function<DiskWorkload.Tool, String> preparation;

  DiskReproducer(
      DiskWorkload workload, String format, Function<DiskWorkload.Tool, String> preparation) {
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
            Map.of(
                RULES,
                "# "
                    + title
                    + "\n"
                    + RuleWriter.write(rules, forQemu ? Dialect.QEMU : Dialect.FAULTDISK)),
            ours.get(),
            forQemu ? commands(DiskWorkload.Tool.QEMU) : Optional.empty()));
  }

  private Optional<String> commands(DiskWorkload.Tool tool) {
    String image = "-f " + format + " blkdebug:" + RULES + ":disk.img";
    return workload
        .commandLine(tool, image)
        .map(
            run ->
                preparation.apply(tool)
                    + "\n"
                    + run
                    + " || true\n"
                    + tool.img()
                    + " check -f "
                    + format
                    + " disk.img");
  }
}
