package dmakit.labs;

import java.util.Optional;

/**
 * How a lab ended.
 *
 * @param lab its name
 * @param success whether the bytes arrived
 * @param message the result in one line
 * @param account what the transfer did to the machine; empty when there was none
 */
public record LabOutcome(String lab, boolean success, String message, Optional<Account> account) {}
