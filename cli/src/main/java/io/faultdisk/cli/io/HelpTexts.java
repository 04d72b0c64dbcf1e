package io.faultdisk.cli.io;

/**
 * What {@code help NAME} prints below the usage line. Loaded only when somebody asks.
 *
 * <p>Our own words; the options themselves are those of qemu-io.
 */
final class HelpTexts {
  private static final String STATISTICS =
      """
       -C  print the statistics as one line of comma-separated values
       -q  print no statistics
      """;

  static final String READ =
      """
       Reads one range of the image and prints how long that took.

       Example:
       read -v 512 1k     shows the kilobyte that begins at byte 512

       -P  compare what was read with this byte; a difference fails the command
       -s  with -P: begin to compare so many bytes behind the offset
       -l  with -P: compare only so many bytes
       -v  show what was read
       -b  read VM state instead of the disk
       -p  no effect any more
      """
          + STATISTICS;

  static final String READV =
      """
       Reads one range into several buffers with a single request.

       Example:
       readv -v 512 1k 1k     shows the two kilobytes that begin at byte 512

       -P  compare what was read with this byte; a difference fails the command
       -v  show what was read
      """
          + STATISTICS;

  static final String WRITE =
      """
       Writes one range of the image, filled with the byte 0xcd unless you choose another.

       Example:
       write -P 1 512 1k     writes a kilobyte of ones at byte 512

       -P  fill with this byte
       -s  fill with the content of this file, repeated as often as needed
       -z  write zeroes without sending them
       -u  with -z: the range may become unallocated
       -n  with -z: fail rather than send a buffer of zeroes
       -f  force unit access: the data is stable when the command returns
       -c  write compressed
       -b  write VM state instead of the disk
       -p  no effect any more
      """
          + STATISTICS;

  static final String WRITEV =
      """
       Writes one range from several buffers with a single request.

       Example:
       writev 512 1k 1k     writes two kilobytes at byte 512

       -P  fill with this byte instead of 0xcd
       -f  force unit access: the data is stable when the command returns
      """
          + STATISTICS;

  private static final String LATER =
      """
       The command returns as soon as the request is on its way. The result is printed when it is
       there, at the latest by aio_flush, and does not count for the exit code.

      """;

  static final String AIO_READ =
      """
       Starts to read one range, into several buffers if several lengths are given.
      """
          + LATER
          + """
           -P  compare what was read with this byte
           -v  show what was read
           -i  only count an invalid request, read nothing
          """
          + STATISTICS;

  static final String AIO_WRITE =
      """
       Starts to write one range, from several buffers if several lengths are given.
      """
          + LATER
          + """
           -P  fill with this byte instead of 0xcd
           -z  write zeroes without sending them
           -u  with -z: the range may become unallocated
           -f  force unit access: the data is stable when the request completes
           -i  only count an invalid request, write nothing
          """
          + STATISTICS;

  static final String DISCARD =
      """
       Tells the image that a range is no longer needed.

       Example:
       discard 512 1k     gives up the kilobyte that begins at byte 512

      """
          + STATISTICS;

  static final String OPEN =
      """
       Opens the image that the commands after this one work on.

       Example:
       open -n -o driver=raw /tmp/disk     opens a raw image past the page cache

       -r  read-only
       -s  write to a temporary overlay; not supported yet
       -C  copy-on-read
       -n  past the page cache, the same as -t none
       -U  even if another program writes to it
       -k  the same as -i native
       -i  kind of I/O: threads, native or io_uring
       -t  cache mode: none, writeback, writethrough, directsync or unsafe
       -d  discards: ignore or unmap
       -o  options of the drivers: key=value,key=value
      """;

  static final String REOPEN =
      """
       Opens the image again with other options, without letting go of it.

       Example:
       reopen -r -c writeback     read-only from now on, with another cache mode

       -r  read-only
       -w  writable
       -c  cache mode
       -o  options of the drivers, as for open
      """;

  static final String SIGRAISE =
      """
       Raises a signal in this process, which usually ends it.

       Example:
       sigraise 15     raises SIGTERM
      """;

  static final String FAULTS =
      """
       Shows what the rules of the image are doing: the state, each rule with what became of it,
       breakpoints that wait for their event, and requests that wait to be resumed.

       armed     yes: the next request that fits is affected; used: fired with once, never again
       events    how many events armed the rule, or for set-state changed the state
       requests  how many requests it decided
       failed    to how many of these it did something

       With receipts: every injection so far, with what the rule did and what the client got.
      """;

  static final String POWER =
      """
       cut      switches the disk off: every request fails until the power is restored, and of the
                writes since the last flush only the survivors are on the medium
       restore  switches it on again; a format above it knows nothing of that, so close the image
                and open it again instead
       status   on or off

       SURVIVORS  none, all, random, or the numbers of writes since the last flush, from 1, in the
                  order in which they reach the medium: 1-3,5,4[0-1]; in brackets sectors of a write
       SEED       what random ones are chosen by

       In the cache mode that is used unless -t says otherwise every write is durable at once; open
       the image with -t writeback.

       Example:
       power cut 2,1[0]     the second write survives, and the first sector of the first
      """;

  private HelpTexts() {}
}
