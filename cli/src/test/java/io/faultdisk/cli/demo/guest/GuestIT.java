package io.faultdisk.cli.demo.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Main;
import io.faultdisk.cli.Stdio;
import io.faultdisk.cli.tool.ConsoleMessages;
import io.faultdisk.cli.tool.Installed;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleBuilder;
import io.faultdisk.rules.Survivors;
import io.faultdisk.rules.SuspendedRequest;
import io.faultdisk.testkit.RandomCases;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Linux kernel in QEMU meets our faults: its disk is an export of this process, and what it says
 * about its disk is compared with what the rules say.
 */
@Timeout(300)
class GuestIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final long BYTES = 16L << 20;
  private static final int SECTOR = 512;
  private static final long BAD_SECTOR = 2051;
  private static final long HELD_OFFSET = 1 << 20;

  @TempDir Path directory;

  private Path image;
  private Path rules;
  private GuestParts parts;
  private final List<ProcessHandle> machines = new ArrayList<>();

  @BeforeEach
  void findParts() throws IOException {
    try {
      parts = GuestParts.find(Optional.empty());
    } catch (UsageException missing) {
      skip(missing.getMessage());
    }
    image = directory.resolve("disk.img");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(BYTES);
    }
    rules = Files.writeString(directory.resolve("rules.conf"), "");
  }

  @AfterEach
  void noMachineStaysBehind() {
    assertThat(machines).noneMatch(ProcessHandle::isAlive);
  }

  private static void skip(String reason) {
    System.err.println("skipped: " + reason);
    Assumptions.abort(reason);
  }

  private GuestDisk serve() throws UsageException {
    String options =
        "driver=raw,file.driver=blkdebug,file.config=%s,file.image.driver=file,file.image.filename=%s";
    return serve(options.formatted(rules, image));
  }

  private GuestDisk serve(String options) throws UsageException {
    OutputStream nowhere = OutputStream.nullOutputStream();
    Stdio stdio = new Stdio(InputStream.nullInputStream(), nowhere, nowhere, false);
    return GuestDisk.serve(
        options, directory.resolve("s"), new ConsoleMessages(new Console("guest", stdio, false)));
  }

  private Guest boot(GuestDisk disk) throws Exception {
    Guest guest = Guest.boot(parts, disk, directory, PATIENCE);
    machines.add(guest.process());
    return guest;
  }

  private static String succeed(Guest guest, String command) throws Exception {
    Guest.Ended ended = guest.run(command);
    assertThat(ended.status()).as("%s: %s", command, ended.text()).isZero();
    return ended.text();
  }

  private static String fail(Guest guest, String command) throws Exception {
    Guest.Ended ended = guest.run(command);
    assertThat(ended.status()).as("%s: %s", command, ended.text()).isNotZero();
    return ended.text();
  }

  private static String kernelLog(Guest guest, String pattern) throws Exception {
    return guest.run("dmesg | grep -E '" + pattern + "'").text();
  }

  @Test
  void theKernelReportsTheErrorOfExactlyTheSectorThatTheRuleNames() throws Exception {
    Files.writeString(
        rules,
        """
        [inject-error]
        event = "none"
        iotype = "read"
        sector = "%d"
        """
            .formatted(BAD_SECTOR));
    oneSectorEach(BAD_SECTOR - 1, BAD_SECTOR, BAD_SECTOR + 1);
    try (GuestDisk disk = serve();
        Guest guest = boot(disk)) {
      assertThat(succeed(guest, "cat /dev/vda1")).isEqualTo("1".repeat(SECTOR));
      assertThat(succeed(guest, "cat /dev/vda3")).isEqualTo("3".repeat(SECTOR));
      assertThat(kernelLog(guest, "rror.*vda")).isEmpty();

      assertThat(fail(guest, "dd if=/dev/vda2 of=/dev/null"))
          .isEqualTo("dd: /dev/vda2: Input/output error");
      assertThat(kernelLog(guest, "I/O error, dev vda").lines())
          .isNotEmpty()
          .allMatch(line -> line.contains(" sector " + BAD_SECTOR + " op 0x0:(READ)"));
      guest.powerOff();
    }
  }

  /**
   * A partition for each of these sectors, filled with its number: the guest's kernel then reads
   * that sector and no other.
   */
  private void oneSectorEach(long... sectors) throws IOException {
    ByteBuffer table = ByteBuffer.allocate(SECTOR).order(ByteOrder.LITTLE_ENDIAN);
    table.putShort(510, (short) 0xaa55);
    try (FileChannel disk = FileChannel.open(image, StandardOpenOption.WRITE)) {
      for (int index = 0; index < sectors.length; index++) {
        int entry = 446 + 16 * index;
        table.put(entry + 4, (byte) 0x83);
        table.putInt(entry + 8, (int) sectors[index]);
        table.putInt(entry + 12, 1);
        byte[] content =
            String.valueOf(index + 1).repeat(SECTOR).getBytes(StandardCharsets.US_ASCII);
        disk.write(ByteBuffer.wrap(content), sectors[index] * SECTOR);
      }
      disk.write(table, 0);
    }
  }

  @Test
  void aFlushThatFailsStopsTheFileSystemAndWhatWasSyncedBeforeIsThere() throws Exception {
    run(tool("mkfs.ext4").toString(), "-q", "-b", "4096", image.toString());
    Rule failingFlush = RuleBuilder.on(QemuEvents.FLUSH_TO_DISK).failFlush(FailFlush.Mode.KEEP);
    try (GuestDisk disk = serve();
        Guest guest = boot(disk)) {
      String write = "dd if=/bin/busybox bs=4k count=64 conv=fsync of=/mnt/";
      succeed(guest, "mount -t ext4 /dev/vda /mnt");
      succeed(guest, write + "good");

      disk.engine().add(List.of(failingFlush));
      assertThat(fail(guest, write + "bad")).contains("Input/output error");
      assertThat(disk.engine().snapshot().rules().getFirst().injected()).isPositive();
      assertThat(kernelLog(guest, "vda"))
          .contains("I/O error, dev vda, sector ")
          .contains("Aborting journal on device vda");

      disk.engine().remove(List.of(failingFlush));
      assertThat(fail(guest, "echo new >/mnt/new")).contains("Read-only file system");
      succeed(guest, "umount /mnt");
      succeed(guest, "mount -t ext4 /dev/vda /mnt");
      succeed(guest, "dd if=/bin/busybox bs=4k count=64 | cmp - /mnt/good");
      succeed(guest, write + "bad");
      succeed(guest, "umount /mnt");
      guest.powerOff();
    }
  }

  private void run(String... command) throws Exception {
    Path output = directory.resolve("tool.out");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
  }

  @Test
  void aWriteThatIsHeldKeepsTheGuestsProgramWaitingUntilItIsResumed() throws Exception {
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    try (GuestDisk disk = serve()) {
      FaultEngine engine = disk.engine();
      var unused = engine.observe(observation -> note(observation, order));
      engine.add(
          List.of(
              RuleBuilder.on(QemuEvents.WRITE_AIO)
                  .type(RequestType.WRITE)
                  .range(HELD_OFFSET, 4096)
                  .once()
                  .suspend("held")));
      try (Guest guest = boot(disk)) {
        Guest.Job write =
            guest.start("dd if=/bin/busybox of=/dev/vda bs=4k count=1 seek=256 conv=fsync");
        assertThat(engine.awaitSuspended("held", PATIENCE.toNanos())).isTrue();
        SuspendedRequest held = engine.snapshot().suspended().getFirst();
        assertThat(held.request().orElseThrow().offset()).isEqualTo(HELD_OFFSET);

        // The guest lives, other requests pass, and the program waits for its disk.
        succeed(guest, "dd if=/dev/vda of=/dev/null bs=4k count=1 skip=2000");
        order.add("guest: " + guest.state(write));

        assertThat(engine.resume("held")).isTrue();
        Guest.Ended ended = guest.finish(write);
        order.add("guest: done " + ended.status());
        assertThat(ended.text()).contains("1+0 records out");
        assertThat(order)
            .containsExactly("host: suspended", "guest: D", "host: resumed", "guest: done 0");
        guest.powerOff();
      }
    }
    byte[] busybox = Files.readAllBytes(parts.busybox());
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "r")) {
      byte[] written = new byte[4096];
      file.seek(HELD_OFFSET);
      file.readFully(written);
      assertThat(written).isEqualTo(Arrays.copyOf(busybox, written.length));
    }
  }

  /** On a qcow2 image, on a disk with a cache of which a power cut leaves any part. */
  @Test
  void afterAPowerCutAllThatTheGuestHadSyncedIsThere() throws Exception {
    Path fsck = tool("fsck.ext4");
    run(tool("mkfs.ext4").toString(), "-q", "-b", "4096", image.toString());
    RandomCases.run("power cuts", 1, random -> cutPower(random, fsck));
  }

  private void cutPower(RandomGenerator random, Path fsck) throws Exception {
    Path qcow2 = directory.resolve("disk.qcow2");
    img("convert", "-f", "raw", "-O", "qcow2", image.toString(), qcow2.toString());
    Rule cut =
        RuleBuilder.on(QemuEvents.FLUSH_TO_DISK)
            .type(RequestType.FLUSH)
            .occurrence(random.nextInt(15, 45))
            .seed(new Seed(random.nextLong()))
            .cutPower(Survivors.random());
    List<String> synced;
    try (GuestDisk disk =
            serve(
                "driver=qcow2,file.driver=blkdebug,file.image.driver=write-cache,"
                    + "file.image.file.driver=file,file.image.file.filename="
                    + qcow2);
        Guest guest = boot(disk)) {
      succeed(guest, "mount -t ext4 /dev/vda /mnt");
      disk.engine().add(List.of(cut));
      String write = "dd if=/bin/busybox of=/mnt/$i bs=4k count=5 skip=$i conv=fsync 2>/dev/null";
      synced = guest.run("i=0; while " + write + "; do echo $i; i=$((i+1)); done").output();
      assertThat(synced).isNotEmpty();
      assertThat(kernelLog(guest, "I/O error, dev vda")).isNotEmpty();
    }
    img("check", "-r", "leaks", qcow2.toString());
    try (GuestDisk disk =
            serve(
                "driver=qcow2,file.driver=blkdebug,file.image.driver=file,file.image.filename="
                    + qcow2);
        Guest guest = boot(disk)) {
      succeed(guest, "mount -t ext4 /dev/vda /mnt");
      for (String each : synced) {
        succeed(
            guest,
            "dd if=/bin/busybox bs=4k count=5 skip=%1$s 2>/dev/null | cmp - /mnt/%1$s"
                .formatted(each));
      }
      succeed(guest, "umount /mnt");
      guest.powerOff();
    }
    Path raw = directory.resolve("after.img");
    img("convert", "-O", "raw", qcow2.toString(), raw.toString());
    run(fsck.toString(), "-f", "-n", raw.toString());
  }

  private static void img(String... words) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    List<String> all = new ArrayList<>(List.of("img"));
    all.addAll(List.of(words));
    Stdio stdio = new Stdio(new ByteArrayInputStream(new byte[0]), said, said, false);
    assertThat(Main.run(all, stdio)).as("%s: %s", all, said.toString(UTF_8)).isZero();
  }

  private static Path tool(String program) {
    Optional<Path> found = Installed.find(program);
    if (found.isEmpty()) {
      skip("no " + program);
    }
    return found.orElseThrow();
  }

  @Test
  void theDemoHoldsAWriteAndLetsItGo() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Stdio stdio = new Stdio(new ByteArrayInputStream("\n".getBytes(UTF_8)), out, err, true);
    assertThat(Main.run(List.of("demo", "guest"), stdio)).isZero();
    assertThat(err.toString(UTF_8)).isEmpty();
    assertThat(out.toString(UTF_8))
        .containsSubsequence(
            "Linux ",
            "held since ",
            "write of 4096 bytes at 1048576 (sector 2048)\n",
            "state D",
            "Press Enter to let it go.\n",
            "host:  let go after ",
            "guest: 1+0 records out\n",
            "guest: exit status 0\n");
  }

  @Test
  void theConsoleLetsItGo() throws Exception {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try (PipedInputStream said = new PipedInputStream();
        BufferedReader lines = new BufferedReader(new InputStreamReader(said, UTF_8));
        OutputStream out = new PipedOutputStream(said)) {
      Stdio stdio = new Stdio(InputStream.nullInputStream(), out, System.err, false);
      Future<Integer> exit =
          threads.submit(() -> Main.run(List.of("demo", "guest", "--http", "0"), stdio));
      URI page = URI.create(lineWith(lines, "console: ").substring("console: ".length()));
      lineWith(lines, "Resume in the console lets it go.");

      assertThat(call(page, "GET", "/disks/vda/suspended"))
          .contains("\"tag\":\"held\"", "\"offset\":1048576");
      assertThat(call(page, "POST", "/disks/vda/resume")).isEqualTo("[]");
      assertThat(lineWith(lines, "exit status")).isEqualTo("guest: exit status 0");
      assertThat(exit.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isZero();
    } finally {
      threads.shutdownNow();
    }
  }

  private static String lineWith(BufferedReader lines, String text) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.contains(text)) {
        return line;
      }
    }
    throw new AssertionError("no line with " + text);
  }

  private static String call(URI page, String method, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(page.resolve(path))
            .header("Authorization", "Bearer " + page.getQuery().substring("token=".length()))
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(method.equals("GET") ? "" : "{}"))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return answer.body();
    }
  }

  private static void note(Observation observation, List<String> order) {
    switch (observation) {
      case Observation.RequestSuspended _ -> order.add("host: suspended");
      case Observation.RequestResumed _ -> order.add("host: resumed");
      default -> {}
    }
  }
}
