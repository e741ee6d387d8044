/** The labs: small drivers, and the user programs that drive them. */
module dmakit.labs {
    requires static org.jspecify;
    requires transitive dmakit.board;
}
