using System.IO.Compression;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Hub;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests.Hub;

/// <summary><c>ExtractEncoderLayers</c> with a model of the hub.</summary>
[TestClass]
public sealed class EncoderByIdTests : IDisposable
{
    private const string Id = "owner/tiny-model";

    private readonly HubServer _server = new();
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _mlContext = new(1);
    private readonly string _commit;

    public EncoderByIdTests()
    {
        TinyEncoder.Write(_folder["encoder"]);
        _commit = _server.Add(Id, HubServer.FilesOf(_folder["encoder"]));
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }

    private sealed class Layered
    {
        [VectorType(2, TinyEncoder.Width)]
        public float[] Layers { get; set; } = [];
    }

    [TestMethod]
    public void Layers_are_those_of_the_folder_and_the_log_says_what_is_fetched()
    {
        var lines = new List<string>();
        _mlContext.Log += (_, line) => lines.Add(line.RawMessage);
        using EncoderLayersTransformer named = Fit(Id, "cache");
        using EncoderLayersTransformer local = Fit(_folder["encoder"], "none");
        CollectionAssert.AreEqual(Layers(local), Layers(named));
        Assert.IsTrue(
            lines.Any(line =>
                line.Contains("Fetching", StringComparison.Ordinal)
                && line.Contains("model.safetensors", StringComparison.Ordinal)
                && line.Contains(_commit, StringComparison.Ordinal)
            ),
            string.Join('\n', lines)
        );
        Assert.IsFalse(Directory.Exists(_folder["none"]));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_saved_transformer_is_the_same_wherever_the_cache_lies(bool storeWeights)
    {
        using EncoderLayersTransformer first = Fit(Id, "one", storeWeights);
        using EncoderLayersTransformer second = Fit($"{Id}@{_commit}", Path.Combine("another", "place"), storeWeights);
        first.Save(_folder["first.zip"]);
        second.Save(_folder["second.zip"]);
        Dictionary<string, byte[]> entries = Entries(_folder["first.zip"]);
        Dictionary<string, byte[]> others = Entries(_folder["second.zip"]);
        CollectionAssert.AreEquivalent(entries.Keys, others.Keys);
        foreach ((string name, byte[] content) in entries)
        {
            CollectionAssert.AreEqual(content, others[name], name);
            string text = System.Text.Encoding.UTF8.GetString(content);
            Assert.IsFalse(text.Contains(_folder.Path, StringComparison.Ordinal), name);
        }

        if (storeWeights)
        {
            Directory.Delete(_folder["one"], recursive: true);
            using var loaded = (EncoderLayersTransformer)_mlContext.Model.Load(_folder["first.zip"], out _);
            CollectionAssert.AreEqual(Layers(first), Layers(loaded));
            // Saved again, it is called the same.
            loaded.Save(_folder["again.zip"]);
            foreach ((string name, byte[] content) in Entries(_folder["again.zip"]))
            {
                CollectionAssert.AreEqual(entries[name], content, name);
            }
        }
    }

    [TestMethod]
    public void Without_its_weights_a_saved_transformer_fetches_the_commit_that_it_was_made_with()
    {
        using (EncoderLayersTransformer transformer = Fit(Id, "cache", storeWeights: false))
        {
            transformer.Save(_folder["model.zip"]);
        }
        TinyEncoder.Write(_folder["later"], seed: 2);
        _server.Add(Id, HubServer.FilesOf(_folder["later"]));
        // Another process, so that the environment can say where.
        (int exitCode, string output, string errors) = FreshProcess.Run(
            FreshProcess.Folder,
            new()
            {
                ["HF_ENDPOINT"] = $"{_server.Endpoint}",
                ["HF_HOME"] = _folder["home"],
                ["HF_HUB_CACHE"] = "",
                ["HF_TOKEN"] = "",
                ["HF_HUB_OFFLINE"] = "",
            },
            "transform",
            _folder["model.zip"],
            Data(),
            "Layers"
        );
        Assert.AreEqual(0, exitCode, errors);
        using EncoderLayersTransformer expected = Fit(_folder["encoder"], "none");
        string[] bits = [.. Layers(expected).Select(value => BitConverter.SingleToInt32Bits(value).ToString("x8"))];
        CollectionAssert.AreEqual(bits, output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.IsTrue(Directory.Exists(_folder["home", "hub", "models--owner--tiny-model", "snapshots", _commit]));
    }

    [TestMethod]
    public void A_fetch_stops_when_the_options_token_or_the_whole_context_is_cancelled()
    {
        var never = new TaskCompletionSource();
        foreach (bool byContext in (bool[])[false, true])
        {
            using var cancellation = new CancellationTokenSource();
            var context = new MLContext(1);
            _server.Change = (request, answer) =>
            {
                if (!request.Path.StartsWith("/cdn/", StringComparison.Ordinal))
                {
                    return answer;
                }
                if (byContext)
                {
                    typeof(MLContext)
                        .GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.NonPublic)!
                        .Invoke(context, null);
                }
                else
                {
                    cancellation.Cancel();
                }
                return answer with { Waits = never.Task };
            };
            EncoderLayersEstimator.Options options = Options(Id, $"cache-{byContext}");
            options.CancellationToken = cancellation.Token;
            IDataView view = context.Data.LoadFromEnumerable(new[] { new Row { Text = "red pan" } });
            Assert.Throws<OperationCanceledException>(() =>
                context.Transforms.Text.ExtractEncoderLayers(options).Fit(view)
            );
        }
    }

    [TestMethod]
    public void What_the_hub_has_not_is_said_as_of_a_folder()
    {
        var error = Assert.ThrowsExactly<FileNotFoundException>(() => Fit("owner/other-model", "cache"));
        StringAssert.Contains(error.Message, "owner/other-model");
        StringAssert.Contains(error.Message, "does not exist");
    }

    private EncoderLayersEstimator.Options Options(string model, string cache, bool storeWeights = true) =>
        new()
        {
            InputColumnName = "Text",
            Model = model,
            Layers = 2,
            StoreWeights = storeWeights,
            Hub = new ModelHub
            {
                CacheFolder = _folder[cache],
                Endpoint = _server.Endpoint,
                Environment = new HubEnvironment(_ => null),
            },
        };

    private EncoderLayersTransformer Fit(string model, string cache, bool storeWeights = true) =>
        _mlContext.Transforms.Text.ExtractEncoderLayers(Options(model, cache, storeWeights)).Fit(View());

    private IDataView View() =>
        _mlContext.Data.LoadFromEnumerable(
            new[]
            {
                new Row { Text = "red pan" },
                new Row { Text = "large blue lid" },
            }
        );

    private static Dictionary<string, byte[]> Entries(string zip)
    {
        using ZipArchive archive = ZipFile.OpenRead(zip);
        return archive.Entries.ToDictionary(
            entry => entry.FullName,
            entry =>
            {
                using Stream content = entry.Open();
                using var copy = new MemoryStream();
                content.CopyTo(copy);
                return copy.ToArray();
            }
        );
    }

    private string Data()
    {
        string path = _folder["data.idv"];
        using FileStream file = File.Create(path);
        _mlContext.Data.SaveAsBinary(View(), file);
        return path;
    }

    private float[] Layers(EncoderLayersTransformer transformer) =>
        [
            .. _mlContext
                .Data.CreateEnumerable<Layered>(transformer.Transform(View()), reuseRowObject: false)
                .SelectMany(row => row.Layers),
        ];
}
