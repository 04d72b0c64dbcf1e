package io.faultdisk.nio.explore;

import io.faultdisk.faults.Faults;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.nio.PowerCut;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one test needs: faults, a file system that asks them, and an empty directory there. For test
 * frameworks; in JUnit, {@code faultdisk-junit} makes and removes it.
 *
 * <p>Used by the test's thread; what it hands out is safe from any.
 */
public final class TestDisk implements AutoCloseable {
  private final DiskSettings settings;
  private final Faults faults;
  private final History history;
  private final Path real;

  /** Receipts of those who had the faults before us. */
  private final int receiptsBefore;

  private final List<FaultFileSystem> opened = new ArrayList<>();
  private final Names names;
  private Path directory;

  /** Those of the test, once it is over. */
  private List<Rule> rules = List.of();

  private TestDisk(DiskSettings settings) throws IOException {
    this.settings = settings;
    this.real = settings.directories().create();
    FaultFileSystem files =
        isDefault() ? FaultFileSystem.ofDefault() : open(settings, Faults.create(), real);
    this.faults = files.faults();
    this.history = new History(faults);
    this.receiptsBefore = faults.receipts().size();
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

  private boolean isDefault() {
    return settings.directories() instanceof DefaultDirectories;
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
    history.powerCut(cut, files().unsynced());
    FaultFileSystem found = files().cutPower(cut);
    opened.add(found);
    directory = found.wrap(real);
  }

  /** Where the directory really is. */
  Path real() {
    return real;
  }

  /** What was injected and how the power went, in lines that are the same in every run. */
  List<String> happened() {
    List<String> lines = new ArrayList<>();
    faults.receipts().stream()
        .skip(receiptsBefore)
        .forEach(receipt -> lines.add(names.shorten(receipt.toString())));
    history.powerCut().lines().map(String::strip).map(names::shorten).forEach(lines::add);
    return lines;
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
        .append(faults.snapshot().rules().size() == 1 ? " rule" : " rules")
        .append(" did nothing. Does the test do what it is meant to?");
    for (Rule rule : unfired) {
      long happened = history.count(rule.event().name());
      text.append("\n  ")
          .append(RuleLines.where(rule))
          .append(RuleLines.inOneLine(rule))
          .append(": ")
          .append(rule.event())
          .append(
              happened == 0
                  ? " never happened"
                  : (happened == 1 ? " happened once" : " happened " + happened + " times")
                      + ", but never as the rule wants it");
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
    history.lines(names).forEach(line -> text.append("\n  ").append(line));
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
    history.close();
    for (FaultFileSystem files : opened) {
      if (!isDefault()) {
        files.close();
      }
    }
    settings.directories().remove(real);
  }
}
