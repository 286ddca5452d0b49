using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>The embeddings, of length 1, of a block of users (or items), but for those of whom nothing is known.</summary>
/// <param name="values">(Q, d), or null where nothing is known of any; owned.</param>
/// <param name="rowOf">Each user's row of <paramref name="values"/>, ascending, or -1.</param>
internal sealed class UserEmbeddings(Tensor? values, int[] rowOf) : IDisposable
{
    /// <summary>The number of users.</summary>
    public int Count => rowOf.Length;

    /// <summary>The number of those of whom something is known: Q.</summary>
    public int KnownCount => (int?)values?.shape[0] ?? 0;

    /// <summary>A user's row of the embeddings, or -1.</summary>
    public int RowOf(int user) => rowOf[user];

    /// <summary>Some of the embeddings: (q, d). A view.</summary>
    public Tensor Rows(int first, int count) => values!.narrow(0, first, count);

    /// <summary>Embeds users.</summary>
    /// <param name="model">The model.</param>
    /// <param name="items">The embedding of every item that is in a history.</param>
    /// <param name="histories">What the users took, oldest first; the model looks at the most recent items.</param>
    public static UserEmbeddings Of(SsnaModel model, ItemVectors items, SequenceSet histories)
    {
        List<ReadOnlyMemory<int>> known = Known(histories);
        return new(
            known.Count == 0 ? null : Encode(model, items.Embeddings, known).DetachFromDisposeScope(),
            RowsOf(histories)
        );
    }

    /// <summary>Embeds users from the vectors of their histories' items.</summary>
    /// <param name="model">The model.</param>
    /// <param name="histories">For each user the items' v*, oldest first: any number of (d).</param>
    public static UserEmbeddings Of(SsnaModel model, IReadOnlyList<IReadOnlyList<float[]>> histories)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        var builder = new SequenceSetBuilder();
        var vectors = new List<float[]>();
        foreach (IReadOnlyList<float[]> history in histories)
        {
            // The model looks at no more.
            float[][] recent = [.. history.TakeLast(model.Shape.Sequence.MaximumSequenceLength)];
            builder.Add([.. Enumerable.Range(vectors.Count, recent.Length)]);
            vectors.AddRange(recent);
        }
        SequenceSet indexes = builder.ToSet();
        if (vectors.Count == 0)
        {
            return new(null, RowsOf(indexes));
        }
        Tensor table = Upload(vectors, model.Shape.Dimension, model.Device); // (N, d)
        Tensor users = Encode(model, items => table.index_select(0, items), Known(indexes)); // (Q, d)
        return new(users.DetachFromDisposeScope(), RowsOf(indexes));
    }

    /// <summary>What was embedded elsewhere.</summary>
    /// <param name="users">Each user's embedding, of length 1; of one of whom nothing is known, anything.</param>
    /// <param name="histories">What the users took: which are empty.</param>
    /// <param name="dimension">The width of an embedding: d.</param>
    /// <param name="device">Where they belong.</param>
    public static UserEmbeddings Of(
        IReadOnlyList<ReadOnlyMemory<float>> users,
        SequenceSet histories,
        int dimension,
        Device device
    )
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        float[][] known =
        [
            .. Enumerable
                .Range(0, histories.Count)
                .Where(user => !histories[user].IsEmpty)
                .Select(user => users[user].ToArray()),
        ];
        return new(
            known.Length == 0 ? null : Upload(known, dimension, device).DetachFromDisposeScope(),
            RowsOf(histories)
        );
    }

    /// <summary>The histories that there are embeddings of, in their rows' order: all but empty ones.</summary>
    public static List<ReadOnlyMemory<int>> Known(SequenceSet histories) =>
        [.. Enumerable.Range(0, histories.Count).Select(histories.Memory).Where(history => !history.IsEmpty)];

    /// <summary>User embeddings of length 1, from each history's most recent items. Safe for several threads at once.</summary>
    /// <param name="model">The model.</param>
    /// <param name="embeddings">The embeddings v* of items, by their indexes: (N) to (N, d).</param>
    /// <param name="histories">The items' indexes, oldest first, at least one each.</param>
    /// <returns>(B, d).</returns>
    public static Tensor Encode(
        SsnaModel model,
        Func<Tensor, Tensor> embeddings,
        IReadOnlyList<ReadOnlyMemory<int>> histories
    )
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        int window = model.Shape.Sequence.MaximumSequenceLength;
        var lengths = new int[histories.Count];
        for (int i = 0; i < lengths.Length; i++)
        {
            lengths[i] = Math.Min(histories[i].Length, window);
        }
        SequencePacking packing = SequencePacking.Pack(lengths);
        var recent = new int[lengths.Sum()];
        int next = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            histories[i].Span[^lengths[i]..].CopyTo(recent.AsSpan(next));
            next += lengths[i];
        }
        LastItems last = LastItems.Upload(packing, recent, model.Device, out Tensor slots); // (R * W)
        Tensor users = model.Sequence.ForwardLast(embeddings(slots), last, ForwardPass.Exact); // (B, d)
        return nn.functional.normalize(users, 2, 1, 1e-12).MoveToOuterDisposeScope(); // (B, d)
    }

    /// <summary>A copy, with zeros for users of whom nothing is known.</summary>
    /// <param name="dimension">The width of an embedding.</param>
    public float[][] ToArrays(int dimension)
    {
        float[][] known = values is null ? [] : FloatRows.Copy(values);
        return Array.ConvertAll(rowOf, row => row < 0 ? new float[dimension] : known[row]);
    }

    public void Dispose() => values?.Dispose();

    private static int[] RowsOf(SequenceSet histories)
    {
        int next = 0;
        return [.. Enumerable.Range(0, histories.Count).Select(user => histories[user].IsEmpty ? -1 : next++)];
    }

    private static Tensor Upload(IReadOnlyList<float[]> rows, int dimension, Device device)
    {
        float[] all = [.. rows.SelectMany(row => row)];
        return DeviceMemory.Upload(device, tensor(all, ScalarType.Float32).view(rows.Count, dimension)); // (N, d)
    }
}
