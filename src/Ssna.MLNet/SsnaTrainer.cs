using System.Diagnostics;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using Ssna.MLNet;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Sequences;
using Ssna.MLNet.Training;
using TorchSharp;

namespace Microsoft.ML.Trainers.Recommender;

/// <summary>
/// The <see cref="IEstimator{TTransformer}"/> for SSNA: adapters on an item's text features, joined into item embeddings, and
/// a sequence model over them that says what a user takes next.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create this trainer, use [Ssna](xref:Microsoft.ML.SsnaCatalog.Ssna*) of `mlContext.Recommendation().Trainers`.
///
/// ### Input and Output Columns
/// The training data has one row a user, with a column of sequences: a vector of <xref:System.String>, of any integer type or
/// of keys (which stand for their key values), oldest item first. The items' features come in a second data view,
/// <xref:Microsoft.ML.Trainers.Recommender.SsnaTrainer.Options.Items>, with an id of the same type and a
/// (layers, width) vector of <xref:System.Single>, top layer first.
///
/// This trainer outputs the following columns:
///
/// | Output Column Name | Column Type | Description |
/// | -- | -- | -- |
/// | `Score` | Vector of <xref:System.Single>, as long as the catalogue | The cosine of the user's and each item's embedding, from -1 to 1, to which for the items of the sequence is added what the model has learned of repeats (see <xref:Microsoft.ML.Trainers.Recommender.TrainingOptions.LearnRepeats>). Slot names are the item ids; an annotation `TrainingCounts` says how often each item was taken in the training data. For a row whose sequence has no item of the catalogue: each item's share of the interactions trained on. |
/// | `RecommendedItems` | Variable vector of the ids' own type | The ids of the best items, best first, at most `TopK`; of equal scores, the item that comes first in the catalogue. By default without the items of the row's own sequence. |
/// | `RecommendedScores` | Variable vector of <xref:System.Single> | The scores of `RecommendedItems`. |
///
/// ### Trainer Characteristics
/// |  |  |
/// | -- | -- |
/// | Machine learning task | Recommendation of the next item of a sequence |
/// | Is normalization required? | No: features are whitened by default, as part of the model |
/// | Is caching required? | No: sequences and features are read once |
/// | Required NuGet in addition to Microsoft.ML | Ssna.MLNet, and a TorchSharp backend such as libtorch-cpu-linux-x64 |
/// | Exportable to ONNX | Yes, by <xref:Microsoft.ML.Trainers.Recommender.SsnaTransformer.ExportOnnx*> |
///
/// ### Training Algorithm Details
/// Peng, Burns, Chen, Parthasarathy and Ning, *Towards Efficient and Effective Adaptation of Large Language Models for
/// Sequential Recommendation*: an adapter of several projection heads beside each of the top layers of a frozen encoder, a
/// GRU over the layers, and [SASRec](https://arxiv.org/abs/1808.09781) over the item embeddings it gives. The methods that the
/// paper compares it with are kinds of <xref:Microsoft.ML.Trainers.Recommender.ItemAdaptation>. See
/// <xref:Microsoft.ML.Trainers.Recommender.SsnaTrainer.Options> for where the defaults differ from the paper, and
/// <xref:Microsoft.ML.Trainers.Recommender.SsnaTrainer.Options.Paper> for the paper's settings.
/// ]]></format>
/// </remarks>
public sealed partial class SsnaTrainer : IEstimator<SsnaTransformer>
{
    private readonly IHost _host;
    private readonly Options _options;

    /// <summary>
    /// Takes a copy of the options; seed and device are looked up in the environment here where the options leave them open.
    /// </summary>
    /// <exception cref="ArgumentException">An option is missing or out of its range; the message names it.</exception>
    internal SsnaTrainer(IHostEnvironment environment, Options options)
    {
        Contracts.CheckValue(environment, nameof(environment));
        _host = environment.Register(nameof(SsnaTrainer));
        _host.CheckValue(options, nameof(options));
        _options = options.Clone();
        _options.Check();
        var settings = environment as IHostEnvironmentInternal;
        _options.Seed ??= settings?.Seed ?? 1;
        _options.GpuDeviceId ??= settings?.GpuDeviceId;
        _options.FallbackToCpu ??= settings?.FallbackToCpu ?? false;
    }

