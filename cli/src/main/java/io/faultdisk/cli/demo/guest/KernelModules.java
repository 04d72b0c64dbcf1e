package io.faultdisk.cli.demo.guest;

import io.faultdisk.base.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The modules of a kernel. Each says itself which others it needs, so no {@code modules.dep} has to
 * be there, which only an installed kernel has. For one thread.
 */
final class KernelModules {
  private static final String SUFFIX = ".ko";
  private static final String DEPENDS = "\0depends=";

  private final GuestKernel kernel;
  private final Map<String, Path> files = new HashMap<>();
  private final Set<String> builtIn = new HashSet<>();
  private boolean compressed;

  KernelModules(GuestKernel kernel) throws IOException {
    this.kernel = kernel;
    Path list = kernel.modules().resolve("modules.builtin");
    if (Files.exists(list)) {
      Files.readAllLines(list).forEach(line -> builtIn.add(name(Path.of(line))));
    }
    try (Stream<Path> all = Files.walk(kernel.modules())) {
      all.filter(Files::isRegularFile)
          .forEach(
              file -> {
                String fileName = file.getFileName().toString();
                if (fileName.endsWith(SUFFIX)) {
                  files.put(name(file), file);
                } else if (fileName.contains(SUFFIX + ".")) {
                  compressed = true;
                }
              });
    }
  }

  /** Files say {@code -} where the kernel says {@code _}. */
  private static String name(Path file) {
    return file.getFileName().toString().replaceFirst("\\.ko.*", "").replace('-', '_');
  }

  /** Whether there is such a module that is not part of the kernel itself. */
  boolean has(String module) {
    return files.containsKey(module);
  }

  /**
   * The files that have to be inserted for these modules to be there, in order.
   *
   * @throws UsageException if the kernel has no such module
   */
  List<Path> inOrder(List<String> modules) throws IOException, UsageException {
    Set<String> ordered = new LinkedHashSet<>();
    for (String module : modules) {
      add(module, ordered);
    }
    return ordered.stream().map(files::get).toList();
  }

  private void add(String module, Set<String> ordered) throws IOException, UsageException {
    if (builtIn.contains(module) || ordered.contains(module)) {
      return;
    }
    Path file = files.get(module);
    if (file == null) {
      throw new UsageException(
          "the modules of Linux " + kernel.release() + " have no " + module,
          compressed
              ? "They are compressed: unpack them, for example with unxz."
              : "Use another kernel, for example Debian's linux-image-cloud-amd64.");
    }
    for (String needed : needs(file)) {
      add(needed, ordered);
    }
    ordered.add(module);
  }

  /** What the section .modinfo says, which is text with a NUL after each item. */
  private static List<String> needs(Path file) throws IOException {
    String content = Files.readString(file, StandardCharsets.ISO_8859_1);
    int begin = content.indexOf(DEPENDS) + DEPENDS.length();
    String names = content.substring(begin, content.indexOf('\0', begin));
    return names.isEmpty() ? List.of() : List.of(names.split(",", -1));
  }
}
