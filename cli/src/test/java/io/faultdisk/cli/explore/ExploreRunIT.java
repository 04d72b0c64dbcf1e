package io.faultdisk.cli.explore;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.Main;
import io.faultdisk.cli.Stdio;
import io.faultdisk.explore.CaseResult;
import io.faultdisk.explore.ResultDirectory;
import io.faultdisk.explore.Verdict;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real programs under {@code explore run}: what is found, and that nothing stays behind. */
@Timeout(300)
class ExploreRunIT {
  private static final String QEMU_IO =
      "q() { ! qemu-io -t writeback -f raw \"$@\" \"$FAULTDISK_URI\" | grep failed; };";

  /** Stores something, then says so in the first sector: the flush between the two is missing. */
  private static final String CARELESS =
      QEMU_IO + "q -c 'write -P 0x61 64k 4k' -c 'write -P 0x62 0 512' -c flush";

  private static final String CAREFUL =
      QEMU_IO + "q -c 'write -P 0x61 64k 4k' -c flush && q -c 'write -P 0x62 0 512' -c flush; true";

  /** If the first sector says so, it is there. */
  private static final String CHECK =
      "test \"$(head -c 1 $FAULTDISK_FILE)\" != b ||"
          + " test \"$(tail -c +65537 $FAULTDISK_FILE | head -c 4096 | tr -d a | wc -c)\" = 0";

  /** What the directories of runs are called. */
  private static final String OURS = "faultdisk-" + ProcessHandle.current().pid() + "-";

  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Set<String> before = Set.of();
  private int reports;

  @BeforeEach
  void look() throws Exception {
    before = remains();
  }

