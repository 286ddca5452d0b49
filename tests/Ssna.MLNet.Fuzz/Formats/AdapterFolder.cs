using System.Text.Json.Nodes;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Fuzz.Formats;

/// <summary>A folder in PEFT's layout, read into deltas of the same shape.</summary>
internal sealed class AdapterFolder(string name, bool adaptive) : Format(name)
{
    private ParameterBuffer? _parameters;
    private LowRankEncoder? _encoder;

    public override void Write(string folder)
    {
        PeftFolder.Write(folder, Encoder);
        if (adaptive)
        {
            string path = Path.Combine(folder, PeftConfiguration.FileName);
            JsonNode json = JsonNode.Parse(File.ReadAllBytes(path))!;
            json["rank_pattern"] = new JsonObject(
                Encoder.Deltas.Select(delta =>
                    KeyValuePair.Create(delta.Values!.Name, (JsonNode?)new JsonArray(true, true, true, true))
                )
            );
            File.WriteAllText(path, json.ToJsonString());
        }
    }

    public override string Read(string folder)
    {
        PeftFolder.Read(folder, Encoder);
        return EncoderFolder.Hash([
            .. Encoder.Deltas.SelectMany(delta =>
            {
                using var scope = NewDisposeScope();
                return delta.Weight().detach().cpu().contiguous().data<float>().ToArray();
            }),
        ]);
    }

    public override void Dispose()
    {
        base.Dispose();
        _encoder?.Dispose();
        _parameters?.Dispose();
    }

    private LowRankEncoder Encoder => _encoder ??= Create();

    private LowRankEncoder Create()
    {
        TorchRuntime.EnsureLoaded();
        TextEncoder pretrained = TextEncoder.Create(
            new EncoderConfiguration
            {
                Family = EncoderFamily.Bert,
                VocabularySize = 20,
                Width = 16,
                LayerCount = 2,
                HeadCount = 2,
                InnerWidth = 24,
                MaximumPositions = 16,
                TokenTypes = 2,
            },
            seed: 1
        );
        const EncoderProjections targets = EncoderProjections.Query | EncoderProjections.Value;
        var training = new EncoderTraining(pretrained, ActivationCheckpointing: false);
        _parameters = new ParameterBuffer();
        LowRankEncoder encoder = adaptive
            ? new AdaLoRAEncoder(
                _parameters,
                new AdaLoRAEncoderShape(
                    pretrained.Configuration,
                    pretrained.Precision,
                    targets,
                    Rank: 4,
                    Alpha: 8,
                    Dropout: 0,
                    OrthogonalityWeight: 0.5f,
                    new RankSchedule(2, 1, 2, 10, 1, 0.85f, 0.85f)
                ),
                dimension: 6,
                CPU,
                training
            )
            : new LoRAEncoder(
                _parameters,
                new LoRAEncoderShape(
                    pretrained.Configuration,
                    pretrained.Precision,
                    targets,
                    Rank: 4,
                    Alpha: 8,
                    Dropout: 0
                ),
                dimension: 6,
                CPU,
                training
            );
        _parameters.Allocate(CPU);
        using var generator = new Generator(5);
        _parameters.Initialize(generator);
        using var none = no_grad();
        foreach (var parameter in _parameters.All)
        {
            parameter.Value.add_(randn(parameter.Shape, generator: generator), alpha: 0.1f);
        }
        return encoder;
    }
}
