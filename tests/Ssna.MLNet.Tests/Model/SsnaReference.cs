using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.SequenceModels;
using Ssna.MLNet.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>Every stage of SSNA on small shapes, computed elsewhere in float64, and a model with the same weights.</summary>
internal sealed class SsnaReference : IDisposable
{
    /// <summary>How far float32 may be from the reference, as refs/README.md has it.</summary>
    public const double Tolerance = 2e-5;

    private readonly SafetensorsFile _file;

    public SsnaReference()
    {
        _file = SafetensorsFile.Open(SharedFolder.Require("refs", "ssna", "ssna.safetensors"));
        int dimension = Setting("d");
        var items = new SsnaEncoderShape(
            Setting("a"),
            Setting("D"),
            FeatureScaling.None,
            Setting("experts"),
            LayerIntegration.Gru
        );
        var sequence = new SASRecEncoderShape(
            Setting("maxlen"),
            _file.Names.Count(name => name.StartsWith("param.blocks.") && name.EndsWith(".query.bias")),
            Setting("heads"),
            Setting("inner")
        );
        Model = new SsnaModel(
            dimension,
            parameters => items.Restore(parameters, dimension, CPU),
            parameters => sequence.Restore(parameters, dimension),
            CPU
        );
        foreach (Parameter parameter in Model.Parameters.All)
        {
            using var _ = no_grad();
            parameter.Value.copy_(Weights("param", parameter.Name));
        }
        Temperature = float.Parse(_file.Metadata["temperature"]);
        long[] ids = this["sequence_ids"].to(ScalarType.Int64).flatten().data<long>().ToArray();
        int width = Setting("maxlen");
        Sequences = [.. ids.Chunk(width).Select(row => row.TakeWhile(id => id != 0).Select(id => (int)id).ToArray())];
    }

    public SsnaModel Model { get; }

    public SsnaEncoder Items => (SsnaEncoder)Model.Items;

    public float Temperature { get; }

    /// <summary>The sequences' items, padding left out.</summary>
    public int[][] Sequences { get; }

    public Tensor this[string name] => _file.Read(name);

    /// <summary>A tensor of the file that belongs to one of our weights, in our layout.</summary>
    public Tensor Weights(string kind, string name)
    {
        string[] parts = name.Split('.');
        switch (parts[0])
        {
            case "adapters" when parts[2] == "weight":
                Tensor heads = this[$"{kind}.{name}"]; // (n, D, d)
                return heads.permute(1, 0, 2).reshape(heads.shape[1], -1);
            case "adapters" when parts[2] == "shift":
                return this[$"{kind}.adapters.{parts[1]}.bias"];
            case "adapters":
                return cat([this[$"{kind}.adapters.{parts[1]}.gate"], this[$"{kind}.adapters.{parts[1]}.noise"]], 1);
            case "integration":
                return this[$"{kind}.gru.{parts[2]}_{(parts[1] == "input" ? "ih" : "hh")}"];
            case "sequence" when parts[1] == "positions":
                return this[$"{kind}.positions"];
            case "sequence" when parts[1] == "norm":
                return this[$"{kind}.input_norm.{parts[2]}"];
        }
        string block = $"{kind}.blocks.{parts[2]}";
        return $"{parts[3]}.{parts[4]}" switch
        {
            "attention.query_key_value" => cat(
                [this[$"{block}.query.{parts[5]}"], this[$"{block}.key.{parts[5]}"], this[$"{block}.value.{parts[5]}"]],
                0
            ),
            "attention.output" => this[$"{block}.output.{parts[5]}"],
            "attention.norm" => this[$"{block}.attention_norm.{parts[5]}"],
            "feed_forward.inner" => this[$"{block}.inner.{parts[5]}"],
            "feed_forward.outer" => this[$"{block}.outer.{parts[5]}"],
            "feed_forward.norm" => this[$"{block}.inner_norm.{parts[5]}"],
            _ => throw new ArgumentException($"The reference has nothing for '{name}'."),
        };
    }

    /// <summary>User embeddings behind each sequence's last item: (5, d).</summary>
    public Tensor Users(Tensor items)
    {
        (Tensor hidden, SequencePacking packing) = Encode(items);
        return hidden.index_select(0, tensor(packing.LastSlots()));
    }

    /// <summary>The sequence model's output in every slot, and where the sequences are.</summary>
    public (Tensor Hidden, SequencePacking Packing) Encode(Tensor items)
    {
        var packing = SequencePacking.Pack([.. Sequences.Select(items => items.Length)]);
        var last = LastItems.Upload(packing, [.. Sequences.SelectMany(items => items)], CPU, out Tensor slots);
        return (Model.Sequence.Forward(items.index_select(0, slots), last.Packing, ForwardPass.Exact), packing);
    }

    public static void AssertClose(Tensor expected, Tensor found, string what)
    {
        CollectionAssert.AreEqual(expected.shape, found.shape, what);
        double difference = (expected - found).abs().max().item<float>();
        Assert.IsLessThanOrEqualTo(Tolerance, difference, what);
    }

    public void Dispose()
    {
        Model.Dispose();
        _file.Dispose();
    }

    private int Setting(string name) => int.Parse(_file.Metadata[name]);
}
