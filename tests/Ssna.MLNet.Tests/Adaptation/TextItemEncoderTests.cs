using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <summary>Training inside the encoder: right gradients for every method, in every way of computing them.</summary>
[TestClass]
public sealed class TextItemEncoderTests
{
    [ClassInitialize]
    public static void LoadTorch(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void Gradients_of_LoRA_agree_with_finite_differences(string family)
    {
        using var parameters = new ParameterBuffer();
        using TextItemEncoder encoder = TrainableEncoders.LoRA(TrainableEncoders.Tiny(familyName: family), parameters);
        AssertFiniteDifferences(encoder, parameters);
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void Gradients_of_AdaLoRA_agree_with_finite_differences(string family)
    {
        using var parameters = new ParameterBuffer();
        using TextItemEncoder encoder = TrainableEncoders.AdaLoRA(
            TrainableEncoders.Tiny(familyName: family),
            parameters
        );
        AssertFiniteDifferences(encoder, parameters);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Gradients_of_full_fine_tuning_agree_with_finite_differences(int topLayers)
    {
        using var parameters = new ParameterBuffer();
        using TextItemEncoder encoder = TrainableEncoders.Full(TrainableEncoders.Tiny(), parameters, topLayers);
        Assert.IsTrue(
            parameters.All.All(parameter =>
                parameter.Name.StartsWith("head.") || int.Parse(parameter.Name.Split('.')[2]) >= 3 - topLayers
            )
        );
        AssertFiniteDifferences(encoder, parameters);
    }

    [TestMethod]
    [DataRow("encoders/bert")]
    [DataRow("encoders/distilbert")]
    [DataRow("encoders/roberta")]
    [DataRow("mpnet/bare")]
    public void Gradients_of_full_fine_tuning_agree_with_finite_differences_on_reference_checkpoints(string name)
    {
        string folder = SharedFolder.Require("refs", name);
        using var parameters = new ParameterBuffer();
        using TextItemEncoder encoder = TrainableEncoders.Full(
            TextEncoder.Load(folder, CPU, ComputePrecision.Float32),
            parameters,
            topLayers: 2
        );
        AssertFiniteDifferences(encoder, parameters);
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void Before_training_every_method_gives_the_pretrained_encoders_vectors(string family)
    {
        using DisposeScope scope = NewDisposeScope();
        using var parameters = new ParameterBuffer();
        using TextItemEncoder full = TrainableEncoders.Full(
            TrainableEncoders.Tiny(familyName: family),
            parameters,
            topLayers: 2
        );
        AssertIsPretrained(full);

        using var matrices = new ParameterBuffer();
        using TextItemEncoder lora = TrainableEncoders.LoRA(TrainableEncoders.Tiny(familyName: family), matrices);
        using (no_grad())
        {
            foreach (Parameter parameter in matrices.All.Where(parameter => parameter.Name.Contains("lora_B")))
            {
                parameter.Value.zero_();
            }
        }
        AssertIsPretrained(lora);

        static void AssertIsPretrained(TextItemEncoder encoder)
        {
            int[][] rows = TrainableEncoders.Rows(encoder.Encoder.Configuration);
            using var _ = no_grad();
            (Tensor ids, Tensor lengths) = encoder.Encoder.Pad(rows); // (B, T), (B)
            Tensor expected = encoder.Encoder.ClsOfTopLayers(ids, lengths, 1).squeeze(1); // (B, D)
            SsnaReference.AssertClose(expected, encoder.EmbedCls(rows, ForwardPass.Exact), encoder.GetType().Name);
        }
    }

    [TestMethod]
    public void Checkpointing_draws_the_same_dropout_again_and_gives_the_same_gradients()
    {
        using DisposeScope scope = NewDisposeScope();
        using var plain = new ParameterBuffer();
        using var checkpointed = new ParameterBuffer();
        using TextItemEncoder one = TrainableEncoders.LoRA(TrainableEncoders.Tiny(), plain, dropout: 0.3f);
        using TextItemEncoder other = TrainableEncoders.LoRA(
            TrainableEncoders.Tiny(),
            checkpointed,
            dropout: 0.3f,
            checkpointing: true
        );
        int[][] rows = TrainableEncoders.Rows(one.Encoder.Configuration);
        var noise = new TrainingNoise(11);
        TrainingNoise drawn = new TrainingNoise(11).Fork(); // all texts go together
        var exact = new ForwardPass(ComputePrecision.Float32, null);

        double found = TrainableEncoders.Backward(other, rows, exact.With(noise));
        double expected = TrainableEncoders.Backward(one, rows, exact.With(drawn));
        Assert.AreEqual(expected, found, 1e-6);
        double withoutDropout = TrainableEncoders.Backward(one, rows, exact);
        Assert.AreNotEqual(withoutDropout, found, 1e-3, "dropout does nothing");
        plain.Gradients.zero_();
        _ = TrainableEncoders.Backward(one, rows, exact.With(drawn.Again()));
        SsnaReference.AssertClose(plain.Gradients, checkpointed.Gradients, "gradients");
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void A_merged_encoder_computes_what_training_has_made(string family)
    {
        using DisposeScope scope = NewDisposeScope();
        using var parameters = new ParameterBuffer();
        foreach (
            TextItemEncoder encoder in new TextItemEncoder[]
            {
                TrainableEncoders.LoRA(TrainableEncoders.Tiny(familyName: family), new ParameterBuffer()),
                TrainableEncoders.AdaLoRA(TrainableEncoders.Tiny(familyName: family), new ParameterBuffer()),
                Moved(parameters),
            }
        )
        {
            using (encoder)
            using (TextEncoder merged = encoder.Merge())
            using (no_grad())
            {
                int[][] rows = TrainableEncoders.Rows(encoder.Encoder.Configuration);
                (Tensor ids, Tensor lengths) = merged.Pad(rows); // (B, T), (B)
                Tensor found = merged.ClsOfTopLayers(ids, lengths, 1).squeeze(1); // (B, D)
                Tensor before = encoder.Encoder.ClsOfTopLayers(ids, lengths, 1).squeeze(1); // (B, D)
                SsnaReference.AssertClose(encoder.EmbedCls(rows, ForwardPass.Exact), found, encoder.GetType().Name);
                Assert.IsGreaterThan(0.01f, (found - before).abs().max().item<float>(), "training changed nothing");
            }
        }

        TextItemEncoder Moved(ParameterBuffer parameters)
        {
            TextItemEncoder full = TrainableEncoders.Full(
                TrainableEncoders.Tiny(familyName: family),
                parameters,
                topLayers: 2
            );
            using var _ = no_grad();
            parameters.Values.mul_(1.1f);
            return full;
        }
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void BFloat16_products_give_nearly_the_same_vectors_and_gradients(string family)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (bool full in new[] { false, true })
        {
            var gradients = new List<Tensor>();
            foreach (ComputePrecision precision in new[] { ComputePrecision.Float32, ComputePrecision.BFloat16 })
            {
                var parameters = new ParameterBuffer();
                TextEncoder pretrained = TrainableEncoders.Tiny(precision, family);
                using TextItemEncoder encoder = full
                    ? TrainableEncoders.Full(pretrained, parameters, topLayers: 2)
                    : TrainableEncoders.LoRA(pretrained, parameters);
                _ = TrainableEncoders.Backward(
                    encoder,
                    TrainableEncoders.Rows(pretrained.Configuration),
                    new ForwardPass(precision, null)
                );
                gradients.Add(parameters.Gradients.clone());
                parameters.Dispose();
            }
            float cosine = nn.functional.cosine_similarity(gradients[0], gradients[1], 0, 1e-12).item<float>();
            Assert.IsGreaterThan(0.99f, cosine);
        }
    }

    [TestMethod]
    public void A_pass_leaves_no_tensor_behind_but_its_result()
    {
        using var parameters = new ParameterBuffer();
        using TextItemEncoder encoder = TrainableEncoders.LoRA(TrainableEncoders.Tiny(), parameters, dropout: 0.1f);
        int[][] rows = TrainableEncoders.Rows(encoder.Encoder.Configuration);
        using DisposeScope scope = NewDisposeScope();
        int before = scope.DisposablesCount;
        _ = encoder.EmbedCls(rows, ForwardPass.Exact);
        Assert.AreEqual(before + 1, scope.DisposablesCount);
    }

    /// <summary>Compares a parameter's gradient with the loss's change along it, one direction a parameter.</summary>
    private static void AssertFiniteDifferences(TextItemEncoder encoder, ParameterBuffer parameters)
    {
        const float step = 1e-2f;
        int[][] rows = TrainableEncoders.Rows(encoder.Encoder.Configuration);
        _ = TrainableEncoders.Backward(encoder, rows, ForwardPass.Exact);
        foreach (Parameter parameter in parameters.All.Where(parameter => !parameter.Name.StartsWith("head.")))
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            Tensor gradient = parameter.Value.grad!;
            double length = gradient.norm().item<float>();
            if (parameter.Name.EndsWith("qkv.bias"))
            {
                Assert.IsGreaterThan(0, length, parameter.Name);
            }
            Tensor direction = gradient / (float)length;
            parameter.Value.add_(direction, alpha: step);
            double above = TrainableEncoders.Backward(encoder, rows, ForwardPass.Exact);
            parameter.Value.add_(direction, alpha: -2 * step);
            double below = TrainableEncoders.Backward(encoder, rows, ForwardPass.Exact);
            parameter.Value.add_(direction, alpha: step);
            Assert.AreEqual(length, (above - below) / (2 * step), 0.01 * length + 1e-3, parameter.Name);
        }
    }
}
