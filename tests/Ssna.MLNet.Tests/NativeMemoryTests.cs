using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;
using TorchSharp;

namespace Ssna.MLNet.Tests;

/// <summary>What is disposed of is gone, however often; the soak of the benchmarks measures the same by the hour.</summary>
[TestClass]
public sealed class NativeMemoryTests
{
    [TestMethod]
    public void Fits_requests_loads_and_catalogues_leave_no_tensor_and_no_file_open()
    {
        using var folder = new TemporaryFolder();
        Work(folder, 0); // what is made once a process
        (long tensors, int files) = Count();
        for (int i = 1; i <= 3; i++)
        {
            Work(folder, i);
        }
        (long tensorsAfter, int filesAfter) = Count();
        Assert.AreEqual(tensors, tensorsAfter, "tensors");
        Assert.AreEqual(files, filesAfter, "open files");
    }

    private static void Work(TemporaryFolder folder, int number)
    {
        var context = new MLContext(1);
        SsnaTrainer.Options options = RingShop.Options<string>(context);
        (options.MaximumEpochs, options.CheckpointFolder, options.CheckpointSteps) = (2, folder[$"{number}"], 1);
        IDataView users = RingShop.TrainingUsers<string>(context, 40);
        using SsnaTransformer model = context.Recommendation().Trainers.Ssna(options).Fit(users);
        model.Save(folder["model.zip"]);
        IDataView news = context.Data.LoadFromEnumerable([
            new RingShop.ItemRow<string> { Item = "new", Layers = RingShop.Features(1000) },
        ]);
        for (int i = 0; i < 3; i++)
        {
            using SsnaTransformer loaded = SsnaTransformer.Load(context, folder["model.zip"]);
            using SsnaTransformer larger = loaded.WithItems(news);
            using SsnaTransformer smaller = larger.WithoutItems(["item01"]);
            for (int j = 0; j < 10; j++)
            {
                smaller.Recommend([$"item{j:00}", "new"]);
                smaller.GetSimilarItems("new", 3);
            }
            context.Recommendation().EvaluateRanking(larger.Transform(Labelled(context)));
        }
    }

    private static IDataView Labelled(MLContext context) =>
        context.Data.LoadFromEnumerable([new LabelledRow { Sequence = ["item01", "item02"], Label = "item03" }]);

    // Live tensors as TorchSharp counts them; open files as Linux does.
    private static (long Tensors, int Files) Count()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return (torch.Tensor.TotalCount, OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : 0);
    }

    private sealed class LabelledRow
    {
        public string[] Sequence { get; set; } = [];

        public string Label { get; set; } = "";
    }
}
