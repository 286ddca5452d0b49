using Microsoft.ML.Runtime;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Sequences;

namespace Ssna.MLNet.Columns;

/// <summary>One cursor's user embeddings.</summary>
internal sealed class UserEmbeddingComputation(IHost host, KnownItems reader, Catalogue catalogue)
    : HistoryComputation(host, reader)
{
    private float[][]? _embeddings;

    public override Delegate CreateGetter(int output) => VectorGetter.Create(() => (_embeddings ??= Embed())[Row]);

    protected override void Clear()
    {
        base.Clear();
        _embeddings = null;
    }

    private float[][] Embed()
    {
        using var users = UserEmbeddings.Of(catalogue.Model, catalogue.Items, Histories());
        return users.ToArrays(catalogue.Items.Dimension);
    }
}
