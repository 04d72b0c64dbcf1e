package io.faultdisk.cli.demo.h2;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.faultdisk.nio.explore.FileSubject;
import io.faultdisk.nio.explore.Promises;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@link SmallStore}, to be explored. */
final class SmallStoreSubject {
  private SmallStoreSubject() {}

  static FileSubject of(Optional<String> only) {
    return FileSubject.of(
            "a store of twenty lines", SmallStoreSubject::fill, SmallStoreSubject::look)
        .command(flags -> H2Demo.commandLine(H2Demo.Part.STORE, flags))
        .only(only);
  }

  private static void fill(Path directory, Promises promises) throws IOException {
    try (SmallStore store = new SmallStore(directory)) {
      store.put("one");
      promises.made("one");
    }
  }

  private static void look(Path directory, List<String> promised) throws IOException {
    Path store = directory.resolve("store");
    List<String> found =
        Files.exists(store)
            ? List.of(new String(Files.readAllBytes(store), UTF_8).split("\n", -1))
            : List.of();
    for (String line : promised) {
      if (!found.contains(line)) {
        throw new AssertionError("'" + line + "' was promised, and is gone");
      }
    }
  }
}
