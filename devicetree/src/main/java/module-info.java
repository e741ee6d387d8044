/**
 * Reads device trees ({@code .dtb}, {@code .dts}, overlays) and answers what a board looks like.
 */
module dmakit.devicetree {
    requires static org.jspecify;
}
