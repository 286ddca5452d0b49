using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Columns;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using static TorchSharp.torch;

namespace Microsoft.ML.Trainers.Recommender;

public sealed partial class SsnaTransformer
{
    /// <summary>
    /// A transformer whose catalogue also has the given items, embedded from their features; nothing is trained. An item that
    /// the catalogue has already gets its new embedding and keeps its place; new items follow the others, count as never
    /// taken for a user of whom nothing is known, and as taken again as often as the catalogue's mean.
    /// </summary>
    /// <param name="items">
    /// One row an item, with the columns that the trainer's Items had: the id and the features. Where the features are not
    /// there, the saved item pipeline makes them from the columns that it reads; where the trainer's Items had a column of the
    /// features' name before the pipeline, such as raw features that it scales in place, it always does.
    /// </param>
    /// <param name="cancellationToken">Stops the reading of the items, an extraction on the way after the batch at hand.</param>
    /// <returns>A transformer of its own, which shares the model's memory with this one; dispose of both.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, of the wrong type or of too few layers.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no rows, an id is missing or there twice, or features are missing, no numbers, so large that the model makes no
    /// numbers of them, or not as wide as the model's;
    /// or an item is new, and the model knows items by their ids alone.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public SsnaTransformer WithItems(IDataView items, CancellationToken cancellationToken = default)
    {
        _host.CheckValue(items, nameof(items));
        using Lifetime.Use use = _memory.Begin();
        using TensorState state = TensorState.Frozen();
        var run = new RunContext(_host, channel: null, cancellationToken);
        ItemInputs inputs = _settings.Inputs;
        bool extract = NeedsPipeline(items.Schema, inputs);
        using ItemTable given = ReadItems();
        ItemIds ids = _ids.With(given.Ids, out int[] positions);
        if (!inputs.DescribeNewItems)
        {
            return ids.Count == _ids.Count
                ? WithCatalogue(_ids, _catalogue.Select([.. Enumerable.Range(0, _ids.Count)]))
                : throw _host.Except(
                    $"Item column '{_settings.Item}', item '{ids.ToText(_ids.Count)}': expected items that were trained on, "
                        + "found a new one, of which a model of item ids alone (ItemAdaptation.ItemIds) knows nothing."
                );
        }
        using Tensor embeddings = ItemEmbeddings.OfNew(_catalogue.Model, given.Values.Rows, run); // (V, d)
        ItemEmbeddings.RequireFinite(_host, embeddings, given.Ids, _settings.Item);
        return WithCatalogue(ids, _catalogue.With(embeddings, positions, ids.Count));

        ItemTable ReadItems()
        {
            // Tokens that the item pipeline was made with ended its training at most; they do not end the model's use.
            using var reading = ReaderCancellation.Begin(run.CheckAlive, alone: extract);
            IDataView described = extract ? _itemPipeline!.Value.Transform(items) : items;
            return inputs.Read(_host, described, _settings.Item, run, _ids.Type);
        }
    }

    /// <summary>A transformer whose catalogue lacks the given items; nothing is trained.</summary>
    /// <typeparam name="TItem">The type of the ids, as of <see cref="Recommend"/>.</typeparam>
    /// <param name="items">Ids of items; those that the catalogue does not have are ignored.</param>
    /// <returns>A transformer of its own, which shares the model's memory with this one; dispose of both.</returns>
    /// <exception cref="ArgumentException">The ids are of another type, or no item would be left.</exception>
    public SsnaTransformer WithoutItems<TItem>(IEnumerable<TItem> items)
        where TItem : notnull
    {
        ArgumentNullException.ThrowIfNull(items);
        using Lifetime.Use use = _memory.Begin();
        ItemIds ids = _ids.Without(new TypedIds<TItem>(_ids).Known(items), out int[] kept);
        return kept.Length > 0
            ? WithCatalogue(ids, _catalogue.Select(kept))
            : throw new ArgumentException(
                $"Expected items that leave some of the catalogue, found all {_ids.Count} of it.",
                nameof(items)
            );
    }

    /// <summary>
    /// A transformer that keeps its items' embeddings in fewer bytes, in memory and when it is saved. Recommendations are then
    /// made from the rounded embeddings, histories included; items added later are rounded in the same way.
    /// </summary>
    /// <param name="precision">How many bytes a number takes: no more than in this transformer.</param>
    /// <returns>A transformer of its own, which shares the model's memory with this one; dispose of both.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// No such precision, or a higher one than this transformer's, which has been rounded away.
    /// </exception>
    public SsnaTransformer WithItemPrecision(ItemPrecision precision)
    {
        using Lifetime.Use use = _memory.Begin();
        ItemPrecision present = _catalogue.Items.Precision;
        return Enum.IsDefined(precision) && precision >= present
            ? WithCatalogue(_ids, _catalogue.In(precision))
            : throw new ArgumentOutOfRangeException(
                nameof(precision),
                precision,
                $"Expected {string.Join(" or ", Enum.GetValues<ItemPrecision>().Where(known => known >= present))}, as the "
                    + $"embeddings are kept in {present}, found {precision}."
            );
    }

    /// <summary>The embeddings of all items.</summary>
    /// <returns>
    /// One row an item in catalogue order: the id, in the column named as in the trainer's Items, and Embedding, a vector of
    /// <see cref="float"/> of length 1 (but for the rounding of <see cref="ItemPrecision"/>) and of <see cref="Dimension"/> values. A
    /// user's score for an item is the dot product of their embeddings and, where the user has taken the item, what the model has
    /// learned of repeats. Cursors copy embeddings as they are read, and keep the model's memory while they are open.
    /// </returns>
    public IDataView GetItemEmbeddings()
    {
        _memory.ThrowIfEnded();
        return new ItemEmbeddingsView(_host, _settings.Item, EmbeddingColumnName, _ids, _catalogue, _memory);
    }

    /// <summary>The embeddings of users.</summary>
    /// <param name="sequences">One row a user, with the sequence column.</param>
    /// <param name="outputColumnName">The column added.</param>
    /// <returns>
    /// The rows with a vector of <see cref="float"/> added, of length 1 and of <see cref="Dimension"/> values: zeros where
    /// nothing of the sequence is in the catalogue.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The sequence column is missing or of the wrong type.</exception>
    public IDataView GetUserEmbeddings(IDataView sequences, string outputColumnName = EmbeddingColumnName)
    {
        _host.CheckValue(sequences, nameof(sequences));
        _host.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
        IdColumn sequence = RequireSequence(sequences.Schema);
        var type = new VectorDataViewType(NumberDataViewType.Single, Dimension);
        return new HistoryMapper(
            _host,
            sequences.Schema,
            sequence,
            [new OutputColumn(outputColumnName, type, [sequence.Column])],
            _ids,
            _memory,
            reader => new UserEmbeddingComputation(_host, reader, _catalogue)
        ).Apply(sequences);
    }

    private const string EmbeddingColumnName = "Embedding";

    private SsnaTransformer WithCatalogue(ItemIds ids, Catalogue catalogue) =>
        new(_host, _settings, ids, catalogue, _itemPipeline?.Share(), Training);
}
