package io.faultdisk.nio.explore;

import io.faultdisk.faults.Faults;
import io.faultdisk.faults.Receipt;
import io.faultdisk.faults.Trace;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.nio.PowerCut;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.Observer;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What one test needs: faults, a file system that asks them, and an empty directory there. For test
 * frameworks; in JUnit, {@code faultdisk-junit} makes and removes it.
 *
 * <p>Used by the test's thread; what it hands out is safe from any.
 */
public final class TestDisk implements AutoCloseable {
  /** How many steps of the test are remembered for people to read. */
  private static final int TRACE_MAX = 20;

  private final DiskSettings settings;
  private final Faults faults = Faults.create();
  private final Trace trace = faults.trace(TRACE_MAX);
  private final Map<String, Long> counts = new ConcurrentHashMap<>();
  private final Observer.Registration counting = faults.observe(this::count);
  private final Path real;
  private final List<FaultFileSystem> opened = new ArrayList<>();
  private final Names names;
  private Path directory;

  /** When the power was cut and what could be lost then, for people; empty if it was not. */
  private String powerCut = "";

  /** Those of the test, once it is over. */
  private List<Rule> rules = List.of();

  private TestDisk(DiskSettings settings) throws IOException {
    this.settings = settings;
    this.real = settings.directories().create();
    FaultFileSystem files = open(settings, faults, real);
    this.directory = files.wrap(real);
    this.names = Names.in(real);
    opened.add(files);
  }

  /**
   * A new one.
   *
   * @throws IOException if its directory cannot be made
   */
  public static TestDisk open(DiskSettings settings) throws IOException {
    return new TestDisk(settings);
  }

  private static FaultFileSystem open(DiskSettings settings, Faults faults, Path real) {
    FaultFileSystem.Builder builder =
        FaultFileSystem.over(real.getFileSystem())
            .faults(faults)
            .mappedMemory(settings.mappedMemory())
            .quota(settings.quotaBytes())
            .outOfSpaceAfter(settings.outOfSpaceAfterBytes());
    settings.powerLoss().ifPresent(builder::powerLoss);
    return builder.open();
  }

  private void count(Observation observation) {
    if (observation instanceof Observation.OperationPerformed performed) {
      counts.merge(performed.operation().name(), 1L, Long::sum);
      if (performed.operation().wider() != null) {
        counts.merge(performed.operation().wider().name(), 1L, Long::sum);
      }
    } else if (observation instanceof Observation.EventAnnounced announced) {
      counts.merge(announced.event().name(), 1L, Long::sum);
    }
  }

  /** The faults. */
  public Faults faults() {
    return faults;
  }

  /** The file system; after a power cut that which is found then. */
  public FaultFileSystem files() {
    return opened.get(opened.size() - 1);
  }

  /** The directory there. */
  public Path directory() {
    return directory;
  }

  /** What has been done so far shall be durable: the test has prepared its files. */
  void settle() throws IOException {
    if (settings.powerLoss().isPresent()) {
      files().checkpoint();
    }
  }

  /** Cuts the power, and finds what that leaves. */
  void reboot(PowerCut cut) throws IOException {
    powerCut =
        "\n  the power was cut after step "
            + trace.count()
            + ", "
            + cut
            + ": "
            + names.shorten(files().unsynced().toString()).replace("\n", "\n  ");
    FaultFileSystem found = files().cutPower(cut);
    opened.add(found);
    directory = found.wrap(real);
  }

  Names names() {
    return names;
  }

  /**
   * The test has done its work: takes all rules out, remembers them, and lets go what waits at a
   * breakpoint.
   */
  public void quiet() {
    rules = rules();
    faults.clear();
  }

  private List<Rule> rules() {
    List<Rule> all = new ArrayList<>(rules);
    faults.snapshot().rules().stream().map(Snapshot.RuleStatus::rule).forEach(all::add);
    return all;
  }

  /** Says which rules have done nothing yet, one line each; empty if each has done something. */
  public Optional<String> unfired() {
    List<Rule> unfired = faults.unfired();
    if (unfired.isEmpty()) {
      return Optional.empty();
    }
    StringBuilder text = new StringBuilder();
    text.append(unfired.size())
        .append(" of ")
        .append(faults.snapshot().rules().size())
        .append(" rules did nothing. Does the test do what it is meant to?");
    for (Rule rule : unfired) {
      long happened = counts.getOrDefault(rule.event().name(), 0L);
      text.append("\n  ")
          .append(RuleLines.where(rule))
          .append(RuleLines.inOneLine(rule))
          .append(": ")
          .append(rule.event())
          .append(
              happened == 0
                  ? " never happened"
                  : " happened " + happened + " times, but never as the rule wants it");
    }
    return Optional.of(text.toString());
  }

  /**
   * What happened, for people to read after a failure; several lines.
   *
   * @param heading what the test was about
   * @param again how to repeat it
   * @param trial whose rules are shown; empty shows those of the test as an annotation of JUnit's
   */
  public String report(String heading, String again, Optional<Trial> trial) {
    StringBuilder text = new StringBuilder("faultdisk: ").append(heading);
    List<Receipt> receipts = faults.receipts();
    text.append(receipts.isEmpty() ? "\n  nothing was injected" : "\n  injected:");
    receipts.forEach(receipt -> text.append("\n    ").append(names.shorten(receipt.toString())));
    List<Trace.Entry> entries = trace.entries();
    if (!entries.isEmpty()) {
      text.append("\n  the last ").append(entries.size()).append(" of ");
      text.append(trace.count()).append(" steps:");
      entries.forEach(entry -> text.append("\n    ").append(names.shorten(entry.toString())));
    }
    text.append(powerCut);
    text.append("\n  to repeat it: ").append(again);
    List<Rule> shown = trial.map(Trial::rules).orElseGet(this::rules);
    if (!shown.isEmpty()) {
      text.append("\n  ")
          .append(
              trial.isPresent()
                  ? "the fault, for a test of its own, to be added before the workload:"
                  : "its rules:")
          .append("\n    ")
          .append(trial.isPresent() ? "faults.addText(\"\"\"" : "@FaultRules(\"\"\"")
          .append(RuleLines.indented(shown, "        "))
          .append("\n        \"\"\")")
          .append(trial.isPresent() ? ";" : "");
    }
    return text.toString();
  }

  /** Closes the file systems and removes the directory. */
  @Override
  public void close() throws IOException {
    faults.clear();
    trace.close();
    counting.close();
    for (FaultFileSystem files : opened) {
      files.close();
    }
    settings.directories().remove(real);
  }
}
