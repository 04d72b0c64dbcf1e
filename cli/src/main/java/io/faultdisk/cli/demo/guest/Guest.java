package io.faultdisk.cli.demo.guest;

import io.faultdisk.base.Clock;
import io.faultdisk.base.UsageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A running guest with a disk, {@code /dev/vda}. We talk to it over its serial line, where it runs
 * one command after another; its kernel is silent there, so that no line of its log falls into one
 * of ours, and says all to {@code dmesg}.
 *
 * <p>The processor is emulated. KVM would be faster, but where it is nested a guest may hang at its
 * first instruction, and with us it boots in seconds anyway.
 *
 * <p>For one thread. {@link #close} kills it.
 */
public final class Guest implements AutoCloseable {
  private static final String READY = "@ready";

  /** Ends the lines of a process that has ended; no line is this string. */
  private static final String END = "\0";

  private final Process process;

  /** Whatever ends this process ends the guest. */
  private final Thread lastResort;

  private final Writer input;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Duration patience;
  private int commands;

  /**
   * How a command has ended.
   *
   * @param status its exit status
   * @param output its lines, those on standard error among them
   */
  public record Ended(int status, List<String> output) {
    /** The output as one text. */
    public String text() {
      return String.join("\n", output);
    }
  }

  /** A program in the guest that runs in the background. */
  public record Job(int pid) {}

  private Guest(Process process, Duration patience) {
    this.process = process;
    this.lastResort = new Thread(process::destroyForcibly, "guest-end");
    Runtime.getRuntime().addShutdownHook(lastResort);
    this.patience = patience;
    this.input = process.outputWriter(StandardCharsets.US_ASCII);
    Thread reader = new Thread(this::read, "guest");
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Boots a guest; returns when it takes commands.
   *
   * @param directory for a file that must be there as long as the guest
   * @param patience how long to wait for it to boot, and later for a command to end
   */
  public static Guest boot(GuestParts parts, GuestDisk disk, Path directory, Duration patience)
      throws UsageException, GuestFailure, InterruptedException {
    Path initramfs = directory.resolve("initramfs");
    Guest guest;
    try {
      Initramfs.write(parts, initramfs);
      guest = new Guest(start(parts, initramfs, disk.uri()), patience);
    } catch (IOException e) {
      throw new UsageException("Cannot start a guest: " + e.getMessage());
    }
    boolean done = false;
    try {
      guest.await(READY);
      done = true;
      return guest;
    } finally {
      if (!done) {
        guest.close();
      }
    }
  }

  private static Process start(GuestParts parts, Path initramfs, String disk) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(parts.qemu().toString());
    command.addAll(List.of("-accel", "tcg", "-m", "256M", "-nodefaults", "-display", "none"));
    command.addAll(List.of("-no-reboot", "-serial", "stdio"));
    command.addAll(List.of("-kernel", parts.kernel().image().toString()));
    command.addAll(List.of("-initrd", initramfs.toString()));
    command.addAll(List.of("-append", "console=ttyS0 panic=-1 loglevel=1"));
    // A guest that gets no answer to ENOSPC but is stopped would wait for ever.
    String drive = "format=raw,if=virtio,rerror=report,werror=report,file=";
    command.addAll(List.of("-drive", drive + disk.replace(",", ",,")));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private void read() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        lines.add(line.replace("\r", ""));
      }
    } catch (IOException e) {
      // It was killed.
    }
    lines.add(END);
  }

  /** Its process. */
  public ProcessHandle process() {
    return process.toHandle();
  }

  /**
   * Runs a command to its end, on one line, as {@code sh} understands it.
   *
   * @throws GuestFailure if it does not end in time
   */
  public Ended run(String command) throws GuestFailure, InterruptedException {
    String number = "" + ++commands;
    try {
      input.write(number + " " + command + "\n");
      input.flush();
    } catch (IOException e) {
      throw new GuestFailure("The guest has ended", drain());
    }
    String mark = "@" + number + " ";
    List<String> output = await(mark);
    String last = output.removeLast();
    int at = last.indexOf(mark);
    if (at > 0) { // a last line without end
      output.add(last.substring(0, at));
    }
    return new Ended(Integer.parseInt(last.substring(at + mark.length())), List.copyOf(output));
  }

  /** Starts a program in the background: its name and words, without redirection. */
  public Job start(String program) throws GuestFailure, InterruptedException {
    // The shell must not be what is waited for: it is the program whose state counts.
    Ended started = run("(exec " + program + ") >/tmp/job 2>&1 & echo $!");
    return new Job(Integer.parseInt(started.text()));
  }

  /** A job's state as the kernel has it: R runs, S sleeps, D waits for a disk, Z has ended. */
  public String state(Job job) throws GuestFailure, InterruptedException {
    return run("sed -n 's/^State:[^A-Z]*\\(.\\).*/\\1/p' /proc/" + job.pid() + "/status").text();
  }

  /** Waits until the last job that was started has ended. */
  public Ended finish(Job job) throws GuestFailure, InterruptedException {
    int status = run("wait " + job.pid()).status();
    return new Ended(status, run("cat /tmp/job").output());
  }

  /** Tells it to end, and waits until it has. */
  public void powerOff() throws GuestFailure, InterruptedException {
    try {
      input.write("0 poweroff -f\n");
      input.flush();
    } catch (UncheckedIOException | IOException e) {
      throw new GuestFailure("The guest has ended", drain());
    }
    if (!process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new GuestFailure("The guest does not end", drain());
    }
  }

  private List<String> drain() {
    List<String> rest = new ArrayList<>();
    lines.drainTo(rest);
    rest.remove(END);
    return rest;
  }

  /** All lines up to the one with this mark. */
  private List<String> await(String mark) throws GuestFailure, InterruptedException {
    List<String> said = new ArrayList<>();
    long begin = Clock.system().nanoTime();
    while (true) {
      long left = patience.toNanos() - (Clock.system().nanoTime() - begin);
      String line = lines.poll(Math.max(0, left), TimeUnit.NANOSECONDS);
      if (line == null) {
        throw new GuestFailure(
            "The guest does not answer for " + patience.toSeconds() + " s", said);
      }
      if (line.equals(END)) {
        throw new GuestFailure("The guest has ended", said);
      }
      said.add(line);
      if (line.contains(mark)) {
        return said;
      }
    }
  }

  /** Kills it, if it has not ended by itself. Idempotent. */
  @Override
  public void close() {
    process.destroyForcibly();
    // It dies at once, unless the kernel holds it: then nobody can do more.
    try {
      process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(lastResort);
    } catch (IllegalStateException ending) {
      // It does no harm any more.
    }
  }
}
