package io.faultdisk.cli.demo.guest;

import io.faultdisk.base.UsageException;
import io.faultdisk.cli.tool.Installed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a guest is made of.
 *
 * @param qemu the machine
 * @param busybox all its programs
 * @param kernel its kernel
 */
public record GuestParts(Path qemu, Path busybox, GuestKernel kernel) {

  /**
   * Finds them on this machine.
   *
   * @param kernelDirectory with {@code boot} and {@code lib/modules} of a kernel; empty looks at
   *     the system property {@value GuestKernel#DIRECTORY_PROPERTY}, the user's cache, and the
   *     machine's own
   * @throws UsageException naming all that is missing, with the packages that have it
   */
  public static GuestParts find(Optional<Path> kernelDirectory) throws UsageException {
    List<String> missing = new ArrayList<>();
    List<String> hints = new ArrayList<>();
    if (!System.getProperty("os.arch").equals("amd64")) {
      missing.add("a machine with an x86-64 processor");
    }
    Optional<Path> qemu = Installed.find("qemu-system-x86_64");
    if (qemu.isEmpty()) {
      missing.add("qemu-system-x86_64");
      hints.add("apt-get install --no-install-recommends qemu-system-x86");
    }
    List<Path> places = GuestKernel.places(kernelDirectory);
    try {
      Optional<Path> busybox = Installed.find("busybox");
      if (busybox.isEmpty() || !StaticProgram.is(busybox.get())) {
        missing.add("a busybox that is linked statically");
        hints.add("apt-get install busybox-static");
      }
      Optional<GuestKernel> kernel = GuestKernel.find(places);
      if (kernel.isEmpty()) {
        missing.add("a Linux kernel and its modules");
        hints.add(
            "Unpack Debian's package, 'apt-get download' the one that linux-image-cloud-amd64"
                + " depends on and 'dpkg -x' it, into "
                + places.get(0)
                + ".");
      }
      if (missing.isEmpty()) {
        return new GuestParts(qemu.orElseThrow(), busybox.orElseThrow(), kernel.orElseThrow());
      }
    } catch (IOException e) {
      throw new UsageException("Cannot look for a kernel and busybox: " + e);
    }
    throw new UsageException(
        "a guest needs " + String.join(", ", missing), hints.toArray(String[]::new));
  }
}
