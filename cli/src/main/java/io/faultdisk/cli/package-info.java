/**
 * The commands: what the user types comes in here, what the user reads goes out from here.
 *
 * <p>{@link io.faultdisk.cli.Main} looks at the first word and hands over: to {@code io} for the
 * qemu-io command set, to {@code own} for the commands that only faultdisk has. Every command can
 * be run in-process and any number of times: {@link io.faultdisk.cli.Main#run} takes its streams as
 * an argument, keeps nothing static and never exits the JVM.
 *
 * <p>The drop-ins are called hundreds of times by scripts, so their way in stays short: no command
 * line library, no regular expressions, no {@code String.format}; everything else is loaded when
 * first needed.
 */
@NullMarked
package io.faultdisk.cli;

import org.jspecify.annotations.NullMarked;
