using Ssna.MLNet.Onnx;
using static Ssna.MLNet.Onnx.TensorProto.Types;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>What <see cref="RepeatScores"/> adds to cosines, as operators of a graph.</summary>
/// <param name="graph">Where to.</param>
/// <param name="repeats">What the model has learned.</param>
internal sealed class RepeatGraph(OnnxGraph graph, Repeats repeats)
{
    /// <summary>Steps from which on <see cref="HistoryItem.RecencyOf"/> says the same.</summary>
    private const int LongAgo = (1 << (HistoryItem.Recencies - 2)) + 1;

    /// <summary>Adds it.</summary>
    /// <param name="cosines">(B, I).</param>
    /// <param name="history">Catalogue indexes, oldest first; any index where <paramref name="known"/> is false: (B, L).</param>
    /// <param name="known">Whether a place of the history has an item of the catalogue: (B, L).</param>
    /// <returns>(B, I).</returns>
    public OnnxValue AddTo(OnnxValue cosines, OnnxValue history, OnnxValue known)
    {
        // Sorted by item, and among its own places the last first: an item begins where another ended.
        OnnxValue length = graph.SizeOf(history, 1);
        OnnxValue place = graph.Counting(length); // (L)
        OnnxValue key = graph.Where(known, graph.Add(graph.Multiply(history, length), place), graph.Number(-1L)); // (B, L)
        (OnnxValue sorted, OnnxValue from) = graph.Largest(key, graph.Unsqueeze(length, 0)); // (B, L), (B, L)
        OnnxValue isKnown = graph.IsAtLeast(sorted, graph.Number(0L)); // (B, L)
        OnnxValue item = graph.Where(isKnown, graph.GatherInRows(history, from), graph.Number(-1L)); // (B, L)
        OnnxValue before = graph.Concatenate(
            1,
            graph.Subtract(graph.Slice(item, 1, 0, 1), graph.Number(1L)), // no item that there is beside it
            graph.Slice(item, 1, 0, -1)
        ); // (B, L)
        OnnxValue isFirst = graph.And(isKnown, graph.Not(graph.IsEqual(item, before))); // (B, L)

        OnnxValue one = graph.Cast(known, DataType.Int64); // (B, L)
        OnnxValue stepsAgo = graph.GatherInRows(graph.RunningSum(one, 1, fromEnd: true), from); // (B, L)
        OnnxValue index = graph.Where(isKnown, item, graph.Number(0L)); // (B, L)
        OnnxValue added = graph.Add(
            graph.Add(
                graph.Gather(Weight("recency", Recency()), graph.Smaller(stepsAgo, graph.Number((long)LongAgo))),
                graph.Multiply(Times(isFirst, isKnown), graph.Number(repeats.Weights.Times))
            ),
            graph.Add(graph.Gather(Weight("again", Again()), index), User(one, isFirst))
        ); // (B, L)
        return graph.AddInRows(cosines, index, graph.Where(isFirst, added, graph.Number(0f))); // (B, I)
    }

    /// <summary>How often each item is there, as a logarithm to the base 2: (B, L).</summary>
    private OnnxValue Times(OnnxValue isFirst, OnnxValue isKnown)
    {
        OnnxValue number = graph.RunningSum(graph.Cast(isFirst, DataType.Int64), 1); // (B, L), from 1
        OnnxValue group = graph.Larger(graph.Subtract(number, graph.Number(1L)), graph.Number(0L)); // (B, L)
        OnnxValue zeros = graph.FilledLike(group, graph.Number(0f)); // (B, L)
        OnnxValue counts = graph.AddInRows(zeros, group, graph.Cast(isKnown, DataType.Float)); // (B, L)
        OnnxValue times = graph.Larger(graph.GatherInRows(counts, group), graph.Number(1f)); // (B, L)
        return graph.Divide(graph.Log(times), graph.Number(MathF.Log(2))); // (B, L)
    }

    /// <summary>What <see cref="RepeatRates.User"/> gives, times its weight: (B, 1).</summary>
    private OnnxValue User(OnnxValue known, OnnxValue isFirst)
    {
        OnnxValue positions = graph.Sum(known, 1); // (B, 1)
        OnnxValue distinct = graph.Sum(graph.Cast(isFirst, DataType.Int64), 1); // (B, 1)
        OnnxValue again = graph.Cast(graph.Subtract(positions, distinct), DataType.Float); // (B, 1)
        OnnxValue behindFirst = graph.Larger(graph.Subtract(positions, graph.Number(1L)), graph.Number(0L)); // (B, 1)
        OnnxValue other = graph.Subtract(graph.Cast(behindFirst, DataType.Float), again); // (B, 1)
        (float yes, float no) = repeats.Rates.UserPriors;
        OnnxValue odds = graph.Divide(graph.Add(again, graph.Number(yes)), graph.Add(other, graph.Number(no))); // (B, 1)
        OnnxValue logOdds = graph.Log(graph.Divide(odds, graph.Number(yes / no))); // (B, 1)
        return graph.Multiply(logOdds, graph.Number(repeats.Weights.User)); // (B, 1)
    }

    private OnnxValue Weight(string name, float[] values) =>
        graph.Weight($"repeats.{name}", tensor(values, dtype: ScalarType.Float32));

    private float[] Recency() =>
        [.. Enumerable.Range(0, LongAgo + 1).Select(steps => repeats.Weights.Recency[HistoryItem.RecencyOf(steps)])];

    private float[] Again() => Array.ConvertAll(repeats.Rates.Items, rate => repeats.Weights.Again * rate);
}
