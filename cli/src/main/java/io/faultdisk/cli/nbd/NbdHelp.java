package io.faultdisk.cli.nbd;

import io.faultdisk.cli.Console;
import io.faultdisk.cli.Program;
import io.faultdisk.cli.tool.ToolVersion;

/** What {@code --help} and {@code --version} print. */
final class NbdHelp {
  /** An option of ours. */
  private static final String LIMITS =
      """
            --limits NAME=VALUE,...
                                 how much clients may take: connections=NUM (1024; --shared
                                 is a bound, too), in-flight=NUM requests of each (256),
                                 memory=SIZE (256M), workers=NUM for slow requests (16),
                                 handshake=SECONDS (10), drain=SECONDS at the end (10)
      """;

  private NbdHelp() {}

  static void version(Program program, Console console) {
    ToolVersion.print(program, "qemu-nbd", console);
  }

  static String of(Program program) {
    return "Usage: "
        + program.name()
        + " [OPTIONS] FILE\n  or:  "
        + program.name()
        + " -L [OPTIONS]\n"
        + """
        Serves a disk image to NBD clients, until the last of them has left.

        Where to listen, and for whom:
          -p, --port=PORT          TCP port (10809)
          -b, --bind=ADDRESS       address or name to listen on (%s)
          -k, --socket=PATH        Unix socket instead; the path is absolute
          -e, --shared=NUM         clients at the same time (1); 0 is any number
          -t, --persistent         go on when the last client has left
          -x, --export-name=NAME   what clients ask for (the empty name)
          -D, --description=TEXT   a text for people
              --tls-creds=ID       encrypt, with the credentials of that --object
              --tls-authz=ID       whom to let in, by that --object
              --object DEF         an object, TYPE,id=ID,...
              LISTEN_FDS           with one socket from systemd, -p, -b and -k are not used

        What to show:
          -f, --format=FORMAT      driver of the image; without it the content decides
              --image-opts         FILE is a string of options, driver=...,file.filename=...
          -r, --read-only          refuse all changes
          -s, --snapshot           write to a temporary overlay that goes away at the end
          -l, --load-snapshot=S    show an internal snapshot, read-only: its id or name, or
                                   snapshot.id=ID,snapshot.name=NAME
          -o, --offset=BYTES       leave out what lies before
          -A, --allocation-depth   tell which image of the chain holds what
          -B, --bitmap=NAME        tell what is dirty in that bitmap; may be repeated

        How to open it:
          -n, --nocache            the same as --cache=none
              --cache=MODE         none, writeback (the default), writethrough, directsync
                                   or unsafe
              --aio=MODE           threads, native or io_uring; all work the same here
              --discard=MODE       ignore (the default) or unmap
              --detect-zeroes=MODE off (the default), on or unmap

        How to run:
              --fork               come back when the server takes clients; it goes on
                                   in the background
              --pid-file=PATH      write the server's process id there
          -v, --verbose            accepted; there is no more to say
          -T, --trace SPEC         accepted and not used
        %s
          -L, --list               show what a server (-p, -b, -k) has, instead
              --tls-hostname=NAME  the name that its certificate must have
          -c, --connect=DEV, -d, --disconnect
                                   the kernel's client: see nbd-client
          -h, --help               print this and exit
          -V, --version            print the version and exit

        SIGTERM and SIGINT end it in order: requests are answered, the image is flushed.
        """
            .formatted(NbdArguments.defaultHost(program), program.isStandIn() ? "" : LIMITS);
  }
}
