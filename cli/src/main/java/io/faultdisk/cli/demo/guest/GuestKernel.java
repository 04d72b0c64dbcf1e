package io.faultdisk.cli.demo.guest;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A kernel for the guest, as Debian's packages unpack it.
 *
 * @param release as {@code uname -r} says it
 * @param image {@code boot/vmlinuz-RELEASE}
 * @param modules {@code lib/modules/RELEASE}
 */
public record GuestKernel(String release, Path image, Path modules) {
  /** A directory with a kernel to be preferred to all others. */
  public static final String DIRECTORY_PROPERTY = "faultdisk.guest.kernel";

  private static final String IMAGE_PREFIX = "vmlinuz-";

  /** Debian's smallest kernels: they boot fastest. */
  private static final Comparator<GuestKernel> BEST_LAST =
      Comparator.comparing((GuestKernel kernel) -> kernel.release.contains("cloud"))
          .thenComparing(GuestKernel::release);

  /** Where kernels are looked for, the best place first. */
  static List<Path> places(Optional<Path> given) {
    if (given.isPresent()) {
      return List.of(given.get());
    }
    List<Path> places = new ArrayList<>();
    String property = System.getProperty(DIRECTORY_PROPERTY, "");
    if (!property.isEmpty()) {
      places.add(Path.of(property));
    }
    places.add(cache());
    places.add(Path.of("/"));
    return places;
  }

  /** Where a package can be unpacked without being installed. */
  static Path cache() {
    String cache = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
    Path directory =
        cache.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
    return directory.resolve("faultdisk").resolve("guest-kernel");
  }

  /** The best kernel of the first place that has one. */
  static Optional<GuestKernel> find(List<Path> places) throws IOException {
    for (Path place : places) {
      Optional<GuestKernel> best = in(place).stream().max(BEST_LAST);
      if (best.isPresent()) {
        return best;
      }
    }
    return Optional.empty();
  }

  private static List<GuestKernel> in(Path directory) throws IOException {
    List<GuestKernel> kernels = new ArrayList<>();
    Path boot = directory.resolve("boot");
    if (!Files.isDirectory(boot)) {
      return kernels;
    }
    try (DirectoryStream<Path> images = Files.newDirectoryStream(boot, IMAGE_PREFIX + "*")) {
      for (Path image : images) {
        String release = image.getFileName().toString().substring(IMAGE_PREFIX.length());
        for (String parent : List.of("lib/modules", "usr/lib/modules")) {
          Path modules = directory.resolve(parent).resolve(release);
          if (Files.isReadable(image) && Files.isDirectory(modules)) {
            kernels.add(new GuestKernel(release, image, modules));
          }
        }
      }
    }
    return kernels;
  }
}
