using Microsoft.ML.Data;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Sequences;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>Measures a model between epochs: every case's target among all items of the catalogue.</summary>
internal sealed class ModelValidation
{
    /// <summary>Cases whose users go through the model together: as many as full-speed products need.</summary>
    private const int BlockRows = 512;

    private readonly ValidationCases _cases;
    private readonly int[] _order;
    private readonly SsnaModel _model;
    private readonly Tensor _items;
    private readonly RunContext _context;
    private readonly bool _itemsFrozen;

    /// <param name="cases">The cases.</param>
    /// <param name="model">The model; stays the caller's.</param>
    /// <param name="items">The items' prepared inputs: (I, ...).</param>
    /// <param name="context">Takes a line every half minute, and stops between blocks.</param>
    /// <param name="itemsFrozen">Whether <paramref name="items"/> are the items' embeddings themselves.</param>
    public ModelValidation(
        ValidationCases cases,
        SsnaModel model,
        Tensor items,
        RunContext context,
        bool itemsFrozen = false
    )
    {
        (_cases, _model, _items, _context, _itemsFrozen) = (cases, model, items, context, itemsFrozen);
        // Blocks whose targets lie near one another rank fastest.
        _order = [.. Enumerable.Range(0, cases.Count).OrderBy(index => TargetRanks.TileOf(cases.Targets[index]))];
    }

    /// <summary>Whether there is anything to measure.</summary>
    public bool HasCases => _cases.Count > 0;

    /// <summary>
    /// Recall@10 and NDCG@10 of the weights as they are now; no numbers where there is no case. Cases with a score that is no
    /// number are left out.
    /// </summary>
    public (double Recall, double Ndcg) Measure()
    {
        if (!HasCases)
        {
            return (double.NaN, double.NaN);
        }
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        using ItemVectors items = EmbedItems();
        var ranks = new List<int>(_cases.Count);
        var halfMinutes = new HalfMinutes();
        foreach (int[] block in _order.Chunk(BlockRows))
        {
            _context.CheckAlive();
            if (halfMinutes.Passed())
            {
                _context.Info($"Validation: {ranks.Count} of {_cases.Count} cases.");
            }
            using var inBlock = NewDisposeScope();
            ReadOnlyMemory<int>[] histories = Array.ConvertAll(block, _cases.Histories.Memory);
            Tensor users = UserEmbeddings.Encode(_model, items, histories); // (B, d)
            ranks.AddRange(TargetRanks.Of(users, items, Array.ConvertAll(block, index => _cases.Targets[index])));
        }
        var figures = new ItemRankingFigures([.. ranks.Where(rank => rank > 0)], coverages: null);
        return (figures.Recall(10), figures.Ndcg(10));
    }

    private ItemVectors EmbedItems()
    {
        using Tensor embeddings = _itemsFrozen ? _items.alias() : ItemEmbeddings.OfPrepared(_model, _items, _context); // (I, d)
        return ItemVectors.Of(embeddings);
    }
}