    /// <summary>Trains on the sequences of <paramref name="input"/>.</summary>
    /// <param name="input">One row a user, with the sequence column.</param>
    /// <returns>The transformer that scores and recommends; it holds native memory until it is disposed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, in any of the inputs.</exception>
    /// <exception cref="InvalidOperationException">
    /// The items have no rows, an id twice, or features that are missing, no numbers or of several widths; or no sequence can
    /// be learned from; or the GPU that was asked for is not there; or <see cref="TrainingOptions.Precision"/> is Float16 on a CPU; or
    /// the ranks of <see cref="TrainingOptions.Collective"/> were given unlike options or data; or
    /// training diverged: its loss is no number any more, which a lower <see cref="TrainingOptions.LearningRate"/> may help.
    /// </exception>
    /// <exception cref="FileNotFoundException">An encoder that is named by its id is not on the hub, or lacks a file.</exception>
    /// <exception cref="HttpRequestException">The hub is not reached, and its cache lacks the encoder.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    /// <exception cref="DllNotFoundException">The application brings no TorchSharp backend; the message says which to add.</exception>
    public SsnaTransformer Fit(IDataView input) => Fit(input, _options.StartFrom);

    /// <summary>
    /// Goes on training a model, as other trainers of ML.NET do that learn step by step: the same as
    /// <see cref="Options.StartFrom"/>, for a trainer that is kept from one training to the next.
    /// </summary>
    /// <param name="input">One row a user, with the sequence column.</param>
    /// <param name="startFrom">The model to go on from, instead of the options'; null starts from random weights.</param>
    /// <inheritdoc cref="Fit(IDataView)"/>
    public SsnaTransformer Fit(IDataView input, SsnaTransformer? startFrom)
    {
        _host.CheckValue(input, nameof(input));
        long start = Stopwatch.GetTimestamp();
        using IChannel channel = _host.Start("Training");
        RunContext context = Context(channel);
        _options.Adaptation.Prepare(context);
        ItemInputs inputs = _options.Adaptation.Inputs();
        using Lifetime.Use? use = startFrom?.Use();
        CheckColumns(input, inputs, startFrom);
        RunPlace place = ChoosePlace(channel);
        using TensorState state = TensorState.Frozen();
        using Shared<ITransformer>? pipeline = FitItemPipeline(context) ?? startFrom?.SharePipeline();
        using ItemTable items = ReadItems(inputs, pipeline?.Value, startFrom, context);
        return Train(context, channel, place, input, inputs, items, pipeline, startFrom, start);
    }

    /// <summary>Trains on items that have been read already, as several trainers share them.</summary>
    /// <param name="input">One row a user, with the sequence column.</param>
    /// <param name="inputs">What the options' adaptation reads of the items.</param>
    /// <param name="items">What was read; stays the caller's.</param>
    /// <param name="pipeline">The fitted item pipeline, or null; shared.</param>
    internal SsnaTransformer Fit(IDataView input, ItemInputs inputs, ItemTable items, Shared<ITransformer>? pipeline)
    {
        long start = Stopwatch.GetTimestamp();
        SsnaTransformer? startFrom = _options.StartFrom;
        using Lifetime.Use? use = startFrom?.Use();
        using IChannel channel = _host.Start("Training");
        RunContext context = Context(channel);
        return Train(context, channel, ChoosePlace(channel), input, inputs, items, pipeline, startFrom, start);
    }

