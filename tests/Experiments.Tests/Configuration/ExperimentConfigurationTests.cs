using System.Text.Json.Nodes;
using Experiments.Configuration;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Experiments.Tests.Configuration;

[TestClass]
public sealed class ExperimentConfigurationTests
{
    [TestMethod]
    [DataRow("""{ "seedz": [1], "methods": [] }""", "seedz", "seeds")]
    [DataRow("""{ "methods": [ { "name": "a", "method": "Ssna", "opt": {} } ] }""", "methods[0]: 'opt'", "options")]
    [DataRow("""{ "seeds": [1] }""", "methods", "methods")]
    [DataRow("""{ "methods": [""", "experiment.json", "experiment.json")]
    public void A_file_with_an_error_is_refused_by_name(string json, string found, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["experiment.json"], json);
        var error = Assert.ThrowsExactly<InvalidDataException>(() =>
            ExperimentConfiguration.Load(folder["experiment.json"])
        );
        StringAssert.Contains(error.Message, found);
        StringAssert.Contains(error.Message, expected);
    }

    [TestMethod]
    public void A_missing_file_is_named()
    {
        var error = Assert.ThrowsExactly<FileNotFoundException>(() => ExperimentConfiguration.Load("nowhere.json"));
        StringAssert.Contains(error.Message, "nowhere.json");
    }

    [TestMethod]
    [DataRow("Snsa", null, null, "default", "'Snsa'", "TopMlp")]
    [DataRow("Ssna", """{ "Dropuot": 0.1 }""", null, "default", "'Dropuot'", "ItemDropout")]
    [DataRow("Ssna", """{ "SequenceModel.Dropout": "much" }""", null, "default", "'Dropout'", "a number")]
    [DataRow("Ssna", null, """{ "Integration": "Sum" }""", "default", "Sum", "Gru, Mean, Weighted")]
    [DataRow("Ssna", """{ "SequenceModel.Dropout": 1.5 }""", null, "default", "Dropout", "1.5")]
    [DataRow("Ssna", """{ "Seed": 3 }""", null, "default", "'Seed'", "BatchSize")]
    [DataRow("Ssna", """{ "Items": 3 }""", null, "default", "'Items'", "BatchSize")]
    [DataRow("TopMlp", null, """{ "LinearLayers": 4 }""", "default", "LinearLayers", "from 1 to 3")]
    [DataRow("TopMlp", null, """{ "Layers": 1 }""", "default", "'Layers'", "LinearLayers")]
    [DataRow("TopMlp", null, """{ "LayerCount": 3 }""", "default", "LayerCount", "there is no option")]
    [DataRow("ItemIds", null, """{ "LayerCount": 1 }""", "default", "'LayerCount'", "there is no option")]
    [DataRow("Ssna", null, null, "papr", "preset", "papr")]
    [DataRow("Popularity", """{ "LearningRate": 0.1 }""", null, null, "Popularity", "expected none")]
    public void A_method_that_cannot_run_is_refused_by_name(
        string method,
        string? options,
        string? methodOptions,
        string? preset,
        string found,
        string expected
    )
    {
        var configuration = new MethodConfiguration
        {
            Name = "first",
            Method = method,
            Options = Parse(options),
            MethodOptions = Parse(methodOptions),
            Preset = preset,
        };
        var error = Assert.ThrowsExactly<InvalidDataException>(() =>
            MethodSettings.Resolve(new ExperimentConfiguration { Methods = [] }, configuration)
        );
        StringAssert.Contains(error.Message, "method 'first'");
        StringAssert.Contains(error.Message, found);
        StringAssert.Contains(error.Message, expected);
    }

    [TestMethod]
    [DataRow("\"papr\"", "papr")]
    [DataRow("{}", "{}")]
    [DataRow("""{ "BatchSize": 32 }""", "BatchSize")]
    [DataRow("""{ "BatchSize": [] }""", "BatchSize")]
    [DataRow("""{ "BatchSiz": [32] }""", "'BatchSiz'")]
    [DataRow("""{ "Adaptation.Rank": [1] }""", "'Rank'")]
    [DataRow("""{ "BatchSize": [32, 0] }""", "BatchSize")]
    [DataRow("""{ "BatchSize": [32, "many"] }""", "a whole number")]
    [DataRow("""{ "BatchSize": [32, 32] }""", "BatchSize")]
    public void A_grid_that_cannot_be_searched_is_refused_by_name(string grid, string found)
    {
        var method = new MethodConfiguration
        {
            Name = "first",
            Method = "Ssna",
            Grid = JsonNode.Parse(grid),
        };
        var error = Assert.ThrowsExactly<InvalidDataException>(() =>
            MethodSettings.Resolve(new ExperimentConfiguration { Methods = [] }, method)
        );
        StringAssert.Contains(error.Message, found);
    }

    [TestMethod]
    public void A_search_reads_as_many_layers_as_its_largest_point()
    {
        MethodConfiguration Method(string grid) =>
            new()
            {
                Name = "SSNA",
                Method = "Ssna",
                Grid = JsonNode.Parse(grid),
            };
        var experiment = new ExperimentConfiguration { Methods = [] };
        Assert.AreEqual(
            4,
            MethodSettings.Resolve(experiment, Method("""{ "Adaptation.LayerCount": [1, 4, 2] }""")).FeatureLayers
        );
        Assert.AreEqual(3, MethodSettings.Resolve(experiment, Method("\"paper\"")).FeatureLayers);
        Assert.AreEqual(
            2,
            MethodSettings.Resolve(experiment, Method("""{ "SequenceModel.Dropout": [0.1] }""")).FeatureLayers
        );
    }

    [TestMethod]
    public void Options_of_a_method_go_before_the_experiments_and_those_before_the_presets()
    {
        var settings = MethodSettings.Resolve(
            new ExperimentConfiguration
            {
                Preset = "paper",
                Options = Parse(
                    """{ "SequenceModel.Dropout": 0.4, "BatchSize": 64, "MaximumTime": "00:10:00", "Loss.LabelSmoothing": 0.05 }"""
                ),
                Methods = [],
            },
            new MethodConfiguration
            {
                Name = "SSNA",
                Method = "Ssna",
                Options = Parse("""{ "BatchSize": 32, "Loss.MaskHistory": true }"""),
                MethodOptions = Parse("""{ "LayerCount": 3, "Integration": "Mean" }"""),
            }
        );
        SsnaTrainer.Options options = settings.TrainerOptions(encoder: null);
        Assert.AreEqual(0.4f, ((SequenceModel.SASRec)options.SequenceModel).Dropout);
        Assert.AreEqual(32, options.BatchSize);
        Assert.AreEqual(TimeSpan.FromMinutes(10), options.MaximumTime);
        Assert.AreEqual(LayerIntegration.Mean, ((ItemAdaptation.Ssna)options.Adaptation).Integration);
        var loss = (TrainingLoss.InBatch)options.Loss; // the paper's preset
        Assert.AreEqual(0.05f, loss.LabelSmoothing);
        Assert.IsTrue(loss.MaskHistory);
        Assert.AreEqual(3, settings.FeatureLayers);
    }

    [TestMethod]
    public void The_command_line_limits_epochs_of_every_method_and_picks_methods()
    {
        var configuration = new ExperimentConfiguration
        {
            Methods =
            [
                new()
                {
                    Name = "SSNA",
                    Method = "Ssna",
                    Options = Parse("""{ "MaximumEpochs": 50 }"""),
                },
                new() { Name = "Popularity", Method = "Popularity" },
                new() { Name = "ids", Method = "ItemIds" },
            ],
            Reference = "ids",
        };
        ExperimentConfiguration limited = configuration.WithMaximumEpochs(7);
        Assert.AreEqual(
            7,
            MethodSettings.Resolve(limited, limited.Methods[0]).TrainerOptions(encoder: null).MaximumEpochs
        );
        MethodSettings.Resolve(limited, limited.Methods[1]);

        ExperimentConfiguration picked = configuration.WithMethods(["SSNA", "Popularity"]);
        CollectionAssert.AreEqual(new[] { "SSNA", "Popularity" }, picked.Methods.Select(m => m.Name).ToArray());
        Assert.IsNull(picked.Reference, "it was not picked");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => configuration.WithMethods(["SNSA"]));
        StringAssert.Contains(error.Message, "SSNA, Popularity, ids");
    }

    [TestMethod]
    public void What_is_missing_is_named_before_any_work()
    {
        using TemporaryFolder folder = TinyShop.Write();
        var configuration = new ExperimentConfiguration { Methods = [new() { Name = "SSNA", Method = "Ssna" }] };
        Refused(configuration, "data");
        Refused(configuration with { Data = folder["none"] }, "data");
        Refused(configuration with { Data = folder.Path }, "output");
        configuration = configuration with { Data = folder.Path, Output = folder["results"] };
        Refused(configuration, "model");
        configuration = configuration with { Model = folder["encoder"] };
        configuration.Check();
        Refused(configuration with { Seeds = [1, 1] }, "seeds");
        Refused(configuration with { Methods = [] }, "methods");
        Refused(configuration with { Methods = [.. configuration.Methods, .. configuration.Methods] }, "methods");
        Refused(configuration with { Reference = "LoRA" }, "reference");
        Refused(configuration with { ColdShare = 1 }, "cold_share");
        Refused(configuration with { Resamples = 1 }, "resamples");
        (configuration with { Model = null, Methods = [new() { Name = "ids", Method = "ItemIds" }] }).Check();
    }

    [TestMethod]
    public void More_layers_than_the_encoder_has_are_refused_by_the_methods_name_before_any_work()
    {
        using TemporaryFolder folder = TinyShop.Write();
        MethodConfiguration all = new()
        {
            Name = "all",
            Method = "Ssna",
            MethodOptions = Parse($$"""{ "LayerCount": {{TinyEncoder.Layers}} }"""),
        };
        var configuration = new ExperimentConfiguration
        {
            Data = folder.Path,
            Model = folder["encoder"],
            Output = folder["results"],
            Methods = [all],
        };
        configuration.Check();
        Refused(
            WithMethod(all with { Name = "four", MethodOptions = Parse("""{ "LayerCount": 4 }""") }),
            "method 'four'",
            "LayerCount of at most 3",
            "found 4"
        );
        Refused(
            WithMethod(all with { Name = "search", Grid = JsonNode.Parse("""{ "Adaptation.LayerCount": [1, 4] }""") }),
            "method 'search'"
        );

        // DistilBERT's name for its layers; and what says nothing of them.
        File.WriteAllText(folder["encoder", "config.json"], """{ "model_type": "distilbert", "n_layers": 2 }""");
        Refused(configuration, "method 'all'");
        File.WriteAllText(folder["encoder", "config.json"], """{ "model_type": "distilbert", "n_layers": 3 }""");
        configuration.Check();
        File.WriteAllText(folder["encoder", "config.json"], """{ "model_type": "bert", "n_layers": 3 }""");
        Refused(configuration, "model", "num_hidden_layers");
        File.Delete(folder["encoder", "config.json"]);
        Refused(configuration, "model", "config.json");
        (configuration with { Methods = [new() { Name = "ids", Method = "ItemIds" }] }).Check();

        ExperimentConfiguration WithMethod(MethodConfiguration method) =>
            configuration with
            {
                Methods = [all, method],
            };
    }

    [TestMethod]
    [DataRow("compare")]
    [DataRow("layers")]
    [DataRow("integration")]
    [DataRow("cold")]
    [DataRow("efficiency")]
    [DataRow("search")]
    public void The_files_that_come_with_the_program_are_good(string command)
    {
        using TemporaryFolder folder = TinyShop.Write();
        var read = ExperimentConfiguration.Load(
            Path.Combine(AppContext.BaseDirectory, "configurations", command + ".json")
        );
        Assert.IsNull(read.Data ?? read.Model ?? read.Output ?? read.Cache, "folders are the user's");
        TinyEncoder.Write(folder["encoder"], layers: 6); // MiniLM's and DistilBERT's, which the files are made for
        (read with { Data = folder.Path, Model = folder["encoder"], Output = folder["results"] }).Check();
    }

    private static void Refused(ExperimentConfiguration configuration, string name, params string[] words)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(configuration.Check);
        StringAssert.StartsWith(error.Message, name + ":");
        foreach (string word in words)
        {
            StringAssert.Contains(error.Message, word);
        }
    }

    private static JsonObject Parse(string? json) => json is null ? [] : JsonNode.Parse(json)!.AsObject();
}
