using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Features;
using Ssna.MLNet.Hub;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Runtime;
using TorchSharp;

namespace Microsoft.ML.Transforms;

/// <summary>
/// <see cref="IEstimator{TTransformer}"/> that runs a frozen BERT, RoBERTa, DistilBERT or MPNet encoder over texts and returns
/// the first token's vector (CLS) in each of its top layers.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ### Input and Output Columns
/// | Column | Type | What it holds |
/// | -- | -- | -- |
/// | input | [text](xref:Microsoft.ML.Data.TextDataViewType) or a vector of it | a text, the empty one too; a vector's are joined |
/// | output | known-sized vector (layers, width) of <xref:System.Single> | the CLS vectors, the top layer first |
///
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | No: it loads the model |
/// | Input column data type | text, or vector of text |
/// | Output column data type | vector of <xref:System.Single> |
/// | Exportable to ONNX | No |
///
/// Each distinct text is computed once: a cursor reads a window of rows ahead, sorts its new texts by length and computes them
/// in batches; results stay in memory and, where a cache folder is given, on disk. Texts longer than the encoder takes are cut.
/// Layers that are no finite numbers, as where weights are too large to compute with in the precision at hand, are an
/// <xref:System.InvalidOperationException> when rows are read.
/// A folder whose configuration has <c>pruned_heads</c> is refused; tensors that the encoder does not use may be of any type.
/// ]]></format>
/// </remarks>
/// <seealso cref="EncoderLayersCatalog"/>
public sealed class EncoderLayersEstimator : IEstimator<EncoderLayersTransformer>
{
    /// <summary>How many layers are extracted, and read by SSNA, unless somebody says otherwise: 2.</summary>
    public const int DefaultLayers = 2;

    /// <summary>Settings of <see cref="EncoderLayersEstimator"/>.</summary>
    public sealed class Options
    {
        /// <summary>The column to make. Default "Layers".</summary>
        public string OutputColumnName = "Layers";

        /// <summary>
        /// The column to read, a text or a vector of texts (what <c>Concatenate</c> makes of title and genres, say); null means
        /// <see cref="OutputColumnName"/>.
        /// </summary>
        public string? InputColumnName;

        /// <summary>What a vector's texts are joined by; empty ones are left out. Default " ".</summary>
        public string Separator = TextColumn.DefaultSeparator;

        /// <summary>
        /// The folder of the model as the Hugging Face hub lays it out, or the model's id there, as <c>owner/name</c> or
        /// <c>owner/name@revision</c>, whose files are then fetched once (see <see cref="Hub"/>). A folder that is there wins. The
        /// files are config.json, model.safetensors (or shards with an index), and those of its tokenizer: tokenizer.json, or
        /// vocab.txt, or vocab.json and merges.txt; with tokenizer_config.json, and added_tokens.json and special_tokens_map.json
        /// where there are any. Required.
        /// </summary>
        public string Model = "";

        /// <summary>How a <see cref="Model"/> that is an id is fetched. Default null: as the environment says.</summary>
        public ModelHub? Hub;

        /// <summary>How many layers, counted from the top. Default <see cref="DefaultLayers"/>.</summary>
        public int Layers = DefaultLayers;

        /// <summary>
        /// The most tokens of a text, special ones included; null means as many as the encoder takes, or the
        /// <c>model_max_length</c> of its tokenizer_config.json where that is less. A shorter max_seq_length of its
        /// sentence_bert_config.json is a line in the log: that limit is of sentence embeddings, which are trained on short texts,
        /// and not of layers.
        /// </summary>
        public int? MaximumTokens;

        /// <summary>Rows that a cursor reads ahead, to find equal texts and texts of like length. Default 4,096.</summary>
        public int LookAheadRows = 4096;

        /// <summary>Tokens that a thread computes at once, padding included. Default 2,048.</summary>
        public int TokensPerBatch = 2048;

        /// <summary>Threads for the tensors while extracting, or null to leave the process's number as it is.</summary>
        public int? NumberOfThreads;

        /// <summary>The number format of the matrix products. Default: automatic. What was chosen is logged and saved.</summary>
        public ComputePrecision Precision = ComputePrecision.Auto;

        /// <summary>Bytes of results that stay in memory at most. Default 1 GiB.</summary>
        public long MemoryBudget = 1L << 30;

        /// <summary>
        /// A folder that keeps results between runs and processes, keyed by model, settings and text; null for none. It
        /// belongs to this machine: a saved transformer does not hold it. A folder that cannot be used, or is deleted while it
        /// is, costs time and a warning.
        /// </summary>
        public string? CacheFolder;

        /// <summary>
        /// Whether a saved transformer holds the encoder's weights. If false it holds the path of <see cref="Model"/>, or its id and
        /// commit, and a hash of its files, and loading it where they have changed is an error. Default true.
        /// </summary>
        public bool StoreWeights = true;

        /// <summary>The CUDA device; null means the context's <see cref="MLContext.GpuDeviceId"/>, by default the CPU.</summary>
        public int? GpuDeviceId;

        /// <summary>Whether a missing GPU means the CPU; null means the context's <see cref="MLContext.FallbackToCpu"/>.</summary>
        public bool? FallbackToCpu;

        /// <summary>Told of each batch, on the thread that computes; null for nobody.</summary>
        public IProgress<EncoderLayersProgress>? Progress;

        /// <summary>
        /// Stops the fetching of a model, and an extraction after the batch at hand, whoever reads through the fitted transformer;
        /// a saved one does not hold it. Default: nothing stops it. In a trainer's ItemPipeline it counts, beside the trainer's own, while the trainer reads
        /// its items: the trained model ignores it, and its WithItems takes a token.
        /// </summary>
        public CancellationToken CancellationToken;

