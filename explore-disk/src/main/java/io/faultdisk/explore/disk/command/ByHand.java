package io.faultdisk.explore.disk.command;

import io.faultdisk.base.ShellWord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Shell commands that do what an exploration does, in the directory of a reproducer. */
final class ByHand {
  /** Names in commands are those of where the exploration was started. */
  private static final String HERE = "cd " + quoted(Path.of("").toAbsolutePath().toString());

  private ByHand() {}

  /** Runs a program on a served disk, mounted or not. */
  static String workload(
      List<String> command, Optional<KernelFileSystem> fileSystem, String image) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "faultdisk nbd --fork --persistent --pid-file=\"$PWD/nbd.pid\" --socket=\"$PWD/disk.sock\" "
            + image);
    lines.add("FAULTDISK_URI=\"nbd+unix:///?socket=$PWD/disk.sock\"");
    lines.add("FAULTDISK_ACKS=$PWD/acknowledged FAULTDISK_ACK=$PWD/ack FAULTDISK_RUN=$PWD");
    lines.add("printf '#!/bin/sh\\necho \"$*\" >>\"$FAULTDISK_ACKS\"\\n' >ack && chmod +x ack");
    lines.add("export FAULTDISK_URI FAULTDISK_SOCKET=\"$PWD/disk.sock\"");
    lines.add("export FAULTDISK_ACKS FAULTDISK_ACK FAULTDISK_RUN FAULTDISK_DIR=\"$PWD/mnt\"");
    fileSystem.ifPresent(
        each -> {
          lines.add("mkdir -p mnt fuse");
          lines.add("nbdfuse fuse/disk \"$FAULTDISK_URI\" &");
          lines.add("until [ -e fuse/disk ]; do sleep 0.1; done");
          lines.add("loop=$(losetup --find --show --direct-io=on fuse/disk)");
          lines.add(
              "mount -t " + each.type() + " -o " + each.mountOptions() + " \"$loop\" mnt || true");
        });
    StringBuilder words = new StringBuilder();
    for (String word : command) {
      words.append(' ').append(quoted(word));
    }
    lines.add("(" + HERE + " &&" + words + ") || echo \"exit status $?\"");
    if (fileSystem.isPresent()) {
      lines.add("umount mnt || true");
      lines.add("losetup --detach \"$loop\" && umount fuse");
    }
    lines.add("kill \"$(cat nbd.pid)\" && while [ -e disk.sock ]; do sleep 0.1; done");
    return String.join("\n", lines);
  }

  /** Checks {@code disk.img}. */
  static String check(List<String> commands, boolean fsck, Optional<KernelFileSystem> fileSystem) {
    List<String> lines = new ArrayList<>();
    lines.add("export FAULTDISK_ACKED=\"$PWD/acknowledged\" FAULTDISK_FILE=\"$PWD/disk.img\"");
    lines.add(": >>acknowledged");
    fileSystem.ifPresent(
        each -> {
          lines.add("mkdir -p mnt && export FAULTDISK_DIR=\"$PWD/mnt\"");
          lines.add(
              "mount -t "
                  + each.type()
                  + " -o loop,"
                  + each.mountOptions()
                  + " disk.img mnt && trap 'umount mnt' EXIT");
        });
    for (String command : commands) {
      lines.add("(" + HERE + " && sh -c " + quoted(command) + ") || bad=$?");
    }
    if (fileSystem.isPresent()) {
      lines.add("umount mnt; trap - EXIT");
      if (fsck) {
        lines.add(String.join(" ", fileSystem.get().check()) + " disk.img || bad=$?");
      }
    }
    lines.add("exit \"${bad:-0}\"");
    return String.join("\n", lines);
  }

  private static String quoted(String word) {
    return ShellWord.of(word)
        .replace("{uri}", "'\"$FAULTDISK_URI\"'")
        .replace("{dir}", "'\"$FAULTDISK_DIR\"'");
  }
}
