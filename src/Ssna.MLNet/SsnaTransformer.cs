using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet;
using Ssna.MLNet.Columns;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;

namespace Microsoft.ML.Trainers.Recommender;

/// <summary>
/// The <see cref="ITransformer"/> that <see cref="SsnaTrainer"/> fits: scores the catalogue for users known by their sequences,
/// and recommends from it.
/// </summary>
/// <remarks>
/// <para>
/// Sequences are used as they are given: items that the catalogue does not have are skipped (and counted in the log, once a
/// cursor), the model looks at the most recent <see cref="SequenceModel.MaximumSequenceLength"/> of the others (what it has learned of repeats,
/// at all of them), and a user of whom nothing is left gets the most popular items, scored by their share of the interactions trained on.
/// </para>
/// <para>
/// All members may be used from several threads at once. The transformer holds native memory until it is disposed of and the
/// calls that are in flight have returned; those made from it by <see cref="WithItems"/>, <see cref="WithoutItems"/> and <see cref="WithItemPrecision"/> are disposed
/// on their own.
/// </para>
/// </remarks>
public sealed partial class SsnaTransformer : ITransformer, IDisposable
{
    private readonly IHost _host;
    private readonly TransformerSettings _settings;
    private readonly ItemIds _ids;
    private readonly Catalogue _catalogue;
    private readonly Shared<ITransformer>? _itemPipeline;
    private readonly Lifetime _memory;

    internal SsnaTransformer(
        IHostEnvironment environment,
        TransformerSettings settings,
        ItemIds ids,
        Catalogue catalogue,
        Shared<ITransformer>? itemPipeline,
        SsnaTrainingSummary training
    )
        : this(
            environment,
            settings,
            ids,
            catalogue,
            itemPipeline,
            training,
            new Lifetime(
                typeof(SsnaTransformer),
                () =>
                {
                    catalogue.Dispose();
                    itemPipeline?.Dispose();
                }
            )
        ) { }

    private SsnaTransformer(
        IHostEnvironment environment,
        TransformerSettings settings,
        ItemIds ids,
        Catalogue catalogue,
        Shared<ITransformer>? itemPipeline,
        SsnaTrainingSummary training,
        Lifetime memory
    )
    {
        _host = environment.Register(nameof(SsnaTransformer));
        (_settings, _ids, _catalogue, _itemPipeline) = (settings, ids, catalogue, itemPipeline);
        (Training, _memory) = (training, memory);
    }

    /// <summary>How the model was trained.</summary>
    public SsnaTrainingSummary Training { get; }

    /// <summary>The number of items in the catalogue.</summary>
    public int ItemCount => _ids.Count;

    /// <summary>The width of item and user embeddings.</summary>
    public int Dimension => _catalogue.Model.Shape.Dimension;

    /// <summary>In which numbers the items' embeddings are kept: Float32 after training. See <see cref="WithItemPrecision"/>.</summary>
    public ItemPrecision ItemPrecision
    {
        get
        {
            using Lifetime.Use use = _memory.Begin();
            return _catalogue.Items.Precision;
        }
    }

    /// <summary>Always true.</summary>
    public bool IsRowToRowMapper => true;

    /// <summary>The input schema with the columns Score, RecommendedItems and RecommendedScores added.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The sequence column is missing or of the wrong type.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => CreateMapper(inputSchema).OutputSchema;

    /// <summary>Adds the columns Score, RecommendedItems and RecommendedScores, computed as they are read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The sequence column is missing or of the wrong type.</exception>
    public IDataView Transform(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        return CreateMapper(input.Schema).Apply(input);
    }

    /// <summary>The same row by row, as a prediction engine uses it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The sequence column is missing or of the wrong type.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => CreateMapper(inputSchema);

    /// <summary>
    /// Frees the native memory, once the calls that are in flight on other threads have returned; a cursor that is open over a
    /// data view made by <see cref="Transform"/> counts as one. Later calls, and data views that are read later, throw
    /// <see cref="ObjectDisposedException"/>; transformers made from this one keep what they need.
    /// </summary>
    /// <remarks>
    /// A prediction engine disposes of its transformer when it is disposed, unless it was created with
    /// <see cref="PredictionEngineOptions.OwnsTransformer"/> = false.
    /// </remarks>
    public void Dispose() => _memory.End();

    /// <summary>The model's shape.</summary>
    internal SsnaModelShape Shape => _catalogue.Model.Shape;

    /// <summary>The memory that the items' embeddings take.</summary>
    internal long ItemBytes
    {
        get
        {
            using Lifetime.Use use = _memory.Begin();
            return _catalogue.Items.Bytes;
        }
    }

    /// <summary>The same model with other settings of its recommendations.</summary>
    /// <param name="topK">How many of the best at most.</param>
    /// <param name="excludeHistory">Whether they leave out the row's own items.</param>
    /// <returns>A transformer that owns what this one did: only one of the two is to be used, and disposed.</returns>
    internal SsnaTransformer Recommending(int topK, bool excludeHistory) =>
        new(
            _host,
            _settings with
            {
                TopK = topK,
                ExcludeHistory = excludeHistory,
            },
            _ids,
            _catalogue,
            _itemPipeline,
            Training,
            _memory
        );

    private HistoryMapper CreateMapper(DataViewSchema inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        IdColumn sequence = RequireSequence(inputSchema);
        return new HistoryMapper(
            _host,
            inputSchema,
            sequence,
            RecommendationColumns.Delivered(_settings, _ids, sequence.Column, TrainingCounts),
            _ids,
            _memory,
            reader => new RecommendationComputation(_host, reader, _settings, _ids, _catalogue)
        );
    }

    private IdColumn RequireSequence(DataViewSchema schema) =>
        IdColumn.Require(_host, schema, _settings.Sequence, "sequence", vector: true, _ids.Type);
}
