using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Features;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>
/// <see cref="ITransformer"/> that adds the CLS vectors of an encoder's top layers to each text: the result of
/// <see cref="EncoderLayersEstimator"/>. Thread-safe.
/// </summary>
/// <remarks>
/// Texts are computed when rows are read: what is thrown then comes from the cursor, or from what drives it.
/// </remarks>
public sealed partial class EncoderLayersTransformer : ITransformer, IDisposable
{
    private const string Channel = "Extracting layers";

    private readonly IHost _host;
    private readonly string _outputColumn;
    private readonly string _inputColumn;
    private readonly string _separator;
    private readonly ExtractionSettings _settings;
    private readonly EncoderModel _model;
    private readonly LayerExtractor _extractor;
    private readonly Lifetime _memory;
    private readonly CancellationToken _cancellation;

    internal EncoderLayersTransformer(
        IHostEnvironment env,
        EncoderLayersEstimator.Options options,
        ExtractionSettings settings,
        EncoderModel model
    )
        : this(
            env,
            options.OutputColumnName,
            options.InputColumnName ?? options.OutputColumnName,
            options.Separator,
            settings,
            model,
            options.Progress,
            options.NumberOfThreads,
            options.CancellationToken
        ) { }

    private EncoderLayersTransformer(
        IHostEnvironment env,
        string outputColumn,
        string inputColumn,
        string separator,
        ExtractionSettings settings,
        EncoderModel model,
        IProgress<EncoderLayersProgress>? progress,
        int? threads,
        CancellationToken cancellation
    )
    {
        _host = env.Register(nameof(EncoderLayersTransformer));
        (_outputColumn, _inputColumn, _separator) = (outputColumn, inputColumn, separator);
        (_settings, _model) = (settings, model);
        _memory = new Lifetime(typeof(EncoderLayersTransformer), model.Dispose);
        _cancellation = cancellation;
        _extractor = new LayerExtractor(model, settings, progress, threads, Inform, Warn);
    }

    /// <summary>The texts computed by this transformer so far; texts found in memory or in the cache folder do not count.</summary>
    public EncoderLayersProgress Computed => _extractor.Done;

    /// <summary>The precision of the matrix products; never <see cref="ComputePrecision.Auto"/>.</summary>
    public ComputePrecision Precision => _model.Encoder.Precision;

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => CreateMapper(inputSchema).OutputSchema;

    /// <summary>Adds the column to data; its texts are computed when rows are read.</summary>
    /// <param name="input">Data with the text column.</param>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or no text.</exception>
    /// <exception cref="InvalidOperationException">
    /// When rows are read: a text's layers are no finite numbers, as where weights are too large to compute with in the precision
    /// at hand. The message names encoder, precision and text.
    /// </exception>
    /// <exception cref="OperationCanceledException">When rows are read: the options' token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The transformer is disposed of.</exception>
    public IDataView Transform(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        return CreateMapper(input.Schema).Apply(input);
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => CreateMapper(inputSchema);

    /// <summary>
    /// Frees the encoder, once the calls that are in flight have returned; data views made by <see cref="Transform"/> cannot be
    /// read afterwards, but for those that are being read.
    /// </summary>
    public void Dispose() => _memory.End();

    private EncoderLayersMapper CreateMapper(DataViewSchema inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        return new EncoderLayersMapper(
            _host,
            inputSchema,
            _outputColumn,
            _inputColumn,
            _separator,
            new VectorDataViewType(NumberDataViewType.Single, _settings.Layers, _model.Encoder.Width),
            _extractor,
            _settings.LookAheadRows,
            _memory,
            _cancellation
        );
    }

    private void Inform(string message)
    {
        using IChannel channel = _host.Start(Channel);
        channel.Info(message);
    }

    private void Warn(string message)
    {
        using IChannel channel = _host.Start(Channel);
        channel.Warning(message);
    }
}
