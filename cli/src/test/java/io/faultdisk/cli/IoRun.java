package io.faultdisk.cli;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a call of {@code qemu-io} gave: ours, run inside this JVM, or the real one.
 *
 * <p>Both run an {@link IoCase} in a directory that holds exactly its files. Figures that depend on
 * the clock are masked and the directory's name is written {@code {dir}}, so that two runs can be
 * compared.
 *
 * @param exitCode what the shell would see; {@link #HUNG} if it had to be killed
 * @param files all files of the directory afterwards
 */
public record IoRun(String stdout, String stderr, int exitCode, Map<String, byte[]> files) {
  /** In place of an exit code: it did not end. */
  public static final int HUNG = -1;

  private static final long TIMEOUT_SECONDS = 60;

  private static final List<Path> INSTALL_PLACES =
      List.of(Path.of("/usr/bin/qemu-io"), Path.of("/usr/local/bin/qemu-io"));

  /** {@code 64 KiB, 1 ops; 00.00 sec (21.315 MiB/sec and 341.0335 ops/sec)}. */
  private static final Pattern TIMES = Pattern.compile("(, \\d+ ops; ).*/sec\\)");

  /** The line of {@code -C}: {@code 1024,1,0:00:00.00,11013713.364,10755.579}. */
  private static final Pattern PARSABLE =
      Pattern.compile(
          "^(\\d+,\\d+),\\d+:\\d\\d:\\d\\d\\.\\d\\d,[\\d.inf]+,[\\d.inf]+$", Pattern.MULTILINE);

  /** The real tool, if it is installed. */
  public static Optional<Path> realTool() {
    return INSTALL_PLACES.stream().filter(Files::isExecutable).findFirst();
  }

  /** The first line of the real tool's {@code --version}. */
  public static String version(Path tool) {
    try {
      Process process = new ProcessBuilder(tool.toString(), "--version").start();
      try (BufferedReader lines = process.inputReader()) {
        return String.valueOf(lines.readLine());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A made-up node name; QEMU makes up more of them than we do. */
  private static final Pattern NODE_NAMES = Pattern.compile("#block\\d+");

  /** Runs ours under the name {@code qemu-io}. */
  public static IoRun ours(IoCase io, Path dir) {
    return ours("qemu-io", io, dir);
  }

  /** Runs ours under a name: {@code qemu-io}, or {@code io} for {@code faultdisk io}. */
  public static IoRun ours(String command, IoCase io, Path dir) {
    prepare(io, dir);
    List<String> args = new ArrayList<>(List.of(command));
    args.addAll(arguments(io, dir));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Stdio stdio =
        new Stdio(
            new ByteArrayInputStream(io.stdin().getBytes(StandardCharsets.UTF_8)), out, err, false);
    int code = Main.run(args, stdio);
    return finished(out.toByteArray(), err.toByteArray(), code, dir);
  }

  /** Runs the real tool. */
  public static IoRun real(Path tool, IoCase io, Path dir) {
    prepare(io, dir);
    // Found on the PATH, so that the C library's messages begin with the bare name as well.
    List<String> command = new ArrayList<>(List.of(tool.getFileName().toString()));
    command.addAll(arguments(io, dir));
    try {
      Path parent = dir.toAbsolutePath().getParent();
      Path in = Files.writeString(Files.createTempFile(parent, "in", ""), io.stdin());
      Path out = Files.createTempFile(parent, "out", "");
      Path err = Files.createTempFile(parent, "err", "");
      Process process =
          new ProcessBuilder(command)
              .directory(dir.toFile())
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      int code = HUNG;
      if (process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        code = process.exitValue();
      } else {
        process.destroyForcibly().waitFor();
      }
      IoRun run = finished(Files.readAllBytes(out), Files.readAllBytes(err), code, dir);
      for (Path file : List.of(in, out, err)) {
        Files.delete(file);
      }
      return run;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> arguments(IoCase io, Path dir) {
    return io.args().stream().map(arg -> arg.replace(IoCase.DIR, dir.toString())).toList();
  }

  /** Makes the directory hold exactly the files of the case. */
  private static void prepare(IoCase io, Path dir) {
    try {
      Files.createDirectories(dir);
      try (Stream<Path> old = Files.list(dir)) {
        for (Path file : old.toList()) {
          Files.delete(file);
        }
      }
      for (Map.Entry<String, IoCase.Content> file : io.files().entrySet()) {
        Path path = dir.resolve(file.getKey());
        Files.writeString(path, file.getValue().text());
        if (file.getValue().size() > 0) {
          try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
            sparse.setLength(file.getValue().size());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static IoRun finished(byte[] out, byte[] err, int code, Path dir) {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> left = Files.list(dir)) {
      for (Path file : left.toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new IoRun(masked(out, dir), masked(err, dir), code, files);
  }

  private static String masked(byte[] bytes, Path dir) {
    String text = new String(bytes, StandardCharsets.UTF_8).replace(dir.toString(), IoCase.DIR);
    text = TIMES.matcher(text).replaceAll("$1T");
    text = NODE_NAMES.matcher(text).replaceAll("#blockN");
    return PARSABLE.matcher(text).replaceAll("$1,T");
  }

  /** Names of files that are not the same in the other run. */
  public List<String> filesThatDiffer(IoRun other) {
    List<String> names = new ArrayList<>();
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      if (!Arrays.equals(file.getValue(), other.files.get(file.getKey()))) {
        names.add(file.getKey());
      }
    }
    for (String name : other.files.keySet()) {
      if (!files.containsKey(name)) {
        names.add(name);
      }
    }
    return names;
  }
}
