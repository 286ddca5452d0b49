using Microsoft.ML.Transforms;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <summary>LoRA computes and learns what PEFT's does.</summary>
[TestClass]
public sealed class LoRAReferenceTests
{
    [ClassInitialize]
    public static void LoadTorch(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Outputs_gradients_losses_and_weights_agree_with_Peft(bool checkpointing)
    {
        using DisposeScope scope = NewDisposeScope();
        using var reference = new PeftReference("lora");
        using var parameters = new ParameterBuffer();
        using var encoder = new LoRAEncoder(
            parameters,
            new LoRAEncoderShape(
                reference.Pretrained.Configuration,
                ComputePrecision.Float32,
                PeftReference.Targets,
                (int)reference.Setting("r"),
                reference.Setting("alpha"),
                Dropout: 0
            ),
            dimension: 8,
            CPU,
            reference.Training with
            {
                ActivationCheckpointing = checkpointing,
            }
        );
        reference.Initialize(parameters);

        using (no_grad())
        {
            Tensor cls = encoder.EmbedCls(reference.Rows, ForwardPass.Exact); // (B, D)
            SsnaReference.AssertClose(reference["cls"], cls, "cls");
        }
        float[] losses = reference["losses"].data<float>().ToArray();
        using FlatAdam adam = PeftReference.Adam(parameters);
        for (int step = 0; step < losses.Length; step++)
        {
            Assert.AreEqual(losses[step], reference.Backward(encoder), SsnaReference.Tolerance, $"loss of step {step}");
            if (step == 0)
            {
                Compare(parameters, "grad", parameter => parameter.Value.grad!);
            }
            adam.Step();
        }
        Compare(parameters, "after5", parameter => parameter.Value.detach());

        void Compare(ParameterBuffer all, string kind, Func<Parameter, Tensor> of)
        {
            foreach (Parameter parameter in PeftReference.Matrices(all))
            {
                string name = $"{kind}.{parameter.Name}";
                SsnaReference.AssertClose(reference[name], of(parameter), name);
            }
        }
    }
}
