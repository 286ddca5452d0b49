using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Model;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <summary>What PEFT computed on the small DistilBERT checkpoint, and how its runs were made.</summary>
internal sealed class PeftReference : IDisposable
{
    public const EncoderProjections Targets = EncoderProjections.Query | EncoderProjections.Value;

    private readonly SafetensorsFile _file;

    public PeftReference(string name)
    {
        string checkpoint = SharedFolder.Require("refs", "encoders", "distilbert");
        _file = SafetensorsFile.Open(SharedFolder.Require("refs", "peft", $"{name}.safetensors"));
        Pretrained = TextEncoder.Load(checkpoint, CPU, ComputePrecision.Float32);
        Training = new EncoderTraining(Pretrained, ActivationCheckpointing: false);
        using SafetensorsFile golden = SafetensorsFile.Open(Path.Combine(checkpoint, "golden.safetensors"));
        using Tensor ids = golden.ReadRaw("input_ids"); // (B, T)
        using Tensor mask = golden.ReadRaw("attention_mask"); // (B, T)
        long[] lengths = mask.sum(1).data<long>().ToArray();
        Rows =
        [
            .. lengths.Select((length, b) => ids[b].narrow(0, 0, length).data<long>().Select(id => (int)id).ToArray()),
        ];
    }

    public TextEncoder Pretrained { get; }

    public EncoderTraining Training { get; }

    /// <summary>The texts' token ids.</summary>
    public int[][] Rows { get; }

    public Tensor this[string name] => _file.Read(name);

    public float Setting(string name) => float.Parse(_file.Metadata[name]);

    /// <summary>Allocates the weights of an encoder, and gives the matrices PEFT's values.</summary>
    public void Initialize(ParameterBuffer parameters)
    {
        parameters.Allocate(CPU);
        using var _ = no_grad();
        foreach (Parameter parameter in Matrices(parameters))
        {
            parameter.Value.copy_(this[$"init.{parameter.Name}"]);
        }
        parameters.RequireGradients();
    }

    /// <summary>All weights but the linear layer behind the encoder, which the reference does not have.</summary>
    public static IEnumerable<Parameter> Matrices(ParameterBuffer parameters) =>
        parameters.All.Where(parameter => !parameter.Name.StartsWith("head."));

    /// <summary>The reference's loss, and its gradients.</summary>
    public float Backward(TextItemEncoder encoder)
    {
        using var scope = NewDisposeScope();
        Tensor loss = (encoder.EmbedCls(Rows, ForwardPass.Exact) - this["target"]).square().mean(); // ()
        loss.backward();
        encoder.FinishBackward();
        return loss.item<float>();
    }

    public static FlatAdam Adam(ParameterBuffer parameters) => new(parameters, 1e-2);

    public void Dispose() => _file.Dispose();
}
