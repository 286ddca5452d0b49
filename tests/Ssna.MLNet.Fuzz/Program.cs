// Damages files that the library reads and says what becomes of them: see "Damaged files" in docs/reliability.md.
using System.CommandLine;
using System.Globalization;
using Ssna.MLNet.Fuzz;
using Ssna.MLNet.Fuzz.Formats;

if (args is ["child", var name, var root, var seedOfChild, var from, var howMany])
{
    using Format format = Format.All.Single(format => format.Name == name);
    Child.Run(format, root, Number(seedOfChild), Number(from), Number(howMany));
    return 0;
}

string[] names = ["all", .. Format.All.Select(format => format.Name)];
var formats = new Option<string[]>("--format")
{
    Description = "Which formats, or all.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => ["all"],
};
formats.AcceptOnlyFromAmong(names);
var count = new Option<int>("--count") { Description = "Mutations a format.", DefaultValueFactory = _ => 100 };
var seed = new Option<int>("--seed") { Description = "Where chance starts.", DefaultValueFactory = _ => 1 };
var only = new Option<int?>("--only") { Description = "The number of one mutation, to repeat it." };
var root2 = new RootCommand("Damages files and says what becomes of them.") { formats, count, seed, only };
root2.SetAction(parsed =>
{
    string[] chosen = parsed.GetValue(formats)!;
    int start = parsed.GetValue(seed);
    int? single = parsed.GetValue(only);
    string folder = Directory.CreateTempSubdirectory("ssna-fuzz-").FullName;
    try
    {
        var campaign = new Campaign(folder, start);
        var all = Format
            .All.Where(format => chosen.Contains("all") || chosen.Contains(format.Name))
            .AsParallel()
            .AsOrdered()
            .WithDegreeOfParallelism(Math.Min(Environment.ProcessorCount, 8))
            .WithMergeOptions(ParallelMergeOptions.NotBuffered)
            .Select(format => campaign.Run(format, single ?? 0, single is null ? parsed.GetValue(count) : 1))
            .ToList();
        Console.WriteLine(Table.Of(all));
        Console.WriteLine(Table.Findings(all, start));
        return all.Any(results => results.Findings.Any(finding => finding.Outcome.IsUnwanted())) ? 1 : 0;
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
});
return await root2.Parse(args).InvokeAsync();

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
