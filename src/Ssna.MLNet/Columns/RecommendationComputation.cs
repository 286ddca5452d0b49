using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Sequences;

namespace Ssna.MLNet.Columns;

/// <summary>One cursor's scores and recommendations: a block's sequences go through the model once, when first asked for.</summary>
internal sealed class RecommendationComputation(
    IHost host,
    KnownItems reader,
    TransformerSettings settings,
    ItemIds ids,
    Catalogue catalogue
) : HistoryComputation(host, reader)
{
    private readonly Candidates _all = new(catalogue.Items, catalogue.Popularity);
    private RankedBlock? _block;

    private RankedBlock Block => _block ??= Rank(Histories());

    public override Delegate CreateGetter(int output) =>
        output switch
        {
            RecommendationColumns.Score => VectorGetter.Create(() => Block.Scores(Row)),
            RecommendationColumns.Items => ids.CreateSequenceGetter(() => Block.Best(Row).Indexes),
            _ => VectorGetter.Create(() => Block.Best(Row).Scores),
        };

    private RankedBlock Rank(SequenceSet histories) =>
        RankedBlock.Of(
            catalogue,
            _all,
            UserEmbeddings.Of(catalogue.Model, catalogue.Items, histories),
            histories,
            settings.TopK,
            row => settings.ExcludeHistory ? RankingRequest.Ascending(histories[row].ToArray()) : []
        );

    protected override void Clear()
    {
        base.Clear();
        _block?.Dispose();
        _block = null;
    }

    public override void Dispose()
    {
        Clear();
        _all.Dispose();
        base.Dispose();
    }
}
