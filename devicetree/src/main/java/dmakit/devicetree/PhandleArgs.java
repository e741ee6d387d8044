package dmakit.devicetree;

/**
 * One entry of a phandle list such as {@code dmas = <&dma 17>, ...}.
 *
 * @param index of the entry in its list, from 0
 * @param node the node referred to
 * @param args the cells behind the phandle, as many as the node's {@code #...-cells} says
 */
public record PhandleArgs(int index, Node node, int[] args) {

    /** Copies the array, so that the record cannot change. */
    public PhandleArgs {
        args = args.clone();
    }

    /** A copy of the argument cells. */
    @Override
    public int[] args() {
        return args.clone();
    }

    /** One argument cell. */
    public int arg(int position) {
        return args[position];
    }
}
