using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Data;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

[TestClass]
public sealed class SsnaTrainingTests
{
    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DataRow(SsnaLoss.FullCatalogue)]
    [DataRow(SsnaLoss.InBatch)]
    public void Finds_the_rule_that_sequences_follow(SsnaLoss loss)
    {
        using Tensor features = CircleShop.Features();
        SsnaTrainer.Options options = CircleShop.Options();
        options.Loss = loss;
        (SequenceSet training, ValidationCases cases) = ValidationCases.HoldOutLast(CircleShop.Sequences(200));
        SsnaTrainingResult result = SsnaTraining.Run(options, features, training, cases, CPU, seed: 1);
        using (result.Model)
        {
            double best = result.Epochs[result.BestEpoch - 1].ValidationRecallAt10;
            Assert.IsGreaterThan(0.9, best);
        }
    }
}
