package io.faultdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way in, and the commands that are not io. */
final class MainTest {
  @TempDir Path temp;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    return Main.run(
        List.of(args), new Stdio(new ByteArrayInputStream(new byte[0]), out, err, false));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void helpListsEveryCommandInALine() {
    assertThat(run("--help")).isZero();
    assertThat(out())
        .contains("\n  io ")
        .contains("\n  img ")
        .contains("\n  rules ")
        .contains("\n  bench ")
        .contains("\n  completion ");
    assertThat(err()).isEmpty();
  }

  @Test
  void nothingAtAllSaysWhereToLook() {
    assertThat(run()).isEqualTo(2);
    assertThat(err()).isEqualTo("Usage: faultdisk COMMAND [ARGUMENTS]\nTry 'faultdisk --help'.\n");
  }

  @Test
  void anUnknownCommandIsNamed() {
    assertThat(run("oi", "--help")).isEqualTo(2);
    assertThat(err()).startsWith("faultdisk: there is no command 'oi'\n");
    assertThat(out()).isEmpty();
  }

  /** The JVM has replaced the bytes: the name that comes here is that of another file. */
  @Test
  void aNameThatIsNotUtf8IsRefused() {
    String name = temp.resolve("n\ufffd").toString();
    assertThat(run("img", "create", "-f", "raw", name, "1M")).isEqualTo(1);
    assertThat(err())
        .isEqualTo(
            "faultdisk img: '"
                + name
                + "' is not UTF-8: rename the file, or link to it under another name\n");
    assertThat(Path.of(name)).doesNotExist();
  }

  @Test
  void versionIsThere() {
    assertThat(run("--version")).isZero();
    assertThat(out()).startsWith("faultdisk ");
  }

  @Test
  void helpOfIoIsThatOfIo() {
    assertThat(run("help", "io")).isZero();
    assertThat(out()).startsWith("Usage: faultdisk io [OPTIONS]... [-c STRING]... [file]\n");
  }

  @Test
  void aStandInCarriesTheNameOfTheRealTool() {
    assertThat(run("qemu-io", "--version")).isZero();
    assertThat(out()).startsWith("qemu-io version 7.2.");
    assertThat(run("qemu-io", "-f", "raw", "/nonexistent/x")).isEqualTo(1);
    assertThat(err()).startsWith("qemu-io: can't open device /nonexistent/x: ");
  }

  @Test
  void aBadOptionPrintsTheUsageOnStandardOutput() {
    assertThat(run("qemu-io", "--bogus")).isEqualTo(1);
    assertThat(out()).startsWith("Usage: qemu-io [OPTIONS]... [-c STRING]... [file]\n");
    assertThat(err()).isEqualTo("qemu-io: unrecognized option '--bogus'\n");
  }

  @Test
  void twoFilesAreOneTooMany() {
    assertThat(run("qemu-io", "a", "b")).isEqualTo(1);
    assertThat(out()).startsWith("Usage: qemu-io ");
  }

  @Test
  void aTemporarySnapshotKeepsTheImageAsItIs() throws IOException {
    Path image = Files.write(temp.resolve("disk.raw"), new byte[512]);
    assertThat(run("io", "-s", "-f", "raw", image.toString(), "-c", "write 0 512")).isZero();
    assertThat(Files.readAllBytes(image)).containsOnly(0);
  }

  @Test
  void ourOwnNameIsInOurOwnMessages() {
    assertThat(run("io", "-f", "raw", "/nonexistent/x")).isEqualTo(1);
    assertThat(err()).startsWith("faultdisk io: can't open device /nonexistent/x: ");
  }

