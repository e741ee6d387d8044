package dmakit.cli;

import dmakit.board.Board;
import dmakit.board.Peripheral;
import dmakit.cli.report.JsonOutput;
import dmakit.devicetree.Node;
import dmakit.machine.memory.Ram;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.core.JsonGenerator;

/** {@code dmakit boards}: the boards that come with dmakit. */
@Command(
        name = "boards",
        description = {
            "Lists the boards that come with dmakit.",
            "For each its memory, its DMA controllers, and what else there is a model of: PCI"
                    + " functions, and what takes or gives bytes."
        },
        footer = {
            "",
            "A .dtb or .dts is a board as well: 'topo FILE' reads any; '--board FILE' needs"
                    + " RAM in the tree and a DMA controller that dmakit models."
        })
final class BoardsCommand implements Callable<Integer> {
    private static final int LG2_MIB = 20;

    @Mixin private ReportOption report = new ReportOption();

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        List<Board> boards = Board.builtInNames().stream().map(Board::of).toList();
        PrintWriter out = spec.commandLine().getOut();
        if (report.isJson()) {
            JsonOutput.write(out, json -> write(json, boards));
        } else {
            boards.forEach(board -> print(out, board));
        }
        return ExitStatus.CLEAN;
    }

    private static void print(PrintWriter out, Board board) {
        out.printf("%-15s %s%n", board.name(), board.model());
        out.printf(
                "%-15s %d MiB RAM, %s DMA%s%n",
                "",
                ramBytes(board) >> LG2_MIB,
                board.isCoherent() ? "coherent" : "non-coherent",
                iommus(board));
        for (Board.Controller controller : board.controllers()) {
            line(out, "DMA", controller.path(), controller.compatible(), controller.modelled());
        }
        List<String> printed = board.controllers().stream().map(Board.Controller::path).toList();
        for (Board.PciFunction function : board.pciFunctions()) {
            if (!printed.contains(function.path())) {
                line(out, "PCI", function.path(), function.compatible(), function.modelled());
            }
        }
        for (Peripheral peripheral : board.peripherals()) {
            line(
                    out,
                    peripheral.kind().toString(),
                    peripheral.path(),
                    peripheral.compatible(),
                    true);
        }
    }

    private static void line(
            PrintWriter out, String kind, String path, List<String> compatible, boolean modelled) {
        out.printf(
                "%-15s %-7s %s (%s)%s%n",
                "", kind, path, String.join(", ", compatible), modelled ? "" : ": no model");
    }

    private static String iommus(Board board) {
        return iommuNodes(board)
                .map(node -> ", behind an IOMMU (" + String.join(", ", node.compatible()) + ")")
                .collect(Collectors.joining());
    }

    private static Stream<Node> iommuNodes(Board board) {
        return board.tree().nodes().stream()
                .filter(node -> node.has("#iommu-cells") && node.isAvailable());
    }

    private static void write(JsonGenerator json, List<Board> boards) {
        json.writeStartArray();
        for (Board board : boards) {
            json.writeStartObject();
            json.writeStringProperty("name", board.name());
            json.writeStringProperty("source", board.source());
            json.writeStringProperty("model", board.model());
            json.writeNumberProperty("ramBytes", ramBytes(board));
            json.writeBooleanProperty("coherent", board.isCoherent());
            json.writeArrayPropertyStart("iommus");
            iommuNodes(board).forEach(node -> json.writeString(node.path()));
            json.writeEndArray();
            json.writeArrayPropertyStart("controllers");
            board.controllers().forEach(controller -> RecordJson.write(json, controller));
            json.writeEndArray();
            json.writeArrayPropertyStart("pciFunctions");
            board.pciFunctions().forEach(function -> RecordJson.write(json, function));
            json.writeEndArray();
            json.writeArrayPropertyStart("peripherals");
            board.peripherals().forEach(peripheral -> RecordJson.write(json, peripheral));
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static long ramBytes(Board board) {
        return board.ram().stream().mapToLong(Ram.Bank::size).sum();
    }
}
