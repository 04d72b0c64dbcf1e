/**
 * {@code faultdisk io}, and {@code qemu-io} under that name: open an image, send it requests, print
 * what comes back.
 *
 * <p>{@link io.faultdisk.cli.io.IoTool} reads the command line, {@link io.faultdisk.cli.io.Session}
 * holds the open image and what commands share, {@link io.faultdisk.cli.io.CommandRunner} takes a
 * line apart and runs it. The commands themselves are small classes, grouped by what they do
 * ({@code ReadCommands}, {@code BreakCommands}, ...). Asynchronous requests run under {@link
 * io.faultdisk.cli.Loop}.
 */
@NullMarked
package io.faultdisk.cli.io;

import org.jspecify.annotations.NullMarked;
