using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Ssna.MLNet.Items;
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
    private readonly HeldItems _items;
    private readonly RepeatRates? _rates;
    private readonly float _temperature;
    private readonly RunContext _context;
    private readonly Ranks _ranks;
    private readonly Tensor? _frozen; // (I, d)

    /// <param name="cases">The cases.</param>
    /// <param name="model">The model; stays the caller's.</param>
    /// <param name="items">The items' prepared inputs, each rank's own, and who measures: they share cases and items.</param>
    /// <param name="rates">How often items are taken again, to learn repeats from the cases; null to learn none.</param>
    /// <param name="temperature">The loss's.</param>
    /// <param name="context">Takes a line every half minute, and stops between blocks.</param>
    /// <param name="frozen">The items' embeddings, where they stay as they are: (I, d); null where they are trained.</param>
    public ModelValidation(
        ValidationCases cases,
        SsnaModel model,
        HeldItems items,
        RepeatRates? rates,
        float temperature,
        RunContext context,
        Tensor? frozen = null
    )
    {
        (_cases, _model, _items, _frozen) = (cases, model, items, frozen);
        (_rates, _temperature, _context, _ranks) = (rates, temperature, context, items.Ranks);
        // Blocks whose targets lie near one another rank fastest.
        _order = [.. Enumerable.Range(0, cases.Count).OrderBy(index => TargetRanks.TileOf(cases.Targets[index]))];
    }

    /// <summary>Whether there is anything to measure.</summary>
    public bool HasCases => _cases.Count > 0;

    /// <summary>
    /// Measures the weights as they are now, with what repeats add to their scores fitted to the cases first; no numbers where
    /// there is no case. Cases with a score that is no number are left out.
    /// </summary>
    public ValidationFigures Measure()
    {
        if (!HasCases)
        {
            return new(double.NaN, double.NaN, Repeats: null);
        }
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        using ItemVectors items = EmbedItems();
        RepeatFit? fit = _rates is null ? null : new(_rates, _temperature);
        var halfMinutes = new HalfMinutes();
        Part share = _ranks.Share(_order.Length);
        int[] own = _order[(int)share.First..(int)(share.First + share.Count)];
        var blocks = new List<Block>();
        foreach (int[] block in own.Chunk(BlockRows))
        {
            Tell("read", blocks.Count);
            Block read = Read(block, items);
            fit?.Add(read.Users, items, read.Histories, read.Targets);
            blocks.Add(read);
        }
        Repeats? repeats = Repeats(fit?.Solve(_ranks));
        var ranks = new List<int>(own.Length);
        for (int i = 0; i < blocks.Count; i++)
        {
            Tell("ranked", i);
            (Tensor users, ReadOnlyMemory<int>[] histories, int[] targets) = blocks[i];
            ranks.AddRange(TargetRanks.Of(users, items, targets, repeats?.Of(histories)));
        }
        int[] all = _ranks.Gather(CollectionsMarshal.AsSpan(ranks), _order.Length);
        var figures = new ItemRankingFigures([.. all.Where(rank => rank > 0)], coverages: null);
        return new(figures.Recall(10), figures.Ndcg(10), repeats?.Weights);

        void Tell(string done, int block)
        {
            _context.CheckAlive();
            if (halfMinutes.Passed())
            {
                _context.Info($"Validation: {block * BlockRows} of {own.Length} cases {done}.");
            }
        }
    }

    /// <summary>What the model's scores add for repeats, by weights that <see cref="Measure"/> has found.</summary>
    public Repeats? Repeats(RepeatWeights? found) => found is null ? null : new(_rates!, found);

    private Block Read(int[] block, ItemVectors items)
    {
        ReadOnlyMemory<int>[] histories = Array.ConvertAll(block, _cases.Histories.Memory);
        Tensor users = UserEmbeddings.Encode(_model, items.Embeddings, histories); // (B, d)
        return new(users, histories, Array.ConvertAll(block, index => _cases.Targets[index]));
    }

    private ItemVectors EmbedItems()
    {
        using Tensor embeddings = _frozen?.alias() ?? ItemEmbeddings.OfPrepared(_model, _items, _context); // (I, d)
        return ItemVectors.Of(embeddings);
    }

    private readonly record struct Block(Tensor Users, ReadOnlyMemory<int>[] Histories, int[] Targets);
}

/// <summary>What validation found.</summary>
/// <param name="Recall">Recall@10.</param>
/// <param name="Ndcg">NDCG@10.</param>
/// <param name="Repeats">What repeats add to the scores that these are figures of; null where none are learned.</param>
internal readonly record struct ValidationFigures(double Recall, double Ndcg, RepeatWeights? Repeats);
