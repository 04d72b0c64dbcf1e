package io.faultdisk.cli.daemon;

import io.faultdisk.cli.Program;

/** What {@code --help} prints. */
final class DaemonHelp {
  private static final String OURS =
      """
      In one word, and watched live:
        --disk [NAME=]IMAGE[,format=FORMAT][,rules=FILE][,read-only=on]
                             open an image under a node whose rules can be changed live, and
                             serve it: on 127.0.0.1, port 10809, without --nbd-server before it
        --http [HOST:]PORT[,token=TOKEN][,allow-host=NAME][,tls-creds=ID]
                             serve the console, and an API to control disks: docs/console.md;
                             on 127.0.0.1 without HOST. If neither this nor FAULTDISK_TOKEN has
                             a token one is made up, and printed with the URL

      """;

  private DaemonHelp() {}

  static String of(Program program) {
    return "Usage: "
        + program.name()
        + " [OPTIONS]\n"
        + """
        Holds disk images open, serves them to NBD clients, and takes commands (QMP).

        Options are applied one after the other: what one names an earlier one has made. An
        argument is KEY=VALUE,... with dots for what is nested, or JSON.

        What there is:
          --blockdev DRIVER,node-name=NAME,...
                               open an image, or put a driver on one that is open:
                               file=NAME, or file.driver=file,file.filename=PATH
          --object TYPE,id=ID,...
                               secret, tls-creds-x509, tls-creds-psk, authz-list, authz-simple

        Who may have it:
          --nbd-server addr.type=unix,addr.path=PATH[,max-connections=N]
          --nbd-server addr.type=inet,addr.host=HOST,addr.port=PORT[,tls-creds=ID][,tls-authz=ID]
                               listen for NBD clients
          --export nbd,id=ID,node-name=NAME[,name=NAME][,writable=on][,description=TEXT]
                               serve a node to them
          --chardev socket,id=ID,path=PATH,server=on,wait=off
          --chardev socket,id=ID,host=HOST,port=PORT,server=on,wait=off
                               a socket for a monitor; without server=on connect to it
          --chardev stdio,id=ID
                               standard input and output
          --monitor ID[,pretty=on]
                               take commands there: see docs/qmp.md

        """
        + (program.isStandIn() ? "" : OURS)
        + """
        How to run:
          --daemonize          come back when all of that is done; go on in the background
          --pidfile PATH       write the process id there, remove it at the end
          -T, --trace SPEC     accepted and not used
          -h, --help           print this and exit
          -V, --version        print the version and exit

        SIGTERM and SIGINT end it in order: requests are answered, images are flushed. The command
        'quit' of a monitor does, too.
        """;
  }
}
