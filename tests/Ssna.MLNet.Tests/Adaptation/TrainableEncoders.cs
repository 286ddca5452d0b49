using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using Ssna.MLNet.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <summary>Encoders of every method over small pretrained ones, with weights that leave no gradient at zero.</summary>
internal static class TrainableEncoders
{
    public const int Dimension = 6;
    public const EncoderProjections AllProjections =
        EncoderProjections.Query
        | EncoderProjections.Key
        | EncoderProjections.Value
        | EncoderProjections.AttentionOutput
        | EncoderProjections.FeedForwardInner
        | EncoderProjections.FeedForwardOutput;

    /// <summary>Texts of many lengths, one of them as long as the encoder takes.</summary>
    public static int[][] Rows(EncoderConfiguration configuration, int count = 7, int seed = 3)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                    Enumerable
                        .Range(0, i == 0 ? configuration.MaximumTokens : random.Next(2, 10))
                        .Select(_ => random.Next(2, configuration.VocabularySize))
                        .ToArray()
                ),
        ];
    }

    /// <summary>An encoder with random weights, large enough for tokens to attend to one another unevenly.</summary>
    public static TextEncoder Tiny(
        ComputePrecision precision = ComputePrecision.Float32,
        string familyName = nameof(EncoderFamily.Bert)
    )
    {
        using TextEncoder random = TextEncoder.Create(TinyEncoder.Configuration(familyName), seed: 1);
        using TextEncoder larger = random.Changed((_, weight) => weight.dim() == 2 ? weight.mul_(5f) : weight);
        TextEncoder pretrained = TextEncoder.Empty(larger.Configuration, CPU, precision);
        using var _ = no_grad();
        foreach (
            ((string Name, TorchSharp.Modules.Parameter Value) from, var to) in larger.Parameters.Zip(
                pretrained.Parameters
            )
        )
        {
            to.Value.copy_(from.Value);
        }
        return pretrained;
    }

    public static LoRAEncoder LoRA(
        TextEncoder pretrained,
        ParameterBuffer parameters,
        EncoderProjections targets = AllProjections,
        float dropout = 0,
        bool checkpointing = false,
        string? adapter = null
    ) =>
        Trainable(
            new LoRAEncoder(
                parameters,
                new LoRAEncoderShape(
                    pretrained.Configuration,
                    pretrained.Precision,
                    targets,
                    Rank: 3,
                    Alpha: 6,
                    dropout
                ),
                Dimension,
                CPU,
                new EncoderTraining(pretrained, checkpointing, adapter)
            ),
            parameters
        );

    public static AdaLoRAEncoder AdaLoRA(TextEncoder pretrained, ParameterBuffer parameters, string? adapter = null) =>
        Trainable(
            new AdaLoRAEncoder(
                parameters,
                new AdaLoRAEncoderShape(
                    pretrained.Configuration,
                    pretrained.Precision,
                    AllProjections,
                    Rank: 4,
                    Alpha: 8,
                    Dropout: 0,
                    OrthogonalityWeight: 0.5f,
                    new RankSchedule(2, 1, 2, 10, 1, 0.85f, 0.85f)
                ),
                Dimension,
                CPU,
                new EncoderTraining(pretrained, ActivationCheckpointing: false, adapter)
            ),
            parameters
        );

    public static FullFineTuningEncoder Full(TextEncoder pretrained, ParameterBuffer parameters, int topLayers) =>
        Trainable(
            new FullFineTuningEncoder(
                parameters,
                new FullFineTuningEncoderShape(pretrained.Configuration, pretrained.Precision, topLayers),
                Dimension,
                CPU,
                new EncoderTraining(pretrained, ActivationCheckpointing: false)
            ),
            parameters
        );

    /// <summary>A number that depends on every element of the embeddings, and its gradients.</summary>
    public static double Backward(TextItemEncoder encoder, int[][] rows, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        Tensor cls = encoder.EmbedCls(rows, pass); // (V, D)
        Tensor loss = (cls * Weights(cls)).sum(); // ()
        if (is_grad_enabled())
        {
            loss.backward();
            encoder.FinishBackward();
        }
        return loss.to(ScalarType.Float64).item<double>();
    }

    private static Tensor Weights(Tensor like) => arange(like.numel()).sin().view(like.shape);

    private static T Trainable<T>(T encoder, ParameterBuffer parameters)
        where T : TextItemEncoder
    {
        parameters.Allocate(CPU);
        using var generator = new Generator(5);
        parameters.Initialize(generator);
        using (no_grad())
        {
            // Matrices that start at zero would keep others' gradients at zero.
            foreach (Parameter parameter in parameters.All.Where(parameter => parameter.Name.Contains("lora_")))
            {
                parameter.Value.add_(randn(parameter.Shape, generator: generator), alpha: 0.1f);
            }
        }
        encoder.Fit(HeldItems.Alone(zeros(1)));
        parameters.RequireGradients();
        return encoder;
    }
}
