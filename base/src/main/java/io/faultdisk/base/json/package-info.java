/** JSON as QEMU reads and writes it: {@link io.faultdisk.base.json.Json}. */
@NullMarked
package io.faultdisk.base.json;

import org.jspecify.annotations.NullMarked;
