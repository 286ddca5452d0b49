using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

public sealed partial class StartFromTests
{
    [TestMethod]
    [DataRow("Ssna", "Dimension: expected 32, found 16")]
    [DataRow("Ssna", "Adaptation: expected TopMlp, found Ssna")]
    [DataRow("Ssna", "Adaptation.LayerCount: expected 1, found 2")]
    [DataRow("Ssna", "Adaptation.AdapterHeads: expected 3, found 2")]
    [DataRow("Ssna", "Adaptation.Integration: expected Mean, found Gru")]
    [DataRow("Ssna", "Adaptation.FeatureScaling: expected Standardize, found Whiten")]
    [DataRow("SsnaWithIds", "Adaptation.AdapterHeads: expected 3, found 2")]
    [DataRow("Ssna", "SequenceModel.Blocks: expected 1, found 2")]
    [DataRow("Ssna", "SequenceModel.InnerSize: expected 8, found 32")]
    [DataRow("Ssna", "SequenceModel.MaximumSequenceLength: expected 5, found 8")]
    [DataRow("TopMlp", "Adaptation.LinearLayers: expected 1, found 2")]
    [DataRow("LoRA", "Adaptation.Rank: expected 2, found 4")]
    public void Another_architecture_is_refused_by_what_differs(string kind, string expected)
    {
        SsnaTrainer.Options options = Options(kind, start: s_models[kind]);
        string name = expected.Split(':')[0];
        switch (name)
        {
            case "Dimension":
                options.Dimension = 32;
                break;
            case "Adaptation":
                options.Adaptation = new ItemAdaptation.TopMlp();
                break;
            case "Adaptation.LayerCount":
                options.Ssna().LayerCount = 1;
                options.Ssna().Integration = LayerIntegration.None;
                break;
            case "Adaptation.AdapterHeads":
                ((ItemAdaptation.Adapters)options.Adaptation).AdapterHeads = 3;
                break;
            case "Adaptation.Integration":
                options.Ssna().Integration = LayerIntegration.Mean;
                break;
            case "Adaptation.FeatureScaling":
                options.Ssna().FeatureScaling = FeatureScaling.Standardize;
                break;
            case "Adaptation.LinearLayers":
                ((ItemAdaptation.TopMlp)options.Adaptation).LinearLayers = 1;
                break;
            case "Adaptation.Rank":
                ((ItemAdaptation.LoRA)options.Adaptation).Rank = 2;
                break;
            case "SequenceModel.Blocks":
                options.SASRec().Blocks = 1;
                break;
            case "SequenceModel.InnerSize":
                options.SASRec().InnerSize = 8;
                break;
            default:
                options.SASRec().MaximumSequenceLength = 5;
                break;
        }
        var error = Assert.Throws<InvalidOperationException>(() => Fit(options));
        StringAssert.Contains(error.Message, "StartFrom");
        // One layer and none to join come together; the first by name is told.
        StringAssert.Contains(
            error.Message,
            name == "Adaptation.LayerCount" ? "Adaptation.Integration: expected None, found Gru" : expected
        );
    }

    [TestMethod]
    public void Settings_of_training_may_differ()
    {
        SsnaTrainer.Options options = Options("LoRA", start: s_models["LoRA"]);
        ((ItemAdaptation.LoRA)options.Adaptation).Dropout = 0.4f;
        (options.SASRec().Dropout, options.BatchSize) = (0.1f, 16);
        using SsnaTransformer model = Fit(options);
        Assert.AreEqual(1, model.Training.EarlierTrainings);
    }

    [TestMethod]
    public void What_cannot_be_gone_on_from_is_refused_by_name()
    {
        SsnaTrainer.Options frozen = Options("Ssna");
        frozen.FrozenPart = FrozenPart.SequenceModel;
        Refuses<ArgumentOutOfRangeException>(frozen, "FrozenPart", "StartFrom");

        SsnaTrainer.Options ids = Options("ItemIds", s_otherItems, s_models["ItemIds"]);
        ids.FrozenPart = FrozenPart.ItemEncoder;
        Refuses<InvalidOperationException>(ids, "FrozenPart", "1 of 58 that are new");

        using var adapter = new TemporaryFolder();
        s_models["LoRA"].SaveAdapter(adapter.Path);
        SsnaTrainer.Options twice = Options("LoRA", start: s_models["LoRA"]);
        ((ItemAdaptation.LoRA)twice.Adaptation).InitialAdapter = adapter.Path;
        Refuses<ArgumentOutOfRangeException>(twice, "Adaptation.InitialAdapter", "StartFrom");

        using var other = new TemporaryFolder();
        TinyEncoder.Write(other.Path);
        string[] words = File.ReadAllLines(other["vocab.txt"]);
        (words[^1], words[^2]) = (words[^2], words[^1]);
        File.WriteAllLines(other["vocab.txt"], words);
        SsnaTrainer.Options tokens = Options("LoRA", start: s_models["LoRA"]);
        ((ItemAdaptation.LoRA)tokens.Adaptation).Encoder = other.Path;
        Refuses<InvalidOperationException>(tokens, "StartFrom", "tokenizer");

        SsnaTrainer.Options numbers = RingShop.Options<int>(s_context);
        numbers.StartFrom = s_models["Ssna"];
        var error = Assert.Throws<InvalidOperationException>(() =>
            s_context.Recommendation().Trainers.Ssna(numbers).Fit(RingShop.TrainingUsers<int>(s_context, 20))
        );
        StringAssert.Contains(error.Message, "StartFrom");
        StringAssert.Contains(error.Message, "Int32");

        static void Refuses<TException>(SsnaTrainer.Options options, params string[] named)
            where TException : Exception
        {
            var error = Assert.Throws<TException>(() => Fit(options));
            foreach (string name in named)
            {
                StringAssert.Contains(error.Message, name);
            }
        }
    }
}
