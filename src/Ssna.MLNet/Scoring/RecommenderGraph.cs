using Ssna.MLNet.Onnx;
using static Ssna.MLNet.Onnx.TensorProto.Types;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>What <see cref="RankedBlock"/> does, as a graph: from histories to the best items and their scores.</summary>
internal static class RecommenderGraph
{
    /// <summary>Builds it; what it holds ends with the dispose scope.</summary>
    /// <param name="catalogue">Model and items.</param>
    public static OnnxGraph Of(Catalogue catalogue)
    {
        var graph = new OnnxGraph("recommender");
        int items = catalogue.Items.Count;
        OnnxValue given = graph.Input(
            "history",
            DataType.Int64,
            $"What each user took, oldest first, as catalogue indexes from 0 to {items - 1}, the places of ids in the id table. Every "
                + "other number, such as -1, is skipped wherever it stands: it fills up short rows and stands for unknown items.",
            "batch",
            "length"
        ); // (B, L)
        OnnxValue k = graph.Input("k", DataType.Int64, "How many items to recommend at most.", 1); // (1)
        OnnxValue exclude = graph.Input(
            "exclude_history",
            DataType.Bool,
            "Whether to leave out what is in a row's own history.",
            1
        ); // (1)

        OnnxValue zero = graph.Number(0L);
        OnnxValue known = graph.And(graph.IsAtLeast(given, zero), graph.IsLess(given, graph.Number((long)items))); // (B, L)
        OnnxValue history = graph.Where(known, given, zero); // (B, L)
        GraphUsers users = Users(graph, catalogue, history, known);
        OnnxValue scores = graph.Where(
            graph.IsAtLeast(users.Counts, graph.Number(1L)),
            users.Items.Cosines(users.Directions),
            graph.Weight("popularity", tensor(catalogue.Popularity).view(1, -1))
        ); // (B, I)
        if (catalogue.Repeats is { } repeats)
        {
            scores = new RepeatGraph(graph, repeats).AddTo(scores, history, known); // (B, I)
        }
        OnnxValue nothing = graph.Number(float.NegativeInfinity);
        OnnxValue excluded = graph.Where(graph.And(known, exclude), nothing, graph.Number(0f)); // (B, L)
        scores = graph.AddInRows(scores, history, excluded); // (B, I)

        (OnnxValue best, OnnxValue indexes) = graph.Largest(scores, graph.Smaller(k, graph.Number((long)items))); // (B, k)
        graph.Output(
            graph.Where(graph.IsEqual(best, nothing), graph.Number(-1L), indexes),
            "items",
            DataType.Int64,
            "The catalogue indexes of the best items, best first, of equal ones the lower index; -1 where no item is left.",
            "batch",
            "k"
        ); // (B, k)
        graph.Output(
            best,
            "scores",
            DataType.Float,
            "Their scores; minus infinity where no item is left.",
            "batch",
            "k"
        ); // (B, k)
        return graph;
    }

    private static GraphUsers Users(OnnxGraph graph, Catalogue catalogue, OnnxValue history, OnnxValue known)
    {
        // The most recent items that are known, the last one first.
        OnnxValue length = graph.SizeOf(history, 1);
        OnnxValue place = graph.Add(graph.Counting(length), graph.Number(1L)); // (L), from 1
        OnnxValue key = graph.Where(known, place, graph.Number(0L)); // (B, L)
        OnnxValue window = graph.Number((long)catalogue.Model.Shape.Sequence.MaximumSequenceLength);
        OnnxValue width = graph.Unsqueeze(graph.Smaller(length, window), 0); // (1)
        (OnnxValue taken, OnnxValue from) = graph.Largest(key, width); // (B, W), (B, W)
        OnnxValue isTaken = graph.Cast(graph.IsAtLeast(taken, graph.Number(1L)), DataType.Int64); // (B, W)
        OnnxValue counts = graph.Sum(isTaken, 1); // (B, 1)

        ItemVectors.GraphItems items = catalogue.Items.ToOnnx(graph);
        OnnxValue embeddings = items.Embeddings(graph.GatherInRows(history, from)); // (B, W, d)
        OnnxValue users = graph.Reshape(catalogue.Model.Sequence.ToOnnx(graph, embeddings, counts), 0, -1); // (B, d)
        OnnxValue norms = graph.Apply("ReduceL2", [users], ("axes", new long[] { 1 }), ("keepdims", 1L)); // (B, 1)
        return new(graph.Divide(users, graph.Larger(norms, graph.Number(1e-12f))), counts, items);
    }

    /// <param name="Directions">User embeddings of length 1: (B, d).</param>
    /// <param name="Counts">The items of each that were looked at: (B, 1).</param>
    /// <param name="Items">The items.</param>
    private readonly record struct GraphUsers(OnnxValue Directions, OnnxValue Counts, ItemVectors.GraphItems Items);
}
