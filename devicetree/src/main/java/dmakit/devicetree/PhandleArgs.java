package dmakit.devicetree;

import java.util.List;

/**
 * One entry of a phandle list such as {@code dmas = <&dma 17>, ...}.
 *
 * @param index of the entry in its list, from 0
 * @param node the node referred to
 * @param args the cells behind the phandle, as many as the node's {@code #...-cells} says
 */
public record PhandleArgs(int index, Node node, List<Integer> args) {

    /** Copies the list. */
    public PhandleArgs {
        args = List.copyOf(args);
    }

    /** One argument cell. */
    public int arg(int position) {
        return args.get(position);
    }
}
