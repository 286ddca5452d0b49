using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>The items that a request chooses from: a whole catalogue, or some of it.</summary>
internal sealed class Candidates : IDisposable
{
    private Candidates(ItemVectors items, float[] popularity, int[]? indexes)
    {
        (Items, Popularity, Indexes) = (items, popularity, indexes);
    }

    /// <summary>Their embeddings.</summary>
    public ItemVectors Items { get; }

    /// <summary>Their scores for a user of whom nothing is known: (C).</summary>
    public float[] Popularity { get; }

    /// <summary>Their catalogue indexes, ascending, or null where they are the whole catalogue.</summary>
    public int[]? Indexes { get; }

    public int Count => Popularity.Length;

    /// <summary>A whole catalogue.</summary>
    /// <param name="items">Stays the caller's.</param>
    /// <param name="popularity">As <see cref="Popularity"/>.</param>
    public static Candidates All(ItemVectors items, float[] popularity) => new(items, popularity, null);

    /// <summary>Some of a whole catalogue.</summary>
    /// <param name="indexes">Catalogue indexes, in any order and repeated at will.</param>
    public Candidates Select(IEnumerable<int> indexes)
    {
        int[] chosen = [.. indexes.Distinct().Order()];
        using Tensor rows = tensor(chosen, ScalarType.Int64, Items.Device); // (C)
        return new Candidates(Items.Select(rows), Array.ConvertAll(chosen, i => Popularity[i]), chosen);
    }

    /// <summary>Frees the embeddings of a selection; nothing for a whole catalogue.</summary>
    public void Dispose()
    {
        if (Indexes is not null)
        {
            Items.Dispose();
        }
    }
}
