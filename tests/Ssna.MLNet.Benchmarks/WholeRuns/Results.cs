using System.Globalization;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>The figures of one benchmark: printed as a table under the machine's name, and written as JSON where asked for.</summary>
internal sealed class Results
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // a version's plus sign as one
    };

    private readonly string _benchmark;
    private readonly List<(string Name, double Value, string Unit)> _figures = [];

    /// <param name="benchmark">The benchmark's name.</param>
    public Results(string benchmark)
    {
        _benchmark = benchmark;
        Console.WriteLine(Machine.Description);
    }

    public void Add(string name, double value, string unit)
    {
        _figures.Add((name, value, unit));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name, -46} {value, 12:G5} {unit}"));
    }

    /// <summary>Time and operations of a whole run, beside the rate that a plain matrix product reaches.</summary>
    /// <param name="what">What ran.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="operations">What the mathematics needs.</param>
    /// <param name="rate">Operations a second of a matrix product in the same process, threads and precision.</param>
    public void AddRun(string what, double seconds, double operations, double rate)
    {
        Add($"{what}: time", seconds, "s");
        Add($"{what}: operations needed", operations / 1e9, "GFLOP");
        Add($"{what}: rate", operations / seconds / 1e9, "GFLOP/s");
        Add($"{what}: matrix product beside it", rate / 1e9, "GFLOP/s");
        Add($"{what}: share of it", 100 * operations / seconds / rate, "%");
    }

    /// <summary>Writes all figures, beside and renamed.</summary>
    public void Write(string? path)
    {
        if (path is null)
        {
            return;
        }
        var content = new
        {
            benchmark = _benchmark,
            version = LibraryVersion(),
            machine = Machine.Description,
            figures = _figures.Select(figure => new
            {
                name = figure.Name,
                value = double.IsFinite(figure.Value) ? figure.Value : (double?)null,
                unit = figure.Unit,
            }),
        };
        WholeFile.Write(path, file => JsonSerializer.Serialize(file, content, s_json));
    }

    // With the commit, as the SDK writes it into every assembly: figures without it cannot be told from older ones.
    private static string LibraryVersion() =>
        typeof(SsnaTrainer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
