using System.Text.Json.Nodes;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;

namespace Experiments.Configuration;

/// <summary>What an experiment is asked to do: a JSON file, and what the command line says otherwise.</summary>
internal sealed record ExperimentConfiguration
{
    /// <summary>Folder with items.tsv and interactions.tsv.</summary>
    public string? Data { get; init; }

    /// <summary>The encoder: a folder as on the Hugging Face hub, or an id there, which commands fetch.</summary>
    public string? Model { get; init; }

    /// <summary>Folder that keeps what the encoder computed, or null.</summary>
    public string? Cache { get; init; }

    /// <summary>Folder of the results; each data set gets a folder in it.</summary>
    public string? Output { get; init; }

    /// <summary>Where the options start from, for methods that do not say: <c>default</c> or <c>paper</c>.</summary>
    public string Preset { get; init; } = "default";

    /// <summary>Each method runs once with each seed.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [1];

    /// <summary>Threads of the tensor library, or null for its own choice.</summary>
    public int? Threads { get; init; }

    /// <summary>The precision of the matrix products, in the encoder and in training.</summary>
    public ComputePrecision Precision { get; init; } = ComputePrecision.Auto;

    /// <summary>The trainer's options by name, for all methods.</summary>
    public JsonObject Options { get; init; } = [];

    /// <summary>What is compared.</summary>
    public required IReadOnlyList<MethodConfiguration> Methods { get; init; }

    /// <summary>The name of the method that the others are compared with; null for the first.</summary>
    public string? Reference { get; init; }

    /// <summary>Resamples of the bootstrap.</summary>
    public int Resamples { get; init; } = 10_000;

    /// <summary>The share of the items that <c>cold</c> keeps from training.</summary>
    public double ColdShare { get; init; } = 0.1;

    /// <summary>Decides which items those are.</summary>
    public int ColdSeed { get; init; } = 1;

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidDataException">It is no such file; the message names what is wrong.</exception>
    public static ExperimentConfiguration Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"--configuration: there is no file '{path}'.", path);
        }
        JsonObject json = JsonFiles.Read<JsonObject>(path);
        JsonFiles.CheckNames(json, typeof(ExperimentConfiguration), path);
        if (json["methods"] is JsonArray methods)
        {
            for (int i = 0; i < methods.Count; i++)
            {
                if (methods[i] is JsonObject method)
                {
                    JsonFiles.CheckNames(method, typeof(MethodConfiguration), $"{path}: methods[{i}]");
                }
            }
        }
        return JsonFiles.Read<ExperimentConfiguration>(path);
    }

    /// <summary>The same with the named methods alone.</summary>
    /// <exception cref="InvalidDataException">There is none of a name.</exception>
    public ExperimentConfiguration WithMethods(IReadOnlyCollection<string> names)
    {
        string[] known = [.. Methods.Select(method => method.Name)];
        foreach (string name in names)
        {
            Require(known.Contains(name), "--methods", $"some of {Join(known)}", name);
        }
        return this with
        {
            Methods = [.. Methods.Where(method => names.Contains(method.Name))],
            Reference = Reference is not null && names.Contains(Reference) ? Reference : null,
        };
    }

    /// <summary>The same with another limit of epochs, whatever the file says of any method.</summary>
    public ExperimentConfiguration WithMaximumEpochs(int epochs) =>
        this with
        {
            Methods =
            [
                .. Methods.Select(method =>
                {
                    if (method.Method == MethodSettings.Popularity)
                    {
                        return method;
                    }
                    var options = (JsonObject)method.Options.DeepClone();
                    options[nameof(SsnaTrainer.Options.MaximumEpochs)] = epochs;
                    return method with { Options = options };
                }),
            ],
        };

    /// <exception cref="InvalidDataException">Something is missing, out of its range or there twice; the message names it.</exception>
    public void Check()
    {
        Require(Data is not null, "data", "a folder, by --data or in the file", "none");
        Require(Directory.Exists(Data), "data", "a folder", Data);
        Require(Output is not null, "output", "a folder, by --output or in the file", "none");
        Require(Seeds.Count > 0 && Seeds.Distinct().Count() == Seeds.Count, "seeds", "different numbers", Join(Seeds));
        Require(Resamples >= 100, "resamples", "at least 100", Resamples);
        Require(ColdShare is > 0 and < 1, "cold_share", "above 0 and below 1", ColdShare);
        Require(Methods.Count > 0, "methods", "at least one", "none");
        string[] names = [.. Methods.Select(method => method.Name)];
        Require(names.Distinct().Count() == names.Length, "methods", "a name of its own for each", Join(names));
        Require(Reference is null || names.Contains(Reference), "reference", $"one of {Join(names)}", Reference);
        foreach (MethodConfiguration method in Methods)
        {
            bool encoder = MethodSettings.ReadsTexts(method.Method);
            Require(
                !encoder || Model is not null,
                "model",
                $"the encoder's folder, by --model or in the file, for method '{method.Name}'",
                "none"
            );
            Require(!encoder || Directory.Exists(Model), "model", "a folder", Model);
            var settings = MethodSettings.Resolve(this, method);
            if (settings.NeedsFeatures)
            {
                // Extraction would find it too, but for all methods together, and in the words of an option of its own.
                int layers = EncoderFolder.LayerCount(Model!);
                Require(
                    settings.FeatureLayers <= layers,
                    $"method '{method.Name}'",
                    $"a {nameof(ItemAdaptation.Ssna.LayerCount)} of at most {layers}, all layers of the encoder '{Model}'",
                    settings.FeatureLayers
                );
            }
        }
    }

    private static string Join<T>(IEnumerable<T> values) => string.Join(", ", values);

    private static void Require(bool holds, string name, string expected, object? found)
    {
        if (!holds)
        {
            throw new InvalidDataException(FormattableString.Invariant($"{name}: expected {expected}, found {found}."));
        }
    }
}

/// <summary>One method of an experiment.</summary>
internal sealed record MethodConfiguration
{
    /// <summary>As the report calls it.</summary>
    public required string Name { get; init; }

    /// <summary>What it is: see <see cref="MethodSettings.Methods"/>.</summary>
    public required string Method { get; init; }

    /// <summary>The method's own options by name, such as <c>LayerCount</c> of <c>TopMlp</c>.</summary>
    public JsonObject MethodOptions { get; init; } = [];

    /// <summary><c>default</c> or <c>paper</c>; null for the experiment's.</summary>
    public string? Preset { get; init; }

    /// <summary>The trainer's options by name, over those of the experiment.</summary>
    public JsonObject Options { get; init; } = [];

    /// <summary>
    /// What a search varies: lists of values by name (the method's own options as <c>Adaptation.LayerCount</c>), or
    /// <c>"paper"</c> for the paper's grid; null for no search.
    /// </summary>
    public JsonNode? Grid { get; init; }

    /// <summary>How many points of the grid are drawn at random, or null for all.</summary>
    public int? SampleSize { get; init; }

    /// <summary>Time after which a search starts no further trial, or null.</summary>
    public TimeSpan? SearchTime { get; init; }
}
