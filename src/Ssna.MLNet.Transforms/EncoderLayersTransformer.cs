using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Features;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Tokenization;
using TorchSharp;

[assembly: LoadableClass(
    typeof(EncoderLayersTransformer),
    null,
    typeof(SignatureLoadModel),
    "Top layers of a text encoder",
    EncoderLayersTransformer.LoaderSignature
)]

namespace Microsoft.ML.Transforms;

/// <summary>
/// <see cref="ITransformer"/> that adds the CLS vectors of an encoder's top layers to each text: the result of
/// <see cref="EncoderLayersEstimator"/>. Thread-safe.
/// </summary>
public sealed class EncoderLayersTransformer : ITransformer, IDisposable
{
    internal const string LoaderSignature = "EncoderLayers";
    private const string Channel = "Extracting layers";
    private const string WeightsEntry = "Weights.safetensors";

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
            options.Threads,
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

    /// <inheritdoc/>
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

    private static VersionInfo GetVersionInfo() =>
        new(
            modelSignature: "ENCLAYER",
            verWrittenCur: 0x00010002, // with a separator
            verReadableCur: 0x00010002,
            verWeCanReadBack: 0x00010001,
            loaderSignature: LoaderSignature,
            loaderAssemblyName: typeof(EncoderLayersTransformer).Assembly.FullName
        );

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        _host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        using Lifetime.Use use = _memory.Begin();
        ctx.SetVersionInfo(GetVersionInfo());
        // *** Binary format ***
        // text: output column, input column
        // int32: layers, maximum tokens, look-ahead rows, tokens a batch; int64: memory budget
        // int32: precision
        // text: model folder (its name alone where the files follow); int32, bytes: hash
        // text: separator
        // bool: whether the files follow, as entries of their own, each with its hash here:
        // the configuration; int32: the tokenizer's files, each with its name before its hash; the weights
        ctx.SaveNonEmptyString(_outputColumn);
        ctx.SaveNonEmptyString(_inputColumn);
        ctx.Writer.Write(_settings.Layers);
        ctx.Writer.Write(_settings.MaximumTokens);
        ctx.Writer.Write(_settings.LookAheadRows);
        ctx.Writer.Write(_settings.TokensPerBatch);
        ctx.Writer.Write(_settings.MemoryBudget);
        ctx.Writer.Write((int)Precision);
        // Paths of this machine mean nothing on another, and are nobody's business there.
        ctx.SaveNonEmptyString(_settings.StoreWeights ? new DirectoryInfo(_model.Folder).Name : _model.Folder);
        ctx.Writer.Write(_model.Hash.Length);
        ctx.Writer.Write(_model.Hash);
        ctx.SaveString(_separator);
        ctx.Writer.Write(_settings.StoreWeights);
        if (_settings.StoreWeights)
        {
            byte[] configuration = _model.Encoder.Configuration.ToJson();
            IReadOnlyDictionary<string, byte[]> tokenizer = _model.Tokenizer.Files.Contents;
            ModelEntries.SaveChecked(ctx, EncoderConfiguration.FileName, stream => stream.Write(configuration));
            ctx.Writer.Write(tokenizer.Count);
            foreach ((string name, byte[] content) in tokenizer)
            {
                ctx.SaveNonEmptyString(name);
                ModelEntries.SaveChecked(ctx, name, stream => stream.Write(content));
            }
            ModelEntries.SaveChecked(ctx, WeightsEntry, _model.Encoder.WriteWeights);
        }
    }

    // Found by reflection through the LoadableClass attribute.
    private static EncoderLayersTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Contracts.CheckValue(env, nameof(env));
        IHost host = env.Register(nameof(EncoderLayersTransformer));
        host.CheckValue(ctx, nameof(ctx));
        ModelEntries.CheckVersion(ctx, GetVersionInfo());
        try
        {
            return Load(env, host, ctx);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            // ML.NET wraps what is thrown here twice: the innermost exception is to be the one that says most.
            throw host.ExceptDecode($"The saved encoder layers are damaged: {e.Message}");
        }
    }

    private static EncoderLayersTransformer Load(IHostEnvironment env, IHost host, ModelLoadContext ctx)
    {
        string outputColumn = ctx.LoadNonEmptyString();
        string inputColumn = ctx.LoadNonEmptyString();
        int layers = ctx.Reader.ReadInt32();
        int maximumTokens = ctx.Reader.ReadInt32();
        int lookAheadRows = ctx.Reader.ReadInt32();
        int tokensPerBatch = ctx.Reader.ReadInt32();
        long memoryBudget = ctx.Reader.ReadInt64();
        var precision = (ComputePrecision)ctx.Reader.ReadInt32();
        string folder = ctx.LoadNonEmptyString();
        int hashLength = ctx.Reader.ReadInt32();
        Require(
            hashLength == SHA256.HashSizeInBytes,
            $"expected a hash of the encoder, found one of {hashLength} bytes."
        );
        byte[] hash = ctx.Reader.ReadBytes(hashLength);
        string separator =
            ctx.Header.ModelVerWritten < 0x00010002 ? TextColumn.DefaultSeparator : ctx.LoadStringOrNull() ?? "";
        bool storeWeights = ctx.Reader.ReadBoolean();
        ExtractionSettings settings = new(
            layers,
            maximumTokens,
            lookAheadRows,
            tokensPerBatch,
            memoryBudget,
            CacheFolder: null,
            storeWeights
        );
        Require(settings.Fault is null, settings.Fault);
        Require(Enum.IsDefined(precision), $"Precision: expected a defined value, found {precision}.");

        var context = env as IHostEnvironmentInternal;
        using IChannel channel = host.Start("Loading the encoder");
        torch.Device device = Hardware.ChooseDevice(channel, context?.GpuDeviceId, context?.FallbackToCpu ?? false);
        precision = Hardware.WithStandIn(channel, precision, device);
        EncoderModel model = storeWeights
            ? LoadStored(ctx, folder, hash, device, precision)
            : LoadFolder(host, folder, hash, device, precision);
        try
        {
            string? fault = settings.FaultWith(model.Encoder, folder);
            Require(fault is null, fault);
            return new EncoderLayersTransformer(
                env,
                outputColumn,
                inputColumn,
                separator,
                settings,
                model,
                progress: null,
                threads: null,
                CancellationToken.None
            );
        }
        catch
        {
            model.Dispose();
            throw;
        }

        static void Require(bool holds, string? fault)
        {
            if (!holds)
            {
                throw new InvalidDataException(fault);
            }
        }
    }

    private static EncoderModel LoadStored(
        ModelLoadContext ctx,
        string folder,
        byte[] hash,
        torch.Device device,
        ComputePrecision precision
    )
    {
        string source = $"the encoder '{folder}' in the saved model";
        var configuration = EncoderConfiguration.Parse(
            ModelEntries.LoadChecked(ctx, EncoderConfiguration.FileName, ReadAll),
            source
        );
        var contents = new Dictionary<string, byte[]>();
        for (int left = ctx.Reader.ReadInt32(); left > 0; left--)
        {
            string name = ctx.LoadNonEmptyString();
            contents[name] = ModelEntries.LoadChecked(ctx, name, ReadAll);
        }
        return ModelEntries.LoadChecked(
            ctx,
            WeightsEntry,
            stream =>
            {
                using SafetensorsFile weights = SafetensorsFile.Read(stream, source);
                return EncoderModel.Create(
                    folder,
                    hash,
                    configuration,
                    new TokenizerFiles(contents, source),
                    weights,
                    device,
                    precision
                );
            }
        );
    }

    private static EncoderModel LoadFolder(
        IExceptionContext context,
        string folder,
        byte[] hash,
        torch.Device device,
        ComputePrecision precision
    )
    {
        EncoderModel model = EncoderModel.Load(folder, device, precision);
        if (model.Hash.AsSpan().SequenceEqual(hash))
        {
            return model;
        }
        model.Dispose();
        throw context.ExceptDecode(
            $"The encoder in '{folder}' has changed since the model was saved with StoreWeights = false: expected files "
                + $"with the hash {Convert.ToHexStringLower(hash)}, found {Convert.ToHexStringLower(model.Hash)}."
        );
    }

    private static byte[] ReadAll(Stream stream)
    {
        var bytes = new byte[checked((int)(stream.Length - stream.Position))];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
