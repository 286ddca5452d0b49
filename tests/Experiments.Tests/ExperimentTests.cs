using System.Net;
using System.Text.Json.Nodes;
using Experiments.Configuration;
using Experiments.Reports;
using Experiments.Runs;
using Experiments.Statistics;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Testing;

namespace Experiments.Tests;

[TestClass]
public sealed class ExperimentTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Compare_runs_each_method_and_seed_once_and_goes_on_where_it_stopped()
    {
        using TemporaryFolder folder = TinyShop.Write();
        ExperimentConfiguration configuration = Configuration(folder, seeds: [1, 2]);
        List<string> lines = await RunAsync("compare", configuration);
        string runs = Path.Combine(configuration.Output!, new DirectoryInfo(folder.Path).Name, "runs");
        string[] files = Directory.GetFiles(runs);
        Assert.HasCount(5, files, "two seeds of two methods, and one of popularity, which has none");
        Assert.Contains(line => line.Contains("SSNA, seed 2: epoch   2", StringComparison.Ordinal), lines);

        Dictionary<string, DateTime> times = files.ToDictionary(file => file, File.GetLastWriteTimeUtc);
        string deleted = files.Single(file =>
            Path.GetFileName(file).StartsWith("ItemIds-seed2", StringComparison.Ordinal)
        );
        File.Delete(deleted);
        lines = await RunAsync("compare", configuration);
        Assert.Contains("4 of 5 runs are there", lines[0]);
        CollectionAssert.AreEquivalent(files, Directory.GetFiles(runs));
        foreach (string file in files.Where(file => file != deleted))
        {
            Assert.AreEqual(times[file], File.GetLastWriteTimeUtc(file), $"{file} was made again");
        }

        lines = await RunAsync("compare", configuration);
        Assert.Contains("5 of 5 runs are there", lines[0]);
        Assert.DoesNotContain(line => line.Contains("epoch", StringComparison.Ordinal), lines);

        // Other options are other runs: nothing old is taken for them, and nothing old is lost.
        await RunAsync("compare", configuration.WithMaximumEpochs(1).WithMethods(["SSNA"]));
        Assert.HasCount(7, Directory.GetFiles(runs));
    }

    [TestMethod]
    public async Task A_report_tells_what_the_runs_measured()
    {
        using TemporaryFolder folder = TinyShop.Write();
        File.AppendAllLines(folder["interactions.tsv"], ["1\t1\t6"]); // its first item again
        ExperimentConfiguration configuration = Configuration(folder, seeds: [1, 2]);
        await RunAsync("compare", configuration);
        var layout = Layout(configuration, "compare");

        var report = JsonFiles.Read<ExperimentReport>(Path.Combine(layout.Folder, ReportFiles.Json));
        CollectionAssert.AreEqual(
            new[] { "SSNA", "SASRec on ids", "Popularity" },
            report.Methods.Select(method => method.Name).ToArray()
        );
        Assert.AreEqual(TinyShop.Items, report.Counts.Items);
        Assert.AreEqual(TinyShop.Users, report.Counts.Users);
        RunResult[] runs = Runs(layout);
        RunResult[] ssna = [.. runs.Where(run => run.Settings.Method.Method == "Ssna")];
        FigureReport figure = report.Methods[0].Figure(TestCases.All, Protocol.ExcludeSeen, Measure.All[2]);
        Assert.AreEqual(
            ssna.Average(run => Measure.All[2].Of(run.Test[TestCases.All].ExcludeSeen)),
            figure.Value.Mean,
            1e-12
        );
        Assert.AreEqual(TinyShop.Users, figure.CaseCount);
        Assert.IsNull(figure.Difference, "it is what the others are compared with");
        Assert.IsLessThanOrEqualTo(figure.Value.Mean, figure.Interval.Low);
        Difference difference = report
            .Methods[2]
            .Figure(TestCases.All, Protocol.ExcludeSeen, Measure.All[2])
            .Difference!;
        Assert.IsInRange(difference.Interval.Low, difference.Interval.High, difference.Value);
        Assert.IsGreaterThan(0, report.Methods[0].TrainableParameters);
        Assert.IsGreaterThan(0, report.Methods[0].PeakMemoryMb.Mean);
        Assert.IsNull(report.Methods[2].SecondsPerEpoch);

        string markdown = File.ReadAllText(Path.Combine(layout.Folder, ReportFiles.Markdown));
        StringAssert.Contains(markdown, ReportTables.Value(figure.Value));
        StringAssert.Contains(markdown, $"{report.Methods[0].TrainableParameters:N0}");
        StringAssert.Contains(
            markdown,
            $"{TinyShop.Users - 1} users took something new, 1 something that is in their history"
        );
        StringAssert.Contains(markdown, "| Method | new, 29 cases | repeated, 1 case |");
        GroupReport repeated = report.Methods[1].Groups.Single(group => group.Name == "repeated");
        StringAssert.Contains(markdown, ReportTables.Value(repeated.Figure(Protocol.All, Measure.All[0]).Value));
        StringAssert.Contains(markdown, $"s.e. {figure.StandardError:F4}");
        double[] gains =
        [
            .. Enumerable
                .Range(0, TinyShop.Users)
                .Select(user => ssna.Average(run => Measure.All[2].Gain(run.Test[TestCases.All].ExcludeSeen[user]))),
        ];
        Assert.AreEqual(
            Sample.Spread(gains).Deviation!.Value / Math.Sqrt(TinyShop.Users),
            figure.StandardError!.Value,
            1e-12
        );
        StringAssert.Contains(markdown, "Length of the history");
        StringAssert.Contains(markdown, "Popularity of the wanted item");
        Assert.IsTrue(
            report.Methods.All(method => method.Groups.Any(group => group.Name == "head")),
            "popularity is told by every method, trained or not"
        );
        StringAssert.Contains(markdown, "| Method | coverage@10, unseen |");
        StringAssert.Contains(markdown, "| Method | diversity@10, unseen |");
        Assert.IsInRange(0, 2, report.Methods[0].Lists[0].Diversity!.Value.Mean);
        Assert.IsNull(report.Methods[2].Lists[0].Diversity, "popularity has no embeddings");
        foreach (string picture in new[] { "curves.png", "scatter.png" })
        {
            byte[] image = File.ReadAllBytes(Path.Combine(layout.Folder, picture));
            CollectionAssert.AreEqual("PNG"u8.ToArray(), image[1..4]);
            StringAssert.Contains(markdown, $"({picture})");
        }

        string page = File.ReadAllText(layout.Page);
        Assert.IsTrue(page.Contains(WebUtility.HtmlEncode(ReportTables.Value(figure.Value)), StringComparison.Ordinal));
        foreach (string source in page.Split("src=\"").Skip(1))
        {
            StringAssert.StartsWith(source, "data:image/png;base64,", "the page needs no other file");
        }
    }

    [TestMethod]
    public async Task A_folder_of_MovieLens_is_compared_on_and_what_is_trained_on_is_told()
    {
        using TemporaryFolder folder = TinyShop.Write();
        File.WriteAllLines(
            folder["u.item"],
            File.ReadLines(folder["items.tsv"])
                .Skip(1)
                .Select(row => $"{row.Replace('\t', '|')}|||{string.Concat(Enumerable.Repeat("|0", 19))}")
        );
        File.WriteAllLines(
            folder["u.data"],
            File.ReadLines(folder["interactions.tsv"]).Skip(1).Select(row => row.Insert(row.LastIndexOf('\t'), "\t5"))
        );
        ExperimentConfiguration configuration = Configuration(folder, [1]).WithMethods(["SSNA"]);
        await RunAsync("compare", configuration);
        RunResult tables = Runs(Layout(configuration, "compare")).Single();

        File.Delete(folder["items.tsv"]);
        File.Delete(folder["interactions.tsv"]);
        configuration = configuration with { Output = folder["other"] };
        List<string> lines = await RunAsync("compare", configuration);
        RunResult movies = Runs(Layout(configuration, "compare")).Single();
        Assert.AreNotEqual(tables.Settings.Data, movies.Settings.Data, "known by the files that were read");
        Assert.AreEqual(tables.Counts, movies.Counts);
        CollectionAssert.AreEqual(
            tables.Test[TestCases.All].All.ToArray(),
            movies.Test[TestCases.All].All.ToArray(),
            "the same data give the same model"
        );
        Assert.ContainsSingle(
            line => line.Contains("Training on 60 cases in 30 windows", StringComparison.Ordinal),
            lines
        );
    }

    [TestMethod]
    public async Task Where_half_of_the_users_repeat_compare_shows_repeated_and_new_targets_apart()
    {
        using TemporaryFolder folder = RepeatShop.Write();
        ExperimentConfiguration configuration = Configuration(folder, seeds: [1]) with
        {
            Methods =
            [
                Method("SSNA", "Ssna", "{}"),
                Method("without repeats", "Ssna", """{ "LearnRepeats": false }"""),
            ],
        };
        await RunAsync("compare", configuration);
        var layout = Layout(configuration, "compare");
        var report = JsonFiles.Read<ExperimentReport>(Path.Combine(layout.Folder, ReportFiles.Json));
        int due = RepeatSequences
            .Users(RepeatShop.Users, RepeatShop.Items)
            .Count(user => user.AsSpan(..^1).Contains(user[^1]));
        GroupReport repeated = Group(report.Methods[0], "repeated");
        Assert.AreEqual(due, repeated.CaseCount);
        Assert.AreEqual(RepeatShop.Users - due, Group(report.Methods[0], "new").CaseCount);
        Assert.IsGreaterThan(0.9, Recall(repeated), "what is due again is among the best ten");
        Assert.IsGreaterThan(Recall(Group(report.Methods[1], "new")), Recall(Group(report.Methods[0], "new")));
        string markdown = File.ReadAllText(Path.Combine(layout.Folder, ReportFiles.Markdown));
        StringAssert.Contains(markdown, "## Repeated and new targets, all items");
        StringAssert.Contains(
            markdown,
            $"{RepeatShop.Users - due} users took something new, {due} something that is in"
        );
        StringAssert.Contains(markdown, $"| Method | new, {RepeatShop.Users - due} cases | repeated, {due} cases |");

        static GroupReport Group(MethodReport method, string name) => method.Groups.Single(group => group.Name == name);

        static double Recall(GroupReport group) => group.Figure(Protocol.All, Measure.All[0]).Value.Mean;
    }

    [TestMethod]
    public async Task Popularity_ranks_by_what_was_taken_and_ties_against()
    {
        using TemporaryFolder folder = TinyShop.Write();
        // Items 1, 2 and 3 are taken three, two and one times before the last, and nobody takes the others but last.
        File.WriteAllLines(
            folder["interactions.tsv"],
            [
                "user\titem\torder",
                "a\t1\t1",
                "a\t2\t2",
                "a\t3\t3",
                "b\t1\t1",
                "b\t2\t2",
                "b\t1\t3",
                "c\t1\t1",
                "c\t3\t2",
                "c\t8\t3",
            ]
        );
        ExperimentConfiguration configuration = Configuration(folder, [1]).WithMethods(["Popularity"]);
        await RunAsync("compare", configuration);
        string runs = Path.Combine(configuration.Output!, new DirectoryInfo(folder.Path).Name, "runs");
        TestRanks ranks = JsonFiles.Read<RunResult>(Directory.GetFiles(runs).Single()).Test[TestCases.All];
        CollectionAssert.AreEqual(new[] { 3, 1, 8 }, ranks.All.ToArray());
        CollectionAssert.AreEqual(new[] { 1, 1, 6 }, ranks.ExcludeSeen.ToArray());
    }

    [TestMethod]
    public async Task Items_never_trained_on_are_found_from_their_texts_alone()
    {
        using TemporaryFolder folder = TinyShop.Write();
        ExperimentConfiguration configuration = Configuration(folder, seeds: [1]) with { ColdShare = 0.25 };
        await RunAsync("cold", configuration);
        var layout = Layout(configuration, "cold");
        var report = JsonFiles.Read<ExperimentReport>(Path.Combine(layout.Folder, ReportFiles.Json));
        Assert.AreEqual(TinyShop.Items - 2, report.Counts.WarmItems);
        int Cases(string group) => report.Methods[0].Figures.First(figure => figure.Cases == group).CaseCount;
        Assert.AreEqual(TinyShop.Users, Cases(TestCases.Warm) + Cases(TestCases.Cold));
        Assert.AreEqual(Cases(TestCases.Cold), Cases(TestCases.ColdAmongCold));

        MethodReport ssna = report.Methods[0];
        Assert.AreEqual(
            1.0,
            ssna.Figure(TestCases.Cold, Protocol.All, Measure.All[0]).Value.Mean,
            "eight items, ten places"
        );
        Assert.AreEqual(TinyShop.Items, ssna.Figure(TestCases.Cold, Protocol.All, Measure.All[0]).CatalogueSize);
        Assert.AreEqual(2, ssna.Figure(TestCases.ColdAmongCold, Protocol.All, Measure.All[0]).CatalogueSize);
        MethodReport ids = report.Methods[1];
        Assert.AreEqual(
            TinyShop.Items - 2,
            ids.Figure(TestCases.Warm, Protocol.All, Measure.All[0]).CatalogueSize,
            "cold items are not in the catalogue that is trained on, and ids alone do not tell what to add"
        );
        string run = Directory.GetFiles(Path.GetDirectoryName(layout.RunFile("x"))!, "ItemIds*").Single();
        TestRanks never = JsonFiles.Read<RunResult>(run).Test[TestCases.Cold];
        Assert.IsTrue(never.All.All(rank => rank == int.MaxValue), "what it has no row for is in no list");
        string markdown = File.ReadAllText(Path.Combine(layout.Folder, ReportFiles.Markdown));
        StringAssert.Contains(markdown, "0 by construction");
        StringAssert.Contains(markdown, "chance");
    }

    [TestMethod]
    public async Task Layers_and_integration_share_features_and_runs()
    {
        using TemporaryFolder folder = TinyShop.Write();
        ExperimentConfiguration layers = Configuration(folder, [1]) with
        {
            Reference = null,
            Methods =
            [
                .. Enumerable
                    .Range(1, TinyEncoder.Layers)
                    .Select(layer => Method($"a = {layer}", "Ssna", null, $$"""{ "LayerCount": {{layer}} }""")),
            ],
        };
        await RunAsync("layers", layers);
        ExperimentConfiguration integration = layers with
        {
            Methods =
            [
                Method("GRU", "Ssna", null, """{ "Integration": "Gru" }"""),
                Method("MEAN", "Ssna", null, """{ "Integration": "Mean" }"""),
            ],
        };
        List<string> lines = await RunAsync("integration", integration);
        Assert.Contains("1 of 2 runs are there", lines[0], "GRU over two layers ran before");
        string dataSet = Path.Combine(layers.Output!, new DirectoryInfo(folder.Path).Name);
        Assert.IsTrue(File.Exists(Path.Combine(dataSet, "layers", "layers.png")));
        string page = File.ReadAllText(Path.Combine(layers.Output!, "report.html"));
        StringAssert.Contains(page, "Layers: ");
        StringAssert.Contains(page, "Integration of the layers: ");
    }

    [TestMethod]
    public async Task A_search_tells_all_trials_and_tests_the_best()
    {
        using TemporaryFolder folder = TinyShop.Write();
        ExperimentConfiguration configuration = Configuration(folder, [1]) with
        {
            Methods =
            [
                Method("SSNA", "Ssna", null) with
                {
                    Grid = JsonNode.Parse("""{ "Adaptation.LayerCount": [1, 3], "LearningRate": [0.00001, 0.01] }"""),
                },
                Method("TMLP", "TopMlp", null) with
                {
                    Grid = JsonNode.Parse("""{ "Adaptation.LinearLayers": [1, 2, 3] }"""),
                    SampleSize = 2,
                },
            ],
        };
        List<string> lines = await RunAsync("search", configuration);
        Assert.Contains(line => line.Contains("trial 4 of 4", StringComparison.Ordinal), lines);
        var layout = Layout(configuration, "search");
        var report = JsonFiles.Read<ExperimentReport>(Path.Combine(layout.Folder, ReportFiles.Json));
        IReadOnlyList<TrialFigures> trials = report.Methods[0].Searches![0].Trials;
        Assert.HasCount(4, trials);
        Assert.HasCount(2, report.Methods[1].Searches![0].Trials);
        Assert.AreEqual(trials.Max(trial => trial.RecallAt10), trials[0].RecallAt10);
        Assert.AreEqual(
            trials[0].RecallAt10,
            report.Methods[0].ValidationRecallAt10[0][report.Methods[0].BestEpochs[0] - 1],
            "the tested model is the best trial's"
        );
        string markdown = File.ReadAllText(Path.Combine(layout.Folder, ReportFiles.Markdown));
        StringAssert.Contains(markdown, "| Adaptation.LayerCount | LearningRate |");
        StringAssert.Contains(markdown, "Seed 1: 4 trials.");
    }

    [TestMethod]
    public async Task What_is_measured_over_some_steps_says_so_and_tells_the_whole_epoch()
    {
        using TemporaryFolder folder = TinyShop.Write();
        ExperimentConfiguration configuration = Configuration(folder, [1]) with
        {
            Methods =
            [
                Method("SSNA", "Ssna", """{ "BatchSize": 8 }"""),
                Method("some steps", "Ssna", """{ "BatchSize": 8, "MaximumSteps": 3 }"""),
            ],
        };
        await RunAsync("efficiency", configuration);
        var layout = Layout(configuration, "efficiency");
        var report = JsonFiles.Read<ExperimentReport>(Path.Combine(layout.Folder, ReportFiles.Json));
        Assert.AreEqual("2 epochs", report.Methods[0].Limit!.ToString(), "its limit, not validation, ended it");
        TrainingLimit limit = report.Methods[1].Limit!;
        Assert.AreEqual(3, limit.Steps!.Value);
        Assert.IsGreaterThan(3, limit.StepsPerEpoch);
        string run = Directory
            .GetFiles(Path.GetDirectoryName(layout.RunFile("x"))!, "*.json")
            .Single(file => JsonFiles.Read<RunResult>(file).Epochs[0].Steps == 3);
        EpochFigures epoch = JsonFiles.Read<RunResult>(run).Epochs.Single();
        Assert.AreEqual(
            epoch.TrainingSeconds * limit.StepsPerEpoch / limit.Steps.Value,
            report.Methods[1].SecondsPerEpoch!.Mean,
            1e-9
        );
        string markdown = File.ReadAllText(Path.Combine(layout.Folder, ReportFiles.Markdown));
        StringAssert.Contains(markdown, "SSNA after 2 epochs; some steps after 3 steps");
        StringAssert.Contains(markdown, " times |");
        Assert.IsTrue(File.Exists(Path.Combine(layout.Folder, "cost.png")));
    }

    [TestMethod]
    public async Task A_run_that_fails_is_reported_and_the_others_go_on()
    {
        using TemporaryFolder folder = TinyShop.Write();
        ExperimentConfiguration configuration = Configuration(folder, [1]) with
        {
            Methods =
            [
                Method("diverges", "ItemIds", """{ "LearningRate": 1e30 }"""),
                Method("Popularity", "Popularity", null),
            ],
            Reference = null,
        };
        var error = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() =>
            RunAsync("compare", configuration)
        );
        StringAssert.Contains(error.Message, "diverges, seed 1");
        StringAssert.Contains(error.Message, "LearningRate");
        var layout = Layout(configuration, "compare");
        string markdown = File.ReadAllText(Path.Combine(layout.Folder, ReportFiles.Markdown));
        StringAssert.Contains(markdown, "Popularity");
        StringAssert.Contains(markdown, "A run failed and is missing above. diverges, seed 1");
    }

    [TestMethod]
    public async Task Methods_that_train_the_encoder_run_for_a_number_of_steps_and_are_labelled_so()
    {
        using TemporaryFolder folder = TinyShop.Write();
        const string twoSteps = """{ "BatchSize": 8, "AccumulatedBatches": 2, "MaximumSteps": 2 }""";
        ExperimentConfiguration configuration = Configuration(folder, seeds: [1]) with
        {
            Methods =
            [
                Method("LoRA", "LoRA", twoSteps) with
                {
                    Preset = "paper",
                    MethodOptions = JsonNode
                        .Parse("""{ "Rank": 2, "TargetProjections": "Query, Key", "Dropout": 0.2 }""")!
                        .AsObject(),
                },
                Method("AdaLoRA", "AdaLoRA", twoSteps) with
                {
                    Preset = "paper",
                },
                Method("Full", "FullFineTuning", twoSteps) with
                {
                    Preset = "paper",
                },
            ],
            Reference = null,
        };
        await RunAsync("compare", configuration);
        var layout = Layout(configuration, "compare");
        RunResult[] runs = Runs(layout);
        Assert.HasCount(3, runs);
        foreach (RunResult run in runs)
        {
            Assert.AreEqual(2, run.Epochs.Sum(epoch => epoch.Steps), run.Settings.Method.Method);
            Assert.IsGreaterThan(2, run.Epochs[0].StepsPerEpoch);
            Assert.IsNotNull(run.Settings.Model, "a run is known by its encoder's content");
        }
        StringAssert.Contains(File.ReadAllText(Path.Combine(layout.Folder, ReportFiles.Markdown)), "steps");
    }

    private static ResultLayout Layout(ExperimentConfiguration configuration, string command) =>
        new(configuration.Output!, new DirectoryInfo(configuration.Data!).Name, command);

    private static RunResult[] Runs(ResultLayout layout) =>
        [.. Directory.GetFiles(Path.GetDirectoryName(layout.RunFile("x"))!).Select(JsonFiles.Read<RunResult>)];

    private static ExperimentConfiguration Configuration(TemporaryFolder folder, int[] seeds) =>
        new()
        {
            Data = folder.Path,
            Model = folder["encoder"],
            Output = folder["results"],
            Cache = folder["cache"],
            Seeds = seeds,
            Threads = 1,
            Precision = ComputePrecision.Float32,
            Resamples = 200,
            Reference = "SSNA",
            Methods =
            [
                Method("SSNA", "Ssna", "{}"),
                Method("SASRec on ids", "ItemIds", null),
                Method("Popularity", "Popularity", null),
            ],
        };

    private static MethodConfiguration Method(string name, string method, string? options, string? methodOptions = null)
    {
        JsonObject all = [];
        if (method != "Popularity")
        {
            all = JsonNode
                .Parse("""{ "Dimension": 8, "SequenceModel.InnerSize": 16, "MaximumEpochs": 2 }""")!
                .AsObject();
        }
        foreach ((string key, JsonNode? value) in JsonNode.Parse(options ?? "{}")!.AsObject())
        {
            all[key] = value?.DeepClone();
        }
        return new()
        {
            Name = name,
            Method = method,
            Options = all,
            MethodOptions = JsonNode.Parse(methodOptions ?? "{}")!.AsObject(),
        };
    }

    private async Task<List<string>> RunAsync(string command, ExperimentConfiguration configuration)
    {
        configuration.Check();
        var lines = new List<string>();
        await new Experiment(
            command,
            configuration,
            line =>
            {
                lock (lines)
                {
                    lines.Add(line);
                }
            }
        ).RunAsync(TestContext.CancellationToken);
        return lines;
    }
}
