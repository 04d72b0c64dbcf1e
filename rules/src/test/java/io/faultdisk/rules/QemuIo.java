package io.faultdisk.rules;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The installed qemu-io, asked what it says to rules. */
final class QemuIo {
  private static final String IMAGE = "image.raw";
  private static final String CONF = "rules.conf";

  private final Path directory;

  private QemuIo(Path directory) {
    this.directory = directory;
  }

  /** Empty if there is none of release 7.2; then say so and skip. */
  static Optional<QemuIo> find(Path directory) throws IOException, InterruptedException {
    try {
      QemuIo qemuIo = new QemuIo(directory);
      if (!qemuIo.version().startsWith("qemu-io version 7.2")) {
        return Optional.empty();
      }
      Files.write(directory.resolve(IMAGE), new byte[(int) RawDisk.BYTES]);
      return Optional.of(qemuIo);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  String version() throws IOException, InterruptedException {
    return run(List.of("qemu-io", "-V")).text().lines().findFirst().orElse("");
  }

  /** The command for an input, with the input's file in rules.conf. */
  static List<String> command(RuleText text) {
    List<String> command = new ArrayList<>(List.of("qemu-io"));
    if (text.options().isEmpty()) {
      command.addAll(List.of("-f", "raw", "-c", "quit", "blkdebug:" + CONF + ":" + IMAGE));
    } else {
      StringBuilder options =
          new StringBuilder("driver=raw,file.driver=blkdebug,file.image.driver=file,")
              .append("file.image.filename=" + IMAGE);
      if (text.file().isPresent()) {
        options.append(",file.config=" + CONF);
      }
      for (Map.Entry<String, String> option : text.optionMap().entrySet()) {
        options.append(",file.").append(option.getKey()).append('=').append(option.getValue());
      }
      command.addAll(List.of("--image-opts", "-c", "quit", options.toString()));
    }
    return command;
  }

  /** What it says, without its name and without what it could not open; "ok" if it could. */
  String verdict(RuleText text) throws IOException, InterruptedException {
    Files.write(directory.resolve(CONF), text.fileBytes());
    List<String> command = command(text);
    Result result = run(command);
    String said = result.text();
    if (result.exitCode() == 0) {
      return said.isEmpty() ? "ok" : said;
    }
    String opened =
        text.options().isEmpty()
            ? "qemu-io: can't open device " + command.get(command.size() - 1) + ": "
            : "qemu-io: can't open: ";
    if (!said.startsWith(opened)) {
      return "exit " + result.exitCode() + ": " + said;
    }
    String message = said.substring(opened.length());
    return message.endsWith("\n") ? message.substring(0, message.length() - 1) : message;
  }

  /**
   * What commands come to on an image of {@link RawDisk#BYTES}: a line per read, write and discard
   * ({@code ok} or the error's text), a line per failed map, and at last the exit code; flush says
   * nothing.
   */
  List<String> outcomes(String rules, List<String> commands)
      throws IOException, InterruptedException {
    Files.writeString(directory.resolve(CONF), rules);
    List<String> command = new ArrayList<>(List.of("qemu-io", "-f", "raw"));
    for (String each : commands) {
      command.addAll(List.of("-c", each));
    }
    command.add("blkdebug:" + CONF + ":" + IMAGE);
    Result result = run(command);
    List<String> requests = new ArrayList<>();
    List<String> maps = new ArrayList<>();
    for (String line : result.text().split("\n")) {
      int failed = line.indexOf(" failed: ");
      if (line.startsWith("qemu-io: Failed to get allocation status: ")) {
        maps.add("map " + line.substring(line.lastIndexOf(": ") + 2));
      } else if (failed > 0) {
        requests.add(line.substring(failed + 9));
      } else if (line.contains(" bytes at offset ") && !line.contains("allocated")) {
        requests.add("ok");
      }
    }
    requests.addAll(maps);
    requests.add("exit " + result.exitCode());
    return requests;
  }

  private record Result(int exitCode, String text) {}

  private Result run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    byte[] output = process.getInputStream().readAllBytes();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("no end: " + command);
    }
    return new Result(process.exitValue(), decode(output));
  }

  private static String decode(byte[] output) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(java.nio.ByteBuffer.wrap(output))
          .toString();
    } catch (CharacterCodingException e) {
      return new String(output, StandardCharsets.ISO_8859_1);
    }
  }
}
