using System.Text.Json;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tool.Tests;

/// <summary>What somebody does with a shop's files, one command after another.</summary>
[TestClass]
public sealed class SessionTests
{
    private static TemporaryFolder s_folder = null!;
    private static CommandLine.Result s_trained = null!;

    [ClassInitialize]
    public static async Task TrainAsync(TestContext context)
    {
        s_folder = TinyShop.Write();
        s_trained = await CommandLine.RunAsync(TinyShop.Train(s_folder, "--json"));
    }

    [ClassCleanup]
    public static void Delete() => s_folder.Dispose();

    [TestMethod]
    public void Training_says_what_was_read_trained_and_saved_and_how_good_it_is_beside_popularity()
    {
        JsonElement report = s_trained.Json;
        Assert.AreEqual(TinyShop.Items, report.GetProperty("items").GetInt32());
        Assert.AreEqual(TinyShop.Users, report.GetProperty("users").GetInt32());
        Assert.AreEqual(5 * TinyShop.Users, report.GetProperty("interactions").GetInt64());
        Assert.AreEqual(0, report.GetProperty("rows_left_out").GetInt64());
        Assert.AreEqual(2, report.GetProperty("epochs").GetInt32());
        Assert.AreEqual(new FileInfo(s_folder["shop.zip"]).Length, report.GetProperty("model_bytes").GetInt64());
        JsonElement test = report.GetProperty("test");
        Assert.AreEqual(TinyShop.Users, test.GetProperty("users").GetInt32());
        JsonElement unseen = test.GetProperty("unseen");
        foreach (string recommender in new[] { "model", "popularity" })
        {
            JsonElement figures = unseen.GetProperty(recommender);
            // Ten of ten items.
            Assert.AreEqual(1, figures.GetProperty("recall@10").GetProperty("value").GetDouble());
            Assert.IsInRange(0.2, 1.0, figures.GetProperty("ndcg@10").GetProperty("value").GetDouble());
        }
        StringAssert.Contains(s_trained.Errors, "items of items.csv: id 'product_id', text 'title', 'brand'");
        StringAssert.Contains(
            s_trained.Errors,
            "interactions of clicks.csv: user 'customer_id', item 'product_id', time 'timestamp'"
        );
        StringAssert.Contains(s_trained.Errors, "epoch   2");
    }

    [TestMethod]
    public async Task Recommendations_are_not_in_the_history_and_name_what_of_it_is_nearest()
    {
        JsonElement report = (
            await CommandLine.RunAsync(
                "recommend",
                s_folder["shop.zip"],
                "--history",
                "P1,P2,unheard",
                "-k",
                "3",
                "--items",
                s_folder["items.csv"],
                "--json"
            )
        ).Json;
        JsonElement[] items = [.. report.GetProperty("items").EnumerateArray()];
        Assert.HasCount(3, items);
        foreach (JsonElement item in items)
        {
            string id = item.GetProperty("item").GetString()!;
            CollectionAssert.DoesNotContain(new[] { "P1", "P2" }, id);
            Assert.AreEqual(
                $"{TinyEncoder.Words[int.Parse(id[1..])]}, round large",
                item.GetProperty("text").GetString()
            );
            Assert.AreEqual(2, item.GetProperty("nearest").GetArrayLength());
        }
        Assert.AreEqual("unheard", report.GetProperty("unknown_items").EnumerateArray().Single().GetString());
    }

    [TestMethod]
    public async Task Somebody_who_took_nothing_gets_what_is_popular()
    {
        JsonElement report = (
            await CommandLine.RunAsync("recommend", s_folder["shop.zip"], "--history", "", "-k", "2", "--json")
        ).Json;
        Assert.AreEqual(2, report.GetProperty("items").GetArrayLength());
        Assert.AreEqual(0, report.GetProperty("items")[0].GetProperty("nearest").GetArrayLength());
    }

    [TestMethod]
    public async Task An_item_that_the_model_lacks_is_named_with_one_that_it_has()
    {
        CommandLine.Result result = await CommandLine.RunAsync("similar", s_folder["shop.zip"], "X9");
        Assert.AreEqual(
            $"item: expected one of the {TinyShop.Items} items of the model, such as 'P0', found 'X9'.",
            result.Message
        );
    }

