/** What the stand-ins for QEMU's tools have in common, with our own commands, too. */
@NullMarked
package io.faultdisk.cli.tool;

import org.jspecify.annotations.NullMarked;
