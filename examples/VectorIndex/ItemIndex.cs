using Cloud.Unum.USearch;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

namespace VectorIndex;

/// <summary>An index in this process of a model's item embeddings: approximate nearest neighbours by their cosine.</summary>
internal sealed class ItemIndex : IDisposable
{
    private const int AtOnce = 4096;

    private readonly USearchIndex _index;
    private readonly List<string> _ids;

    private ItemIndex(USearchIndex index, List<string> ids) => (_index, _ids) = (index, ids);

    public static ItemIndex Build(MLContext mlContext, SsnaTransformer model, CancellationToken cancellation)
    {
        var index = new USearchIndex(MetricKind.Cos, ScalarKind.Float16, dimensions: (ulong)model.Dimension);
        try
        {
            var ids = new List<string>(model.ItemCount);
            // Many at a time: the package makes room anew for every call.
            foreach (EmbeddingRecord[] some in mlContext.Data.ReadEmbeddings(model.GetItemEmbeddings()).Chunk(AtOnce))
            {
                cancellation.ThrowIfCancellationRequested();
                ulong[] keys = [.. Enumerable.Range(ids.Count, some.Length).Select(key => (ulong)key)];
                index.Add(keys, Array.ConvertAll(some, item => item.Vector.ToArray()));
                ids.AddRange(some.Select(item => item.Id));
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
        return Array.ConvertAll(keys, key => _ids[(int)key]);
    }

    public void Dispose() => _index.Dispose();
}
