using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Features;
using Ssna.MLNet.Hub;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Runtime;
using TorchSharp;

[assembly: LoadableClass(
    typeof(EncoderLayersTransformer),
    null,
    typeof(SignatureLoadModel),
    "Top layers of a text encoder",
    SavedEncoderLayers.LoaderSignature
)]

namespace Microsoft.ML.Transforms;

// In the zip: the settings in the main stream, and where weights are stored the encoder's files as entries beside it.
public sealed partial class EncoderLayersTransformer
{
    /// <summary>
    /// Saves the transformer as <c>mlContext.Model.Save</c> does, for <c>mlContext.Model.Load</c>, without an input schema. The file
    /// is written beside and takes its name once it is complete: whatever happens, a file of that name stays whole.
    /// </summary>
    /// <param name="path">The .zip; replaced where it exists.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of a permission.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelFile.Save(_host, this, path);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        _host.CheckValue(ctx, nameof(ctx));
        using Lifetime.Use use = _memory.Begin();
        new SavedEncoderLayers(
            _outputColumn,
            _inputColumn,
            _settings.Layers,
            _settings.MaximumTokens,
            _settings.LookAheadRows,
            _settings.TokensPerBatch,
            _settings.MemoryBudget,
            Precision,
            // Paths of this machine mean nothing on another, and are nobody's business there.
            _settings.StoreWeights
                ? ModelFolder.PortableName(_model.Name)
                : _model.Name,
            _model.Hash,
            _separator,
            _settings.StoreWeights
        ).Write(ctx);
        if (_settings.StoreWeights)
        {
            SavedEncoder.Write(ctx, _model);
        }
    }

    // Found by reflection through the LoadableClass attribute.
    private static EncoderLayersTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Contracts.CheckValue(env, nameof(env));
        IHost host = env.Register(nameof(EncoderLayersTransformer));
        host.CheckValue(ctx, nameof(ctx));
        ModelEntries.CheckVersion(ctx, SavedEncoderLayers.Version);
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
        SavedEncoderLayers saved = SavedEncoderLayers.Read(ctx);
        ExtractionSettings settings = new(
            saved.Layers,
            saved.MaximumTokens,
            saved.LookAheadRows,
            saved.TokensPerBatch,
            saved.MemoryBudget,
            CacheFolder: null,
            saved.StoresWeights
        );
        Require(settings.Fault);
        var context = env as IHostEnvironmentInternal;
        using IChannel channel = host.Start("Loading the encoder");
        torch.Device device = Hardware.ChooseDevice(channel, context?.GpuDeviceId, context?.FallbackToCpu ?? false);
        ComputePrecision precision = Hardware.WithStandIn(channel, saved.Precision, device);
        EncoderModel model = saved.StoresWeights
            ? SavedEncoder.Read(ctx, saved.Folder, saved.Hash, device, precision)
            : LoadNamed(host, channel, saved.Folder, saved.Hash, device, precision);
        try
        {
            Require(settings.FaultWith(model.Encoder, saved.Folder));
            return new EncoderLayersTransformer(
                env,
                saved.OutputColumn,
                saved.InputColumn,
                saved.Separator,
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

        static void Require(string? fault)
        {
            if (fault is not null)
            {
                throw new InvalidDataException(fault);
            }
        }
    }

    private static EncoderModel LoadNamed(
        IHost context,
        IChannel channel,
        string name,
        byte[] hash,
        torch.Device device,
        ComputePrecision precision
    )
    {
        // A folder of this machine, or a commit of a model on the hub: the hash tells whether it is still the same.
        ModelFolder folder = new ModelHub().Find(name, HubFiles.Encoder, new RunContext(context, channel));
        EncoderModel model = EncoderModel.Load(folder, device, precision);
        if (model.Hash.AsSpan().SequenceEqual(hash))
        {
            return model;
        }
        model.Dispose();
        throw context.ExceptDecode(
            $"The encoder in '{name}' has changed since the model was saved with StoreWeights = false: expected files "
                + $"with the hash {Convert.ToHexStringLower(hash)}, found {Convert.ToHexStringLower(model.Hash)}."
        );
    }
}