    [TestMethod]
    public async Task People_get_a_table_and_what_is_unknown_is_said_beside_it()
    {
        CommandLine.Result result = await CommandLine.RunAsync(
            "recommend",
            s_folder["shop.zip"],
            "--history",
            "P1,unheard",
            "--count",
            "2"
        );
        Assert.AreEqual(0, result.ExitCode, result.Errors);
        StringAssert.Contains(result.Output, "nearest in the history");
        StringAssert.Contains(result.Errors, "The model does not know unheard.");
        Assert.HasCount(2, result.Output.Split('\n').Where(line => line.Contains("P1") && !line.Contains("history")));
    }

    [TestMethod]
    [DataRow("csv")]
    [DataRow("tsv")]
    [DataRow("jsonl")]
    public async Task Every_user_of_a_file_is_recommended_to(string extension)
    {
        string path = s_folder["recommendations", $"all.{extension}"];
        JsonElement report = (
            await CommandLine.RunAsync(
                "recommend",
                s_folder["shop.zip"],
                "--interactions",
                s_folder["clicks.csv"],
                "-k",
                "4",
                "--output",
                path,
                "--json"
            )
        ).Json;
        Assert.AreEqual(TinyShop.Users, report.GetProperty("users").GetInt32());
        string[] lines = File.ReadAllLines(path);
        if (extension == "jsonl")
        {
            Assert.HasCount(TinyShop.Users, lines);
            JsonElement first = JsonElement.Parse(lines[0]);
            Assert.AreEqual("C0", first.GetProperty("user").GetString());
            Assert.AreEqual(4, first.GetProperty("items").GetArrayLength());
            return;
        }
        char separator = extension == "csv" ? ',' : '\t';
        Assert.AreEqual(string.Join(separator, "user", "rank", "item", "score"), lines[0]);
        Assert.HasCount(1 + (4 * TinyShop.Users), lines);
        CollectionAssert.AreEqual(new[] { "C0", "4" }, lines[4].Split(separator)[..2]);
    }

    [TestMethod]
    public async Task Parts_have_every_user_once_and_together_what_one_job_writes()
    {
        string[] common = ["recommend", s_folder["shop.zip"], "--interactions", s_folder["clicks.csv"], "-k", "2"];
        string whole = s_folder["parts", "whole.csv"];
        Assert.AreEqual(0, (await CommandLine.RunAsync([.. common, "--output", whole])).ExitCode);
        var rows = new List<string>();
        for (int part = 0; part < 3; part++)
        {
            JsonElement report = (
                await CommandLine.RunAsync([
                    .. common,
                    "--output",
                    s_folder["parts", "users.csv"],
                    "--parts",
                    "3",
                    "--part",
                    $"{part}",
                    "--json",
                ])
            ).Json;
            string path = report.GetProperty("output").GetString()!;
            Assert.AreEqual($"users-{part}-of-3.csv", Path.GetFileName(path));
            string[] lines = File.ReadAllLines(path);
            Assert.HasCount(1 + (2 * report.GetProperty("users").GetInt32()), lines);
            rows.AddRange(lines[1..]);
        }
        CollectionAssert.AreEquivalent(File.ReadAllLines(whole)[1..], rows);
        CommandLine.Result refused = await CommandLine.RunAsync([
            .. common,
            "--output",
            whole,
            "--parts",
            "3",
            "--part",
            "3",
        ]);
        StringAssert.Contains(refused.Errors, "--part: expected from 0 to 2, found 3.");
    }

    [TestMethod]
    public async Task Without_a_file_recommendations_are_all_that_standard_output_has()
    {
        string[] common = ["recommend", s_folder["shop.zip"], "--interactions", s_folder["clicks.csv"], "-k", "1"];
        CommandLine.Result csv = await CommandLine.RunAsync(common);
        CommandLine.Result json = await CommandLine.RunAsync([.. common, "--json"]);
        string[] rows = csv.Output.TrimEnd().Split('\n');
        string[] lines = json.Output.TrimEnd().Split('\n');
        Assert.HasCount(1 + TinyShop.Users, rows);
        Assert.HasCount(TinyShop.Users, lines);
        CollectionAssert.AreEqual(
            rows[1..].Select(row => row.Split(',')[2]).ToArray(),
            lines
                .Select(line => JsonElement.Parse(line).GetProperty("items")[0].GetProperty("item").GetString())
                .ToArray()
        );
    }

