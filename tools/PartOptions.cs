using System.CommandLine;
using System.Globalization;

namespace Tools;

/// <summary>Which part of a work that an array of jobs shares is this process's.</summary>
/// <param name="what">What is shared.</param>
internal sealed class PartOptions(string what)
{
    // Slurm's array jobs and Kubernetes' indexed jobs say by these which one a process is.
    private static readonly string[] s_indexes = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"];

    public Option<int> Parts { get; } =
        new("--parts") { Description = $"Jobs that share {what}.", DefaultValueFactory = _ => 1 };

    public Option<int> Part { get; } =
        new("--part")
        {
            Description =
                $"Which of them this is, from 0. Default: {string.Join(" or ", s_indexes)}, where a scheduler sets it.",
            DefaultValueFactory = _ => FromScheduler(Environment.GetEnvironmentVariable),
        };

    public void AddTo(Command command)
    {
        command.Add(Part);
        command.Add(Parts);
        command.Validators.Add(result =>
        {
            // Defaults are not there yet.
            int parts = IsGiven(Parts) ? result.GetValue(Parts) : 1;
            int part = IsGiven(Part) ? result.GetValue(Part) : FromScheduler(Environment.GetEnvironmentVariable);
            // A job that a scheduler has numbered for something else does all of the work.
            bool isAsked = IsGiven(Part) || parts != 1;
            if (parts < 1)
            {
                result.AddError($"{Parts.Name}: expected 1 or more, found {parts}.");
            }
            else if (isAsked && (part < 0 || part >= parts))
            {
                result.AddError($"{Part.Name}: expected from 0 to {parts - 1}, found {part}.");
            }

            bool IsGiven(Option option) => result.GetResult(option) is { Implicit: false };
        });
    }

    /// <summary>The part, from 0, and how many there are.</summary>
    public (int Part, int Parts) Of(ParseResult arguments) =>
        arguments.GetValue(Parts) is > 1 and int parts ? (arguments.GetValue(Part), parts) : (0, 1);

    /// <summary>The index that a scheduler has given this process, or 0.</summary>
    /// <param name="variable">The value of a variable, or null.</param>
    internal static int FromScheduler(Func<string, string?> variable) =>
        s_indexes
            .Select(variable)
            .Where(value => value is not null)
            .Select(value => int.Parse(value!, CultureInfo.InvariantCulture))
            .FirstOrDefault();
}
