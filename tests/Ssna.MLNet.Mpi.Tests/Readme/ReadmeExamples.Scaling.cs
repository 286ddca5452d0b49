using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Tests;

namespace Ssna.MLNet.Mpi.Readme;

/// <summary>The code of docs/scaling.md. Edit both together.</summary>
[TestClass]
public sealed class ScalingExamples
{
    [TestMethod]
    public void The_examples_of_scaling_run_as_one_process()
    {
        var mlContext = new MLContext();
        using var folder = new TemporaryFolder();
        string before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = folder.Path;
        try
        {
            SsnaTrainer.Options options = RingShop.Options<string>(mlContext);
            options.MaximumEpochs = 1;
            MpiCollective ranks = Train(mlContext, options, RingShop.TrainingUsers<string>(mlContext));
            Assert.IsTrue(File.Exists("shop.zip"));

            TinyEncoder.Write(folder["encoder"]);
            IDataView items = mlContext.Data.LoadFromEnumerable([new { Text = "red pan" }, new { Text = "blue pot" }]);
            EncoderLayersEstimator estimator = mlContext.Transforms.Text.ExtractEncoderLayers(
                new EncoderLayersEstimator.Options
                {
                    OutputColumnName = "Layers",
                    InputColumnName = "Text",
                    Model = folder["encoder"],
                    Layers = 1,
                    CacheFolder = folder["cache"],
                }
            );
            Assert.AreEqual(2, Extract(estimator, items, ranks));
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    private static MpiCollective Train(MLContext mlContext, SsnaTrainer.Options options, IDataView sequences)
    {
        MpiCollective ranks = MpiCollective.FromEnvironment(log: Console.Error.WriteLine);
        options.Collective = ranks; // started without a launcher, this is one process, and no MPI library is needed
        using SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(sequences);
        if (ranks.Rank == 0)
        {
            model.Save("shop.zip");
        }
        return ranks;
    }

    private static long Extract(EncoderLayersEstimator estimator, IDataView items, MpiCollective ranks)
    {
        using EncoderLayersTransformer extractor = estimator.Fit(items); // with a CacheFolder
        extractor.FillCache(items, part: 3, parts: 16); // any time, on any machine, in any order
        extractor.FillCache(items, ranks); // or the ranks of a job, each its part; returns when all have come
        return extractor.Computed.Texts;
    }
}
