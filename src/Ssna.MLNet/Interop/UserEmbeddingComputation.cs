using Ssna.MLNet.Scoring;

namespace Ssna.MLNet.Interop;

/// <summary>One cursor's user embeddings.</summary>
internal sealed class UserEmbeddingComputation(HistoryReader reader, CatalogueRanker ranker)
    : HistoryComputation(reader)
{
    private float[][]? _embeddings;

    public override Delegate CreateGetter(int output) =>
        VectorGetter.Create(() => (_embeddings ??= ranker.EmbedUsers(Histories()))[Row]);

    protected override void Clear()
    {
        base.Clear();
        _embeddings = null;
    }
}