    [TestMethod]
    public async Task Similar_items_are_the_nearest_first()
    {
        JsonElement report = (
            await CommandLine.RunAsync("similar", s_folder["shop.zip"], "P0", "-k", "4", "--json")
        ).Json;
        float[] scores =
        [
            .. report.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("score").GetSingle()),
        ];
        Assert.HasCount(4, scores);
        CollectionAssert.AreEqual(scores.OrderDescending().ToArray(), scores);
    }

    [TestMethod]
    public async Task Added_items_are_found_and_the_old_model_stays_as_it_is()
    {
        byte[] before = File.ReadAllBytes(s_folder["shop.zip"]);
        JsonElement report = (
            await CommandLine.RunAsync(
                "add-items",
                s_folder["shop.zip"],
                "--items",
                s_folder["new.csv"],
                "--output",
                s_folder["larger.zip"],
                "--json"
            )
        ).Json;
        Assert.AreEqual(1, report.GetProperty("added").GetInt32());
        Assert.AreEqual(1, report.GetProperty("replaced").GetInt32());
        Assert.AreEqual(TinyShop.Items + 1, report.GetProperty("items").GetInt32());
        CollectionAssert.AreEqual(before, File.ReadAllBytes(s_folder["shop.zip"]));
        CommandLine.Result similar = await CommandLine.RunAsync("similar", s_folder["larger.zip"], "N1", "--json");
        Assert.AreEqual(TinyShop.Items, similar.Json.GetProperty("items").GetArrayLength());
    }

    [TestMethod]
    public async Task Evaluation_of_the_same_file_gives_the_figures_of_the_training()
    {
        JsonElement report = (
            await CommandLine.RunAsync(
                "evaluate",
                s_folder["shop.zip"],
                "--interactions",
                s_folder["clicks.csv"],
                "--json"
            )
        ).Json;
        Assert.AreEqual(s_trained.Json.GetProperty("test").GetRawText(), Indented(report.GetRawText()));

        // The report stands one level deeper in that of the training.
        static string Indented(string json) => json.Replace("\n", "\n  ").TrimEnd();
    }

    [TestMethod]
    public async Task A_training_goes_on_from_a_model_without_being_told_its_encoder()
    {
        string[] command = [.. TinyShop.Train(s_folder, "--start-from", s_folder["shop.zip"], "--no-test", "--json")];
        int encoder = Array.IndexOf(command, "--encoder");
        int output = Array.IndexOf(command, "--output");
        command[output + 1] = s_folder["next.zip"];
        JsonElement report = (
            await CommandLine.RunAsync([.. command.Where((_, i) => i != encoder && i != encoder + 1)])
        ).Json;
        Assert.AreEqual(JsonValueKind.Null, report.GetProperty("test").ValueKind);
        Assert.IsTrue(File.Exists(s_folder["next.zip"]));
    }

    [TestMethod]
    public async Task A_training_with_checkpoints_that_has_ended_gives_its_model_at_once()
    {
        string[] command = TinyShop.Train(s_folder, "--checkpoint", s_folder["checkpoints"], "--json");
        command[Array.IndexOf(command, "--output") + 1] = s_folder["kept.zip"];
        CommandLine.Result first = await CommandLine.RunAsync(command);
        CommandLine.Result second = await CommandLine.RunAsync(command);
        Assert.AreEqual(first.Json.GetProperty("test").GetRawText(), second.Json.GetProperty("test").GetRawText());
        StringAssert.Contains(first.Errors, "epoch   1");
        Assert.DoesNotContain("epoch   1", second.Errors);
    }

    [TestMethod]
    public async Task A_folder_of_a_known_layout_is_trained_on_and_evaluated()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(
            folder["items.tsv"],
            ["item\ttext", .. TinyEncoder.Words.Select((word, i) => $"{i}\t{word}")]
        );
        File.WriteAllLines(
            folder["interactions.tsv"],
            [
                "user\titem\ttime",
                .. from user in Enumerable.Range(0, 20)
                from step in Enumerable.Range(0, 4)
                select $"{user}\t{(user + step) % TinyEncoder.Words.Count}\t{step}",
            ]
        );
        string[] common = ["--data", folder.Path, "--json"];
        CommandLine.Result trained = await CommandLine.RunAsync([
            "train",
            .. common,
            "--encoder",
            s_folder["encoder"],
            "--output",
            folder["model.zip"],
            "--epochs",
            "1",
            "--dimension",
            "16",
        ]);
        CommandLine.Result evaluated = await CommandLine.RunAsync(["evaluate", folder["model.zip"], .. common]);
        Assert.AreEqual(20, trained.Json.GetProperty("users").GetInt32());
        Assert.AreEqual(20, evaluated.Json.GetProperty("users").GetInt32());
    }
}
