/**
 * A small Linux guest in QEMU whose disk is an NBD export of this process: {@link
 * io.faultdisk.cli.demo.guest.GuestParts} finds what it is made of on this machine, {@link
 * io.faultdisk.cli.demo.guest.GuestDisk} serves the disk, {@link io.faultdisk.cli.demo.guest.Guest}
 * boots it and has it run commands.
 */
@NullMarked
package io.faultdisk.cli.demo.guest;

import org.jspecify.annotations.NullMarked;
