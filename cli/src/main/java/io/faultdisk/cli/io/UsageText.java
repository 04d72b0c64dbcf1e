package io.faultdisk.cli.io;

import io.faultdisk.cli.Program;

/** What {@code --help} prints, and any mistake in the command line. */
final class UsageText {
  private UsageText() {}

  static String of(Program program) {
    return "Usage: "
        + program.name()
        + " [OPTIONS]... [-c STRING]... [file]\n"
        + """
        Sends requests to a disk image and shows what comes back.

          -c, --cmd STRING     run this command; may be repeated. Without it, commands
                               are read from standard input
          -f, --format FMT     driver of the image; without it the content decides
              --image-opts     FILE is a string of options, driver=...,file.filename=...
          -r, --read-only      open the image read-only
          -s, --snapshot       write to a temporary overlay; not supported yet
          -U, --force-share    open the image even if another program writes to it

          -t, --cache=MODE     none, writeback, writethrough (the default), directsync
                               or unsafe
          -n, --nocache        the same as -t none
          -d, --discard=MODE   ignore or unmap (the default)
          -C, --copy-on-read   keep what is read from a backing file
          -m, --misalign       use buffers at addresses that O_DIRECT does not take
          -i, --aio=MODE       threads, native or io_uring; all work the same here
          -k, --native-aio     the same as -i native
              --object DEF     an object such as a secret; accepted and not used
          -T, --trace SPEC     accepted and not used

          -h, --help           print this and exit
          -V, --version        print the version and exit

        """
        + "'"
        + program.name()
        + " -c help' lists the commands.\n";
  }
}
