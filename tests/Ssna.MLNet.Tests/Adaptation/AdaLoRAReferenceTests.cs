using System.Text.Json;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <summary>AdaLoRA computes, learns and gives out ranks as PEFT's does.</summary>
[TestClass]
public sealed class AdaLoRAReferenceTests
{
    [ClassInitialize]
    public static void LoadTorch(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    public void Losses_orthogonality_ranks_and_weights_agree_with_Peft()
    {
        using DisposeScope scope = NewDisposeScope();
        using var reference = new PeftReference("adalora");
        using var parameters = new ParameterBuffer();
        using var encoder = new AdaLoRAEncoder(
            parameters,
            new AdaLoRAEncoderShape(
                reference.Pretrained.Configuration,
                ComputePrecision.Float32,
                PeftReference.Targets,
                (int)reference.Setting("init_r"),
                reference.Setting("alpha"),
                Dropout: 0,
                reference.Setting("orth_reg_weight"),
                new RankSchedule(
                    (int)reference.Setting("target_r"),
                    (long)reference.Setting("tinit"),
                    (long)reference.Setting("tfinal"),
                    (long)reference.Setting("total_step"),
                    (long)reference.Setting("deltaT"),
                    reference.Setting("beta1"),
                    reference.Setting("beta2")
                )
            ),
            dimension: 8,
            CPU,
            reference.Training
        );
        reference.Initialize(parameters);

        using (no_grad())
        {
            Tensor cls = encoder.EmbedCls(reference.Rows, ForwardPass.Exact); // (B, D)
            SsnaReference.AssertClose(reference["cls"], cls, "cls");
        }
        using JsonDocument steps = JsonDocument.Parse(
            File.ReadAllText(SharedFolder.Require("refs", "peft", "adalora.json"))
        );
        using FlatAdam adam = PeftReference.Adam(parameters);
        foreach (JsonElement step in steps.RootElement.EnumerateArray())
        {
            using DisposeScope stepScope = NewDisposeScope();
            string name = $"step {step.GetProperty("step").GetInt32()}";
            float loss = reference.Backward(encoder);
            Assert.AreEqual(step.GetProperty("task_loss").GetSingle(), loss, SsnaReference.Tolerance, name);
            float orthogonality = encoder.Orthogonality().item<float>();
            Assert.AreEqual(step.GetProperty("orth").GetSingle(), orthogonality, SsnaReference.Tolerance, name);
            encoder.BeforeStep();
            adam.Step();
            encoder.AfterStep();
            int[] ranks = [.. step.GetProperty("ranks").EnumerateObject().Select(rank => rank.Value.GetInt32())];
            CollectionAssert.AreEqual(ranks, encoder.Ranks().ToArray(), name);
        }
        foreach (Parameter parameter in PeftReference.Matrices(parameters))
        {
            SsnaReference.AssertClose(reference[$"after20.{parameter.Name}"], parameter.Value.detach(), parameter.Name);
        }
    }
}
