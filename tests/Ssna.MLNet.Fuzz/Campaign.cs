using System.Globalization;
using Ssna.MLNet.Fuzz.Formats;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Fuzz;

/// <summary>Has child processes try mutations, and goes on after one that ends a child.</summary>
/// <param name="Root">A folder for the files.</param>
/// <param name="Seed">What the mutations come from, with the format and their number.</param>
internal sealed record Campaign(string Root, int Seed)
{
    // A child takes some 300 MB for TorchSharp.
    private const int Megabytes = 2000;

    // One mutation takes milliseconds, but others may be using the machine.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    /// <summary>One finding of an unwanted kind.</summary>
    public sealed record Finding(int Number, Outcome Outcome, string Mutation, string Message);

    /// <summary>What became of a format's mutations.</summary>
    public sealed record Results(
        string Format,
        IReadOnlyDictionary<Outcome, int> Counts,
        IReadOnlyList<Finding> Findings
    );

    public Results Run(Format format, int from, int count)
    {
        var counts = Enum.GetValues<Outcome>().ToDictionary(outcome => outcome, _ => 0);
        var findings = new List<Finding>();
        for (int next = from; next < from + count; )
        {
            LimitedProcess.Result child = LimitedProcess.Run(
                typeof(Campaign).Assembly.Location,
                Megabytes,
                s_longest,
                "child",
                format.Name,
                Root,
                $"{Seed}",
                $"{next}",
                $"{from + count - next}"
            );
            string last = "";
            foreach (string line in child.Output)
            {
                last = line;
                if (!line.StartsWith(Child.Prefix, StringComparison.Ordinal))
                {
                    continue;
                }
                string[] fields = line[Child.Prefix.Length..].Split('\t');
                int number = int.Parse(fields[0], CultureInfo.InvariantCulture);
                Add(new Finding(number, Enum.Parse<Outcome>(fields[1]), fields[2], fields[3]));
                next = number + 1;
            }
            if (next == from + count)
            {
                break;
            }
            string[] tried = last.Split('\t');
            if (tried is not ["trying", var at, var what])
            {
                throw new InvalidOperationException(
                    $"The process that reads '{format.Name}' ended with {child.ExitCode} before it read anything damaged: "
                        + child.Errors
                );
            }
            Outcome outcome = child.Ended switch
            {
                "memory" => Outcome.Memory,
                "time" => Outcome.Hang,
                _ => Outcome.Crash,
            };
            string errors = child.Errors.Split('\n', 2)[0];
            next = int.Parse(at, CultureInfo.InvariantCulture);
            Add(new Finding(next, outcome, what, $"exit code {child.ExitCode}. {errors}"));
            next++;
        }
        return new Results(format.Name, counts, findings);

        void Add(Finding finding)
        {
            counts[finding.Outcome]++;
            if (finding.Outcome.IsUnwanted() || count == 1)
            {
                findings.Add(finding);
            }
        }
    }
}
