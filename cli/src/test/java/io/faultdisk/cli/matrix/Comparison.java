package io.faultdisk.cli.matrix;

import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Workbench;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Runs the same calls with both tools and compares what comes of it.
 *
 * <p>For one thread.
 */
final class Comparison {
  /** Exit codes from here on are those of processes that a signal has ended. */
  private static final int SIGNALS = 128;

  private static final byte[] MAGIC = {'Q', 'F', 'I', (byte) 0xfb};
  private static final String IMAGE = "disk.qcow2";
  private static final Pattern LAYOUT =
      Pattern.compile("(?m)^(.* fragmented, .*|Image end offset: .*)\\R");
  private static final String OTHER = "other.qcow2";

  private final Workbench bench;

  Comparison(Workbench bench) {
    this.bench = bench;
  }

  /**
   * The result of one comparison.
   *
   * @param report what each side did, for people; empty if there is nothing to say
   */
  record Result(Verdict verdict, String report) {}

  /** What one side said, and the files it left. */
  record Outcome(List<ToolOutput> outputs, Map<String, byte[]> files) {
    /** Whether the other is the same in all but the files of that name. */
    boolean sameAs(Outcome other, String butFor) {
      return outputs.equals(other.outputs)
          && Workbench.differing(files, other.files).stream().allMatch(butFor::equals);
    }
  }

  /** What the real tools do. */
  Outcome real(Map<String, byte[]> before, List<ToolCall> calls, String disk) {
    bench.setTo(before);
    return new Outcome(bench.real(calls, disk), bench.files());
  }

  /** What ours does. */
  Outcome ours(Map<String, byte[]> before, List<ToolCall> calls, String disk) {
    bench.setTo(before);
    return new Outcome(bench.ours(calls, disk), bench.files());
  }

  Result compare(Map<String, byte[]> before, List<ToolCall> calls, String disk) {
    return compare(before, calls, disk, real(before, calls, disk));
  }

  /** Compares ours with an outcome of the real tools. */
  Result compare(Map<String, byte[]> before, List<ToolCall> calls, String disk, Outcome wanted) {
    List<ToolOutput> real = wanted.outputs();
    if (real.stream().anyMatch(output -> output.exitCode() >= SIGNALS)) {
      return new Result(Verdict.REAL_CRASHED, "");
    }
    Map<String, byte[]> realFiles = wanted.files();
    Outcome mine = ours(before, calls, disk);
    List<ToolOutput> ours = mine.outputs();
    Map<String, byte[]> ourFiles = mine.files();
    List<String> differing = Workbench.differing(realFiles, ourFiles);
    StringBuilder report = new StringBuilder();
    for (int i = 0; i < calls.size(); i++) {
      if (!real.get(i).equals(ours.get(i))) {
        report
            .append(calls.get(i))
            .append("\n--- real: ")
            .append(real.get(i))
            .append("--- ours: ")
            .append(ours.get(i));
      }
    }
    if (report.isEmpty() && differing.isEmpty()) {
      return new Result(Verdict.SAME_BYTES, "");
    }
    if (!differing.isEmpty()) {
      report.append(meaning(realFiles, ourFiles, differing));
    }
    if (report.isEmpty()) {
      return new Result(Verdict.SAME_MEANING, "bytes differ: " + differing);
    }
    report.append("--- files that differ: ").append(differing).append('\n');
    return new Result(Verdict.DIFFERS, report.toString());
  }

  /** Differences in what the real tools find in the files; empty if there are none. */
  private String meaning(
      Map<String, byte[]> realFiles, Map<String, byte[]> ourFiles, List<String> differing) {
    StringBuilder report = new StringBuilder();
    for (String name : differing) {
      if (isImage(realFiles.get(name)) && isImage(ourFiles.get(name))) {
        report.append(meaning(realFiles, ourFiles, name));
      } else {
        report.append("--- file ").append(name).append(" differs\n");
      }
    }
    return report.toString();
  }

  private static boolean isImage(byte @Nullable [] content) {
    return content != null
        && content.length > MAGIC.length
        && Arrays.equals(content, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  private String meaning(Map<String, byte[]> realFiles, Map<String, byte[]> ourFiles, String name) {
    StringBuilder report = new StringBuilder();
    List<ToolOutput> real = look(realFiles, name);
    List<ToolOutput> ours = look(ourFiles, name);
    for (int i = 0; i < real.size(); i++) {
      if (!real.get(i).equals(ours.get(i))) {
        report
            .append("--- looking at real's: ")
            .append(real.get(i))
            .append("--- looking at ours: ")
            .append(ours.get(i));
      }
    }
    ToolOutput content = contents(realFiles, ourFiles, name);
    if (content.exitCode() != 0 && !content.equals(contents(realFiles, realFiles, name))) {
      report.append("--- what the guest reads: ").append(content);
    }
    return report.toString();
  }

  private List<ToolOutput> look(Map<String, byte[]> files, String name) {
    bench.setTo(files);
    String path = ToolCall.DIR + "/" + name;
    List<ToolCall> calls =
        List.of(ToolCall.img("check", "-f", "qcow2", path), ToolCall.img("snapshot", "-l", path));
    List<ToolOutput> outputs = bench.real(calls, "");
    return name.equals(IMAGE) ? outputs : outputs.stream().map(Comparison::withoutLayout).toList();
  }

  /**
   * What is left of a check's output once that is gone which follows from where the clusters lie.
   * Requests that run beside each other, as a commit's do, place the clusters of the other image in
   * an order that is not the same from run to run.
   */
  private static ToolOutput withoutLayout(ToolOutput output) {
    return new ToolOutput(
        LAYOUT.matcher(output.stdout()).replaceAll(""), output.stderr(), output.exitCode());
  }

  /** The real tool's comparison of an image in two sets of files. */
  private ToolOutput contents(Map<String, byte[]> one, Map<String, byte[]> other, String name) {
    Map<String, byte[]> both = new TreeMap<>(one);
    both.put(OTHER, Objects.requireNonNull(other.get(name)));
    bench.setTo(both);
    String dir = ToolCall.DIR + "/";
    ToolCall compare =
        ToolCall.img("compare", "-f", "qcow2", "-F", "qcow2", dir + name, dir + OTHER);
    return bench.real(List.of(compare), "").getFirst();
  }
}
