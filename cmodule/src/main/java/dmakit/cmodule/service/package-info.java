/**
 * What C modules call, one class per subsystem: numbers and addresses of C become objects of the
 * kernel, and their answers numbers again.
 *
 * <p><b>Doors.</b> {@link dmakit.cmodule.service.Groups}, the list of them.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel}, where every rule is.
 *
 * <p><b>Never.</b> Decides a kernel rule.
 */
@NullMarked
package dmakit.cmodule.service;

import org.jspecify.annotations.NullMarked;
