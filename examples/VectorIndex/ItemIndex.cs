using Cloud.Unum.USearch;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

namespace VectorIndex;

/// <summary>An index in this process of a model's item embeddings: approximate nearest neighbours by their cosine.</summary>
internal sealed class ItemIndex : IDisposable
{
    private readonly USearchIndex _index;
    private readonly string[] _ids;

    private ItemIndex(USearchIndex index, string[] ids) => (_index, _ids) = (index, ids);

    public static ItemIndex Build(MLContext mlContext, SsnaTransformer model, CancellationToken cancellation)
    {
        var index = new USearchIndex(MetricKind.Cos, ScalarKind.Float16, dimensions: (ulong)model.Dimension);
        try
        {
            var ids = new string[model.ItemCount];
            // One by one: the package has no way to reserve room, without which several threads may not add at once.
            foreach (
                (int key, EmbeddingRecord item) in mlContext.Data.ReadEmbeddings(model.GetItemEmbeddings()).Index()
            )
            {
                cancellation.ThrowIfCancellationRequested();
                ids[key] = item.Id;
                index.Add((ulong)key, item.Vector.ToArray());
            }
            return new ItemIndex(index, ids);
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>The ids of the items nearest to a user, nearest first, as the index finds them.</summary>
    public string[] Nearest(float[] user, int count)
    {
        _index.Search(user, count, out ulong[] keys, out _);
        return Array.ConvertAll(keys, key => _ids[key]);
    }

    public void Dispose() => _index.Dispose();
}
