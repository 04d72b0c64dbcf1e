/** What the stand-ins for QEMU's tools have in common. */
@NullMarked
package io.faultdisk.cli.tool;

import org.jspecify.annotations.NullMarked;
