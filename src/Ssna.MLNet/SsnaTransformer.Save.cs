using System.Text;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Saved;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

[assembly: LoadableClass(
    typeof(SsnaTransformer),
    null,
    typeof(SignatureLoadModel),
    "SSNA sequential recommender",
    SsnaTransformer.LoaderSignature
)]

namespace Microsoft.ML.Trainers.Recommender;

// In the zip: the settings as JSON, the ids in a binary table, every tensor in one safetensors file, and the item pipeline as
// a model of its own. The main stream has ML.NET's header with the format's version, and a hash of each file but the pipeline's.
public sealed partial class SsnaTransformer
{
    internal const string LoaderSignature = "SsnaTransformer";

    /// <summary>The version of the format: 1 was without hashes of the files, 2 had settings without a version, 3 knew no repeats.</summary>
    internal const uint FormatVersion = 0x00010004;

    private const uint OldestVersion = 0x00010003;

    private const string SettingsEntry = "Settings.json";
    private const string IdsEntry = "Items.bin";
    private const string TensorsEntry = "Tensors.safetensors";
    private const string PipelineFolder = "ItemPipeline";
    private const string PopularityTensor = "items.popularity";
    private const string RowsTensor = "items.trained_rows";
    private const string RepeatsTensor = "items.repeats";

    private static VersionInfo Version() =>
        new(
            modelSignature: "SSNA REC",
            verWrittenCur: FormatVersion,
            verReadableCur: FormatVersion,
            verWeCanReadBack: OldestVersion,
            loaderSignature: LoaderSignature,
            loaderAssemblyName: typeof(SsnaTransformer).Assembly.FullName
        );

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        _host.CheckValue(ctx, nameof(ctx));
        ModelEntries.Begin(ctx, Version());
        using Lifetime.Use use = _memory.Begin();
        SsnaModel model = _catalogue.Model;
        Repeats? repeats = _catalogue.Repeats;
        var saved = new SavedModel(
            SavedModel.PresentVersion,
            _settings,
            model.Shape,
            SavedTraining.Of(Training),
            repeats is null ? null : SavedRepeats.Of(repeats)
        );
        ModelEntries.SaveChecked(ctx, SettingsEntry, saved.Write);
        ModelEntries.SaveChecked(
            ctx,
            IdsEntry,
            stream =>
            {
                using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
                _ids.Save(writer);
            }
        );
        using var scope = NewDisposeScope();
        List<(string Name, Tensor Value)> ofItems =
        [
            (PopularityTensor, tensor(_catalogue.Popularity, ScalarType.Float32)),
        ]; // (I)
        // Of use to who goes on training embeddings of items, and needless where each still has its place.
        if (model.Items.Table is not null && _catalogue.TrainedRows is { } rows)
        {
            ofItems.Add((RowsTensor, tensor(rows, ScalarType.Int32))); // (I)
        }
        if (repeats is not null)
        {
            ofItems.Add((RepeatsTensor, tensor(repeats.Rates.Items, ScalarType.Float32))); // (I)
        }
        ModelEntries.SaveChecked(
            ctx,
            TensorsEntry,
            stream => SafetensorsWriter.Write(stream, [.. model.Tensors, .. _catalogue.Items.Tensors, .. ofItems])
        );
        if (_itemPipeline is not null)
        {
            ctx.SaveModel(_itemPipeline.Value, PipelineFolder);
        }
    }

    // Found by ML.NET through the LoadableClass attribute.
    private static SsnaTransformer Create(IHostEnvironment environment, ModelLoadContext ctx)
    {
        Contracts.CheckValue(environment, nameof(environment));
        IHost host = environment.Register(LoaderSignature);
        host.CheckValue(ctx, nameof(ctx));
        ModelEntries.CheckVersion(ctx, Version());
        var settings = environment as IHostEnvironmentInternal;
        using IChannel channel = host.Start("Loading");
        Device device = Hardware.ChooseDevice(channel, settings?.GpuDeviceId, settings?.FallbackToCpu ?? false);
        using TensorState state = TensorState.Frozen();
        try
        {
            SavedModel saved = ModelEntries.LoadChecked(
                ctx,
                SettingsEntry,
                stream => SavedModel.Read(stream, SettingsEntry)
            );
            ItemIds ids = ModelEntries.LoadChecked(
                ctx,
                IdsEntry,
                stream =>
                {
                    using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
                    return ItemIds.Load(reader);
                }
            );
            saved.Columns.Check();
            saved.Model.Check(saved.Columns.Inputs, ids.Count);
            saved.Repeats?.Check();
            saved.Training.Check();
            Catalogue catalogue = ModelEntries.LoadChecked(
                ctx,
                TensorsEntry,
                stream => LoadCatalogue(stream, saved, ids.Count, device)
            );
            try
            {
                ctx.LoadModelOrNull<ITransformer, SignatureLoadModel>(
                    environment,
                    out ITransformer pipeline,
                    PipelineFolder
                );
                return new SsnaTransformer(
                    environment,
                    saved.Columns,
                    ids,
                    catalogue,
                    pipeline is null ? null : new Shared<ITransformer>(pipeline),
                    saved.Training.Summary()
                );
            }
            catch
            {
                catalogue.Dispose();
                throw;
            }
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or InvalidDataException
                        or EndOfStreamException
                        or ArgumentOutOfRangeException
                        or NotSupportedException
            )
        {
            // ML.NET wraps what is thrown here twice: the innermost exception is to be the one that says most.
            throw host.ExceptDecode($"The saved SSNA model is damaged: {e.Message}");
        }
    }

    private static Catalogue LoadCatalogue(Stream stream, SavedModel saved, int itemCount, Device device)
    {
        using SafetensorsFile file = SafetensorsFile.Read(stream, TensorsEntry);
        using var scope = NewDisposeScope();
        float[] popularity = ReadItems(PopularityTensor);
        Repeats? repeats = saved.Repeats?.Restore(ReadItems(RepeatsTensor));
        ItemVectors items = ItemVectors.Restore(file, itemCount, saved.Model.Dimension, device);
        try
        {
            int[]? rows = ReadRows(file, itemCount);
            SsnaModel model = saved.Model.Restore(file, device);
            if (model.Items.Table is { } table && rows?.All(row => row >= -1 && row < table.Rows.Shape[0]) == false)
            {
                model.Dispose();
                throw new InvalidDataException(
                    $"Tensor '{RowsTensor}': expected rows from -1 to {table.Rows.Shape[0] - 1}, found others."
                );
            }
            return new Catalogue(new Shared<SsnaModel>(model), items, popularity, rows, repeats);
        }
        catch
        {
            items.Dispose();
            throw;
        }

        float[] ReadItems(string name) => ModelTensors.Read(file, name, itemCount).data<float>().ToArray(); // (I)
    }

    private static int[]? ReadRows(SafetensorsFile file, int itemCount)
    {
        if (!file.Contains(RowsTensor))
        {
            return null;
        }
        using Tensor rows = ModelTensors.ReadRaw(file, RowsTensor, itemCount); // (I)
        return rows.dtype == ScalarType.Int32
            ? rows.data<int>().ToArray()
            : throw new InvalidDataException($"Tensor '{RowsTensor}': expected int32, found {rows.dtype}.");
    }
}