        internal Options Clone() => (Options)MemberwiseClone();
    }

    private readonly IHost _host;
    private readonly Options _options;
    private readonly int? _gpu;
    private readonly bool _fallbackToCpu;

    /// <summary>Takes a copy of the options.</summary>
    /// <exception cref="ArgumentException">An option is missing or out of its range; the message names it.</exception>
    internal EncoderLayersEstimator(IHostEnvironment env, Options options)
    {
        Contracts.CheckValue(env, nameof(env));
        _host = env.Register(nameof(EncoderLayersEstimator));
        _host.CheckValue(options, nameof(options));
        options = options.Clone();
        Check(options);
        _options = options;
        // ML.NET's rule: where to compute is read when an estimator is made.
        var context = env as IHostEnvironmentInternal;
        _gpu = options.GpuDeviceId ?? context?.GpuDeviceId;
        _fallbackToCpu = options.FallbackToCpu ?? context?.FallbackToCpu ?? false;
    }

    /// <summary>Loads the model; the data is looked at for its schema alone.</summary>
    /// <param name="input">Data with the text column.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The column is missing or no text, or the encoder has fewer layers, or takes fewer tokens, than the options ask for.
    /// </exception>
    /// <exception cref="FileNotFoundException">
    /// The model folder does not exist, or lacks a file; or the hub has no such model, or none as safetensors.
    /// </exception>
    /// <exception cref="HttpRequestException">The hub is not reached, and its cache lacks the model.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled while the model was fetched.</exception>
    /// <exception cref="InvalidDataException">A file of the model folder is damaged, or not of a family that can be read.</exception>
    /// <exception cref="InvalidOperationException">
    /// The GPU that was asked for is not there and no CPU may stand in for it, or <see cref="ComputePrecision.Float16"/> was
    /// asked for on a CPU.
    /// </exception>
    /// <exception cref="DllNotFoundException">The application brings no TorchSharp backend; the message says which to add.</exception>
    /// <exception cref="IOException">A file of the model folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of a permission, or of a token for the hub.</exception>
    public EncoderLayersTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        string inputColumn = _options.InputColumnName ?? _options.OutputColumnName;
        TextColumn.Require(_host, input.Schema, inputColumn);
        using IChannel channel = _host.Start("Loading the encoder");
        torch.Device device = Hardware.ChooseDevice(channel, _gpu, _fallbackToCpu);
        ComputePrecision precision = _gpu is null
            ? _options.Precision
            : Hardware.WithStandIn(channel, _options.Precision, device);
        ModelFolder folder = (_options.Hub ?? new ModelHub()).Find(
            _options.Model,
            HubFiles.Encoder,
            new RunContext(_host, channel, _options.CancellationToken)
        );
        EncoderModel model = EncoderModel.Load(folder, device, precision);
        try
        {
            channel.Info(
                $"Encoder '{_options.Model}': {model.Encoder.LayerCount} layers of width {model.Encoder.Width}, "
                    + $"on {device}, precision {model.Encoder.Precision}."
            );
            if (model.Remark is { } remark)
            {
                channel.Info(remark);
            }
            ExtractionSettings settings = ExtractionSettings.Create(_options, model);
            if (
                _options.MaximumTokens is null
                && SentenceSettings.MaximumTokens(folder.Path) is { } shorter
                && shorter < settings.MaximumTokens
            )
            {
                channel.Info(
                    $"'{SentenceSettings.FileName}' of '{_options.Model}' has a max_seq_length of {shorter}; texts are read up to "
                        + $"{settings.MaximumTokens} tokens. Option {nameof(Options.MaximumTokens)} sets another limit."
                );
            }
            return new EncoderLayersTransformer(_host, _options, settings, model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        TextColumn.Require(_host, inputSchema, _options.InputColumnName ?? _options.OutputColumnName);
        return SchemaChecks.With(
            inputSchema,
            new SchemaShape.Column(
                _options.OutputColumnName,
                SchemaShape.Column.VectorKind.Vector,
                NumberDataViewType.Single,
                isKey: false
            )
        );
    }

    private static void Check(Options o)
    {
        OptionsChecks.NotEmpty(o.OutputColumnName, nameof(o.OutputColumnName));
        OptionsChecks.Require(o.InputColumnName is not "", "''", nameof(o.InputColumnName), "a column name or null");
        OptionsChecks.Require(o.Separator is not null, null, nameof(o.Separator), "a text, the empty one too");
        OptionsChecks.Require(
            !string.IsNullOrEmpty(o.Model),
            $"'{o.Model}'",
            nameof(o.Model),
            "the folder of an encoder, or its id on the Hugging Face hub"
        );
        OptionsChecks.AtLeast(1, o.Layers, nameof(o.Layers));
        OptionsChecks.AtLeast(2, o.MaximumTokens ?? 2, nameof(o.MaximumTokens));
        OptionsChecks.AtLeast(1, o.LookAheadRows, nameof(o.LookAheadRows));
        OptionsChecks.AtLeast(1, o.TokensPerBatch, nameof(o.TokensPerBatch));
        TensorThreads.Check(o.NumberOfThreads, nameof(o.NumberOfThreads));
        OptionsChecks.Require(o.MemoryBudget >= 0, o.MemoryBudget, nameof(o.MemoryBudget), "at least 0");
        OptionsChecks.Require(o.CacheFolder is not "", "''", nameof(o.CacheFolder), "a folder or null");
        OptionsChecks.Defined(o.Precision, nameof(o.Precision));
    }
}
