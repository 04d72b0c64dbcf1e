/**
 * The {@code nbd} command: serves an image to NBD clients, with the command line, the messages and
 * the exit codes of qemu-nbd.
 *
 * <p>{@link io.faultdisk.cli.nbd.NbdTool} reads the command line into {@code NbdArguments} and
 * either asks a server what it has ({@code ExportList}) or serves: {@code Listening} opens the
 * sockets, {@code ServedImage} the image, {@code Service} puts both into the server and waits for
 * the end. {@code Startup} is who waits for the server to come up: nobody, or the launcher when it
 * was called with {@code --fork}.
 */
@NullMarked
package io.faultdisk.cli.nbd;

import org.jspecify.annotations.NullMarked;