  @AfterEach
  void nothingStaysBehind() throws Exception {
    // What was killed may be dying.
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              Set<String> more = remains();
              more.removeAll(before);
              assertThat(more).isEmpty();
            });
  }

  /** Mounts, loop devices, directories and processes of this process. */
  private static Set<String> remains() throws IOException {
    Set<String> found = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      if (line.contains(OURS)) {
        found.add(line);
      }
    }
    for (Path place : List.of(Path.of("/dev/shm"), Path.of(System.getProperty("java.io.tmpdir")))) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(place, OURS + "*")) {
        files.forEach(file -> found.add(file.toString()));
      }
    }
    try (DirectoryStream<Path> loops = Files.newDirectoryStream(Path.of("/sys/block"), "loop*")) {
      for (Path loop : loops) {
        String file = backingFile(loop);
        if (file.contains(OURS)) {
          found.add(loop + " is " + file);
        }
      }
    }
    ProcessHandle.current()
        .descendants()
        .forEach(process -> found.add(process.info().commandLine().orElse("")));
    return found;
  }

  /** Others come and go meanwhile. */
  private static String backingFile(Path loop) {
    try {
      return Files.readString(loop.resolve("loop/backing_file")).strip();
    } catch (IOException free) {
      return "";
    }
  }

  private static void assume(boolean there, String reason) {
    if (!there) {
      System.err.println("skipped: " + reason);
      Assumptions.abort(reason);
    }
  }

  private static void assumeProgram(String name) {
    boolean there =
        List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin").stream()
            .anyMatch(place -> Files.isExecutable(Path.of(place, name)));
    assume(there, "no " + name);
  }

  private int explore(String... options) {
    reports++;
    List<String> words = new ArrayList<>(List.of("explore", "run"));
    words.addAll(List.of(options));
    words.addAll(List.of("--report", report().toString()));
    return Main.run(words, new Stdio(new ByteArrayInputStream(new byte[0]), out, err, false));
  }

  private Path report() {
    return directory.resolve("report" + reports);
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
  }

  private List<CaseResult> results() throws Exception {
    return ResultDirectory.read(report()).results().cases();
  }

  private List<CaseResult> ended(Verdict verdict) throws Exception {
    return results().stream().filter(result -> result.verdict() == verdict).toList();
  }

  @Test
  void everyErrorHitsItsPointAndACarefulProgramLosesNothing() throws Exception {
    assumeProgram("qemu-io");
    assertThat(explore("--size", "1M", "--errno", "EIO", "--check", CHECK, "--command", CAREFUL))
        .as(said())
        .isZero();
    assertThat(results()).hasSizeGreaterThan(10).allMatch(each -> each.verdict() == Verdict.OK);
    List<CaseResult> errors =
        results().stream().filter(each -> !each.outcome().receipts().isEmpty()).toList();
    assertThat(errors).hasSizeGreaterThanOrEqualTo(8);
    for (CaseResult error : errors) {
      assertThat(error.outcome().receipts().get(0)).startsWith(error.point().orElseThrow().id());
    }
  }

  @Test
  void aMissingFlushIsFoundAndItsDiskReproduced() throws Exception {
    assumeProgram("qemu-io");
    assertThat(explore("--size", "1M", "--try", "crashes", "--check", CHECK, "--command", CARELESS))
        .as(said())
        .isEqualTo(1);
    List<CaseResult> failed = ended(Verdict.FAILED);
    assertThat(failed).isNotEmpty();
    assertThat(failed).allMatch(each -> each.id().startsWith("e0 flush: cut"));
    Path again = report().resolve("repro").resolve(String.format("%04d", failed.get(0).index()));
    Process check =
        new ProcessBuilder("sh", again.resolve("command.sh").toString())
            .redirectErrorStream(true)
            .start();
    String text = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(check.waitFor()).as(text).isEqualTo(1);
    assertThat(again.resolve("disk.img")).hasSize(1 << 20);
  }

  @Test
  void aProgramThatHangsIsEndedWithAllItHasStarted() throws Exception {
    assumeProgram("qemu-io");
    String hangs =
        "qemu-io -f raw -c 'write 0 4k' {uri} | grep failed && { sleep 1234 & wait; }; true";
    assertThat(
            explore(
                "--try",
                "errors",
                "--errno",
                "EIO",
                "--only-once",
                "--time-limit",
                "10",
                "--size",
                "1M",
                "--command",
                hangs))
        .as(said())
        .isEqualTo(1);
    assertThat(ended(Verdict.HUNG)).hasSize(1);
    assertThat(ended(Verdict.HUNG).get(0).id()).isEqualTo("e0 write 0+4096: EIO");
  }

  @Test
  void aProgramThatDiesOfASignalIsToBlame() throws Exception {
    assumeProgram("qemu-io");
    String dies = "qemu-io -f raw -c 'write 0 4k' {uri} | grep failed && kill -SEGV $$; true";
    assertThat(
            explore(
                "--try",
                "errors",
                "--errno",
                "EIO",
                "--only-once",
                "--size",
                "1M",
                "--command",
                dies))
        .as(said())
        .isEqualTo(1);
    assertThat(ended(Verdict.CRASHED)).hasSize(1);
    assertThat(ended(Verdict.CRASHED).get(0).outcome().reason()).contains("signal 11");
  }

  @Test
  void ourQcow2DriverKeepsWhatClientsOfTheServerFlushed() throws Exception {
    assumeProgram("qemu-io");
    assertThat(explore("-f", "qcow2", "--size", "8M", "--try", "crashes", "--command", CAREFUL))
        .as(said())
        .isZero();
    assertThat(ended(Verdict.OK)).hasSizeGreaterThan(20);
  }

  @Test
  void whatCannotBeIsSaidInOneLine() {
    assertThat(explore("--command", "exit 7")).isEqualTo(1);
    assertThat(said()).contains("fails without any fault, with exit code 7");
    err.reset();
    assertThat(explore()).isEqualTo(1);
    assertThat(said()).contains("There is nothing to explore");
    err.reset();
    assertThat(explore("--mount", "btrfs", "--", "true")).isEqualTo(1);
    assertThat(said()).contains("--mount: there is no 'btrfs' here");
    err.reset();
    assertThat(explore("--check", "fsck", "--", "true")).isEqualTo(1);
    assertThat(said()).contains("--check fsck needs --mount");
  }

  @Test
  void onAFileSystemWhatWasAcknowledgedIsThereOnlyIfItWasSynced() throws Exception {
    assumeProgram("nbdfuse");
    assumeProgram("mkfs.ext4");
    assume("root".equals(System.getProperty("user.name")), "only root can mount");
    assume(Files.isWritable(Path.of("/dev/fuse")), "no /dev/fuse");
    assume(Files.isWritable(Path.of("/dev/loop-control")), "no loop devices");
    String check =
        "for f in $(cat $FAULTDISK_ACKED); do grep -qx content $FAULTDISK_DIR/$f || exit 1; done";
    String write = "echo content >$FAULTDISK_DIR/%1$s%2$s; \"$FAULTDISK_ACK\" %1$s;";
    String synced = " && sync $FAULTDISK_DIR/%1$s $FAULTDISK_DIR".formatted("one");
    String[] options = {
      "--mount", "ext4", "--size", "16M", "--try", "crashes", "--check", check, "--check", "fsck"
    };
    List<String> words = new ArrayList<>(List.of(options));
    words.addAll(List.of("--command", write.formatted("one", synced)));
    assertThat(explore(words.toArray(new String[0]))).as(said()).isZero();
    assertThat(ended(Verdict.OK)).hasSizeGreaterThan(3);

    words.set(words.size() - 1, write.formatted("one", ""));
    assertThat(explore(words.toArray(new String[0]))).as(said()).isEqualTo(1);
    assertThat(ended(Verdict.FAILED)).isNotEmpty();
  }

  @Test
  void toldToEndItEndsAllThatItHasStarted() throws Exception {
    Path began = directory.resolve("began");
    List<String> words =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "io.faultdisk.cli.Main",
            "explore",
            "run",
            "--command",
            "echo >'" + began + "'; sleep 1000");
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(120))
          .until(() -> Files.exists(began) || !process.isAlive());
      // A shell has its background jobs ignore SIGINT, and so would this one be.
      new ProcessBuilder("kill", "-TERM", Long.toString(process.pid())).start().waitFor();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.exitValue()).as(text).isEqualTo(3);
      assertThat(text).isEqualTo("faultdisk: stopped before anything was tried\n");
    } finally {
      process.destroyForcibly();
    }
  }
}