  /** Standard output that takes nothing, for this reason. */
  private int runIntoNothing(String why, String... args) {
    OutputStream nothing =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException(why);
          }
        };
    Stdio stdio = new Stdio(new ByteArrayInputStream(new byte[0]), nothing, err, false);
    return Main.run(List.of(args), stdio);
  }

  @Test
  void aReaderThatHasGoneIsNoError() {
    assertThat(runIntoNothing("Broken pipe", "io", "-c", "help", "-c", "help read")).isZero();
    assertThat(runIntoNothing("Broken pipe", "rules", "events")).isZero();
    assertThat(err()).isEmpty();
  }

  @Test
  void whatCannotBePrintedIsAnErrorOfOurOwnCommands() {
    assertThat(runIntoNothing("No space left on device", "rules", "events")).isEqualTo(1);
    assertThat(err()).isEqualTo("faultdisk: write error: No space left on device\n");
  }

  /** As in QEMU's tools. */
  @Test
  void whatCannotBePrintedIsNoErrorOfTheDropIns() {
    assertThat(runIntoNothing("No space left on device", "io", "-c", "help")).isZero();
    assertThat(err()).isEmpty();
  }

  @Test
  void aSignalEndsOnlyTheCommand() {
    assertThat(run("io", "-c", "help quit", "-c", "sigraise 9", "-c", "help")).isEqualTo(137);
    assertThat(out()).isEqualTo("quit -- exit the program\n");
  }

  @Test
  void completionForBashIsAScript() {
    assertThat(run("completion", "bash")).isZero();
    assertThat(out()).startsWith("#!").contains("--image-opts").contains("writethrough");
  }

  @Test
  void eventsAreListedWithTheirMeaning() {
    assertThat(run("rules", "events")).isZero();
    assertThat(out().lines()).hasSize(50).allMatch(line -> line.matches("[a-z0-9_]+ {2,}\\S.*"));
  }

  @Test
  void eventsOfFilesAreListedWithTheirMeaning() {
    assertThat(run("rules", "events", "--files")).isZero();
    assertThat(out().lines()).hasSize(17).allMatch(line -> line.matches("[a-z]+ {2,}\\S.*"));
    assertThat(out()).contains("fsync  ").contains("rename  ").doesNotContain("l2_load");
  }

  @Test
  void lintChecksRulesForFiles() throws IOException {
    Path good =
        Files.writeString(
            temp.resolve("files.json"),
            "{\"cut-power\": {\"event\": \"fsync\", \"path\": \"*.wal\"}}");
    assertThat(run("rules", "lint", "--files", good.toString())).isZero();
    assertThat(out()).isEqualTo(good + ": 1 rule, fine\n");
    Path bad = Files.writeString(temp.resolve("bad.conf"), "[cut-power]\nevent = \"fsinc\"\n");
    assertThat(run("rules", "lint", "--files", bad.toString())).isEqualTo(1);
    assertThat(out()).contains(bad + ":2: ").contains("Did you mean 'fsync'?");
    assertThat(run("rules", "lint", bad.toString())).isEqualTo(1);
  }

  @Test
  void lintSaysWhichSectionsAreForDisksOnly() throws IOException {
    for (String section :
        List.of("misdirect-write", "stale-read", "bad-blocks", "inject-connection-fault")) {
      Path file =
          Files.writeString(temp.resolve("disk.conf"), "[" + section + "]\nevent = \"none\"\n");
      assertThat(run("rules", "lint", "--files", file.toString())).isEqualTo(1);
      assertThat(out().lines()).contains(file + ":1: [" + section + "] is for disks only");
    }
  }

  @Test
  void lintIsContentWithAGoodFile() throws IOException {
    Path file = Files.writeString(temp.resolve("good.conf"), "[inject-error]\nevent = \"none\"\n");
    assertThat(run("rules", "lint", file.toString())).isZero();
    assertThat(out()).isEqualTo(file + ": 1 rule, fine\n");
  }

  @Test
  void lintNamesTheLineThatIsWrong() throws IOException {
    Path file =
        Files.writeString(
            temp.resolve("bad.conf"), "[inject-error]\nevent = \"none\"\nonce = \"x\"\n");
    assertThat(run("rules", "lint", file.toString())).isEqualTo(1);
    assertThat(out()).startsWith(file + ":3: ").contains("'once'");
  }

  @Test
  void lintNamesEachLineThatQemuWouldRefuse() throws IOException {
    Path file =
        Files.writeString(
            temp.resolve("own.conf"),
            """
            # ours
            [inject-error]
            errno = "28"
            event = "wal_append"

            [set-state]
            event = "read_aio"
            new_state = "2"

            [inject-error]
            event = "l1_grow.alloc_table"
            """);
    assertThat(run("rules", "lint", file.toString())).isEqualTo(1);
    assertThat(out().lines())
        .containsExactly(
            file + ":4: QEMU refuses this: invalid parameter value: wal_append",
            file + ":11: QEMU refuses this: invalid parameter value: l1_grow.alloc_table");
  }

  @Test
  void lintNamesEveryLineAndEverySectionOfOurs() throws IOException {
    Path file =
        Files.writeString(
            temp.resolve("ours.conf"),
            """
            [inject-error]
            event = "none"
            errno = "ENOSPC"
            # a comment
            sector = "5"
            when = "after"
            delay-ns = "5"

            [cut-power]
            event = "nbd.own"
            occurrence = "3"

            [set-state]
            event = "none"
            expect-fired = "on"
            """);
    assertThat(run("rules", "lint", file.toString())).isEqualTo(1);
    assertThat(out().lines())
        .containsExactly(
            file + ":3: QEMU refuses this: Parameter 'errno' expects a number",
            file + ":6: QEMU refuses this: Invalid parameter 'when'",
            file + ":7: QEMU refuses this: Invalid parameter 'delay-ns'",
            file + ":9: QEMU refuses this: There is no option group 'cut-power'",
            file + ":15: QEMU refuses this: Invalid parameter 'expect-fired'");
  }

  @Test
  void lintSaysThatQemuReadsNoJson() throws IOException {
    Path file =
        Files.writeString(temp.resolve("r.json"), "{\"drop-write\": {\"event\": \"none\"}}\n");
    assertThat(run("rules", "lint", file.toString())).isEqualTo(1);
    assertThat(out()).isEqualTo(file + ":1: QEMU refuses this: no group defined\n");
  }

  @Test
  void explainSaysWhatIsWrongOrWhatItDoes() throws IOException {
    Path file = Files.writeString(temp.resolve("r.conf"), "[drop-write]\nevent = \"none\"\n");
    assertThat(run("rules", "explain", file.toString())).isZero();
    assertThat(out()).contains("is acknowledged and never stored.");
    assertThat(run("rules", "explain", "--files", file.toString())).isZero();
    Path disks = Files.writeString(temp.resolve("d.conf"), "[stale-read]\nevent = \"none\"\n");
    assertThat(run("rules", "explain", "--files", disks.toString())).isEqualTo(1);
    assertThat(err()).contains(disks + ":1: [stale-read] is for disks only");
    assertThat(run("rules", "explain", temp.resolve("none").toString())).isEqualTo(1);
    assertThat(err()).contains("No such file or directory");
  }

  @Test
  void lintOfNoFileSaysSo() {
    assertThat(run("rules", "lint", temp.resolve("none").toString())).isEqualTo(1);
    assertThat(err())
        .isEqualTo(
            "faultdisk: cannot read " + temp.resolve("none") + ": No such file or directory\n");
  }

  @Test
  void aWrongOptionOfOurOwnCommandsExitsWithTwo() {
    assertThat(run("rules", "lint")).isEqualTo(2);
    assertThat(err()).contains("Missing required parameter: 'FILE'");
  }
}
