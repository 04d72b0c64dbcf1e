package io.faultdisk.cli.io;

import io.faultdisk.base.ShellWord;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Loop;
import io.faultdisk.cli.Program;
import io.faultdisk.cli.Signals;
import io.faultdisk.cli.Stdio;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.cli.tool.Refusal;
import io.faultdisk.explore.disk.DiskUnderTest;
import io.faultdisk.explore.disk.DiskWorkload;
import io.faultdisk.rules.Dialect;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Commands of {@code io} as a workload to explore: each run opens the disk, runs them in this
 * process and closes the disk. A run ends well if every command did.
 *
 * @param name what reports call it
 * @param commands one line each
 * @param writeThrough whether every write is made durable at once, as {@code -t writethrough} does
 */
public record IoWorkload(String name, List<String> commands, boolean writeThrough)
    implements DiskWorkload {
  /** More of what a run says is not kept. */
  private static final int OUTPUT_KEPT = 4096;

  /** Copies the list. */
  public IoWorkload {
    commands = List.copyOf(commands);
  }

  @Override
  public String description() {
    return name;
  }

  @Override
  public boolean isRepeatable() {
    return true;
  }

  @Override
  public Ending run(DiskUnderTest disk) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    Stdio stdio =
        new Stdio(InputStream.nullInputStream(), OutputStream.nullOutputStream(), said, false);
    Program program = new Program("io", Dialect.FAULTDISK);
    Console console = new Console(program.name(), stdio, false);
    boolean good = true;
    try (Session session =
        new Session(
            program,
            console,
            Signals.simulated(),
            false,
            new Buffers(false),
            disk.drivers(Drivers.all(program.dialect())))) {
      disk.watch(session.graph());
      OpenFlags flags = OpenFlags.TOOL;
      session.open(Optional.empty(), flags, disk.options(), false);
      session.image().writeThrough(writeThrough);
      CommandRunner runner = new CommandRunner(session);
      for (String command : commands) {
        if (session.quitting()) {
          break;
        }
        if (opensAnother(command, program.dialect())) {
          console.report("'" + command + "': a workload cannot open another disk than its own");
          good = false;
          break;
        }
        int before = said.size();
        if (!runner.run(command)) {
          if (said.size() == before) { // it said so on standard output, which nobody reads
            console.report("'" + command + "' fails");
          }
          good = false;
        }
      }
      session.loop().drain();
    } catch (Refusal refused) {
      good = false;
    } catch (Loop.Stuck stuck) {
      console.report(stuck.what());
      good = false;
    } catch (Signals.Killed killed) {
      return new Ending(killed.exitCode(), true, text(said) + killed.getMessage());
    }
    return new Ending(good ? 0 : 1, false, text(said));
  }

  /** Whether a command opens what is not explored: that would be changed, and not be checked. */
  private static boolean opensAnother(String line, Dialect dialect) {
    List<String> words = Words.cut(line);
    return !words.isEmpty()
        && Commands.find(words.get(0), dialect).orElse(null) instanceof FileCommands.Open;
  }

  private static String text(ByteArrayOutputStream said) {
    String text = said.toString(StandardCharsets.UTF_8);
    return text.length() <= OUTPUT_KEPT ? text : text.substring(text.length() - OUTPUT_KEPT);
  }

  @Override
  public Optional<String> commandLine(Tool tool, String image) {
    StringBuilder line = new StringBuilder(tool.io());
    line.append(writeThrough ? " -t writethrough" : " -t writeback");
    for (String command : commands) {
      line.append(" -c ").append(ShellWord.quoted(command));
    }
    return Optional.of(line.append(' ').append(image).toString());
  }
}
