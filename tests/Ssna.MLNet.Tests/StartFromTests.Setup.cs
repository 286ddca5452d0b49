using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Tests.Saved;

namespace Ssna.MLNet.Tests;

public sealed partial class StartFromTests
{
    private static SsnaTrainer.Options Options(string kind, string[]? items = null, SsnaTransformer? start = null)
    {
        ItemAdaptation? adaptation = TextShop.Kinds(s_encoder.Path).FirstOrDefault(each => $"{each}" == kind);
        SsnaTrainer.Options options;
        items ??= [.. Enumerable.Range(0, RingShop.ItemCount).Select(RingShop.Id<string>)];
        if (adaptation is null)
        {
            options = RingShop.Options<string>(s_context);
            options.Adaptation = kind switch
            {
                "Ssna" => options.Adaptation,
                "TopMlp" => new ItemAdaptation.TopMlp(),
                "SsnaWithIds" => new ItemAdaptation.SsnaWithIds { AdapterHeads = 2 },
                _ => new ItemAdaptation.ItemIds(),
            };
        }
        else
        {
            if (adaptation is ItemAdaptation.AdaLoRA adaptive)
            {
                adaptive.TotalSteps = 100;
            }
            options = TextShop.Options(s_context, adaptation);
        }
        options.Items = s_context.Data.LoadFromEnumerable(
            items.Select(item => new ItemRow
            {
                Item = item,
                Text = TextShop.Text(int.Parse(item[4..])),
                Layers = RingShop.Features(int.Parse(item[4..])),
            })
        );
        (options.MaximumEpochs, options.WeightAverageDecay, options.NumberOfThreads) = (1, 0, 1);
        options.StartFrom = start;
        return options;
    }

    // One step that changes nothing: what a training starts with is what it ends with.
    private static SsnaTrainer.Options Still(SsnaTrainer.Options options)
    {
        (options.LearningRate, options.MaximumSteps) = (1e-20f, 1);
        return options;
    }

    private static SsnaTrainer.Options WithPipeline()
    {
        SsnaTrainer.Options options = Options("Ssna");
        options.Items = TextShop.Items(s_context);
        options.ItemPipeline = s_context.Transforms.Text.ExtractEncoderLayers(
            "Layers",
            "Text",
            s_encoder.Path,
            layers: 2
        );
        return options;
    }

    private static IDataView Users(int count = 40) => RingShop.TrainingUsers<string>(s_context, count);

    private static SsnaTransformer Fit(SsnaTrainer.Options options, int users = 40) =>
        s_context.Recommendation().Trainers.Ssna(options).Fit(Users(users));

    private static Dictionary<string, float[]> Tensors(SsnaTransformer model)
    {
        using var folder = new TemporaryFolder();
        model.Save(folder["model.zip"]);
        using SafetensorsFile file = SavedTensors.Read(folder["model.zip"]);
        var tensors = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach (string name in file.Names)
        {
            using TorchSharp.torch.Tensor tensor = file.Read(name);
            tensors[name] = tensor.data<float>().ToArray();
        }
        return tensors;
    }

    private static void AssertSame(Dictionary<string, float[]> expected, Dictionary<string, float[]> found)
    {
        CollectionAssert.AreEquivalent(expected.Keys, found.Keys);
        foreach ((string name, float[] values) in expected)
        {
            CollectionAssert.AreEqual(values, found[name], name);
        }
    }

    private static void AssertNear(float[] expected, float[] found, string what)
    {
        Assert.HasCount(expected.Length, found, what);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], found[i], 1e-6f, $"{what}, number {i}");
        }
    }

    private sealed class ItemRow
    {
        public string Item { get; set; } = "";

        public string Text { get; set; } = "";

        [Microsoft.ML.Data.VectorType(RingShop.Layers, RingShop.Width)]
        public float[] Layers { get; set; } = [];
    }
}
