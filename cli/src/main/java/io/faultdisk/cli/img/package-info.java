/**
 * {@code faultdisk img}, and {@code qemu-img} under that name: commands that make, inspect, check
 * and change disk images.
 *
 * <p>{@link io.faultdisk.cli.img.ImgTool} reads the global options and finds the command. Each
 * command is one {@link io.faultdisk.cli.img.ImgCommand}: it reads its own command line with a
 * {@link io.faultdisk.cli.img.CommandLine}, opens images through {@link
 * io.faultdisk.cli.img.ImageSource} and asks drivers for what {@code io.faultdisk.block.format}
 * describes. What all commands of a run share is in {@link io.faultdisk.cli.img.ImgSession}.
 *
 * <p>Source of all texts, orders of checks and exit codes: qemu-img 7.2, observed.
 */
@NullMarked
package io.faultdisk.cli.img;

import org.jspecify.annotations.NullMarked;
