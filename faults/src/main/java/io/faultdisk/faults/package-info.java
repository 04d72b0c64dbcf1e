/** See the module's description. */
@NullMarked
package io.faultdisk.faults;

import org.jspecify.annotations.NullMarked;