    /// <summary>Where and in which precision it will train.</summary>
    /// <exception cref="InvalidOperationException">
    /// The GPU that was asked for is not there, or float16 was asked for without one.
    /// </exception>
    internal RunPlace ChoosePlace(IChannel channel)
    {
        torch.Device device = Hardware.ChooseDevice(channel, _options.GpuDeviceId, _options.FallbackToCpu!.Value);
        ComputePrecision precision = _options.GpuDeviceId is null
            ? _options.Precision
            : Hardware.WithStandIn(channel, _options.Precision, device);
        return RunPlace.On(device, precision);
    }

    private Shared<ITransformer>? FitItemPipeline(RunContext context)
    {
        using var reading = ReaderCancellation.Begin(context.CheckAlive);
        return _options.ItemPipeline?.Fit(_options.Items) is { } fitted ? new(fitted) : null;
    }

    private ItemTable ReadItems(ItemInputs inputs, ITransformer? pipeline, SsnaTransformer? start, RunContext context)
    {
        using var reading = ReaderCancellation.Begin(context.CheckAlive);
        IDataView items = _options.Items!;
        if (_options.ItemPipeline is not null || start?.NeedsPipeline(items.Schema, inputs) == true)
        {
            items = pipeline!.Transform(items);
        }
        return inputs.Read(_host, items, _options.ItemColumnName, context, ranks: new Ranks(_options.Collective));
    }

    private SsnaTransformer Train(
        RunContext context,
        IChannel channel,
        RunPlace place,
        IDataView input,
        ItemInputs inputs,
        ItemTable items,
        Shared<ITransformer>? pipeline,
        SsnaTransformer? startFrom,
        long start
    )
    {
        TrainingSequences sequences = TrainingSequences.Read(
            channel,
            input,
            _options.ValidationSet,
            _options.ForTrainingData(),
            items.Ids,
            context
        );
        foreach (string remark in _options.Adaptation.Remarks)
        {
            context.Info(remark);
        }
        StartingModel? starting = startFrom?.Starting(_host, items.Ids, inputs);
        if (starting is not null)
        {
            context.Info(
                $"Starting from a model that knows {starting.KnownItems:N0} of the {items.Ids.Count:N0} items."
            );
        }
        SsnaTrainingResult result = SsnaTraining.Run(
            _options,
            items.Values,
            sequences.Training,
            sequences.Validation,
            place,
            context,
            starting
        );
        Catalogue catalogue;
        try
        {
            // A model that was asked for in spite of cancellation is finished.
            bool finish = result.Cancelled || _options.KeepBestOnCancellation;
            RunContext finishing = finish || !items.Values.Ranks.Alone ? context.Unstoppable() : context;
            using TensorThreads threads = TensorThreads.Use(_options.NumberOfThreads);
            using torch.Tensor embeddings =
                result.Embeddings ?? ItemEmbeddings.Of(result.Model, items.Values, finishing); // (I, d)
            ItemEmbeddings.RequireFinite(_host, embeddings, items.Ids, _options.ItemColumnName);
            catalogue = new(
                new Shared<SsnaModel>(result.Model),
                ItemVectors.Of(embeddings),
                sequences.Popularity(),
                trainedRows: null,
                result.Repeats
            );
        }
        catch
        {
            result.Model.Dispose();
            throw;
        }
        var summary = new SsnaTrainingSummary(
            result.Epochs,
            result.BestEpoch,
            sequences.Training.Count,
            sequences.Validation.Count,
            result.Model.Parameters.TrainedLength,
            Stopwatch.GetElapsedTime(start)
        )
        {
            EarlierTrainings = startFrom is null ? 0 : startFrom.Training.EarlierTrainings + 1,
            Interactions = sequences.ItemCounts.Sum(),
        };
        return new SsnaTransformer(
            _host,
            _options.ForTransformer(inputs.Of(items.Values.Rows), startFrom),
            items.Ids,
            catalogue,
            pipeline?.Share(),
            summary
        );
    }

    // Of several ranks the first tells.
    private RunContext Context(IChannel channel) =>
        new(_host, _options.Collective is null or { Rank: 0 } ? channel : null, _options.CancellationToken);
}
