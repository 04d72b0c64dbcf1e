/** See the module's description. */
@NullMarked
package io.faultdisk.nio;

import org.jspecify.annotations.NullMarked;
