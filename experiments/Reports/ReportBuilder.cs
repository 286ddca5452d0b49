using Experiments.Configuration;
using Experiments.Runs;
using Experiments.Statistics;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

namespace Experiments.Reports;

/// <summary>From the runs of an experiment to its report.</summary>
internal static class ReportBuilder
{
    private const int BootstrapSeed = 1;

    /// <summary>Builds a report.</summary>
    /// <param name="command">The experiment's name.</param>
    /// <param name="dataSet">The data set's name.</param>
    /// <param name="configuration">What was asked for.</param>
    /// <param name="results">The finished runs of each method, in the configuration's order; methods without one are left out.</param>
    /// <param name="failures">What to say of runs that failed.</param>
    /// <exception cref="InvalidOperationException">Runs were measured on different test cases.</exception>
    public static ExperimentReport Build(
        string command,
        string dataSet,
        ExperimentConfiguration configuration,
        IReadOnlyList<RunResult[]> results,
        IReadOnlyList<string> failures
    )
    {
        (MethodConfiguration Method, RunResult[] Runs)[] finished =
        [
            .. configuration.Methods.Zip(results).Where(pair => pair.Second.Length > 0),
        ];
        string[] names = [.. finished.Select(pair => pair.Method.Name)];
        int reference = Math.Max(0, Array.IndexOf(names, configuration.Reference ?? names[0]));
        RunResult[][] runs = [.. finished.Select(pair => pair.Runs)];
        List<FigureReport>[] figures = [.. runs.Select(_ => new List<FigureReport>())];
        foreach (string cases in runs[0][0].Test.Keys)
        {
            AddFigures(figures, cases, runs, names, reference, configuration.Resamples);
        }
        return new()
        {
            Command = command,
            DataSet = dataSet,
            Counts = runs[0][0].Counts,
            Machines = [.. runs.SelectMany(of => of).Select(run => run.Machine).Distinct()],
            Versions = [.. runs.SelectMany(of => of).Select(run => run.Version).Distinct()],
            Reference = names[reference],
            Resamples = configuration.Resamples,
            Methods = [.. runs.Select((of, i) => Method(names[i], of, figures[i]))],
            Failures = failures,
        };
    }

    private static void AddFigures(
        List<FigureReport>[] figures,
        string cases,
        RunResult[][] runs,
        string[] names,
        int reference,
        int resamples
    )
    {
        int count = runs[0][0].Test[cases].All.Count;
        for (int i = 0; i < runs.Length; i++)
        {
            if (Array.Find(runs[i], run => run.Test[cases].All.Count != count) is { } other)
            {
                throw new InvalidOperationException(
                    $"'{names[i]}' was measured on {other.Test[cases].All.Count} test cases ('{cases}'), and '{names[0]}' on "
                        + $"{count}: they cannot be compared user by user."
                );
            }
        }
        (Protocol Protocol, Measure Measure)[] kinds =
        [
            .. Enum.GetValues<Protocol>().SelectMany(protocol => Measure.All.Select(measure => (protocol, measure))),
        ];
        // One bootstrap for all: a column a method and figure, each user's mean over the seeds.
        double[][][] columns =
        [
            .. runs.Select(of =>
                kinds
                    .Select(kind => CaseMeans.Of([.. of.Select(run => run.Test[cases])], kind.Protocol, kind.Measure))
                    .ToArray()
            ),
        ];
        double[][] means = PairedBootstrap.Means([.. columns.SelectMany(column => column)], resamples, BootstrapSeed);
        for (int k = 0; k < kinds.Length; k++)
        {
            (Protocol protocol, Measure measure) = kinds[k];
            Spread[] values =
            [
                .. runs.Select(of => Sample.Spread([.. of.Select(run => measure.Of(run.Test[cases].Of(protocol)))])),
            ];
            double best = values.Max(value => value.Mean);
            double[] ofReference = means[(reference * kinds.Length) + k];
            for (int i = 0; i < runs.Length; i++)
            {
                double[] own = means[(i * kinds.Length) + k];
                figures[i]
                    .Add(
                        new(
                            cases,
                            protocol,
                            measure.Name,
                            count,
                            runs[i][0].Test[cases].CatalogueSize,
                            values[i],
                            Interval(own),
                            best > 0 ? values[i].Mean / best : 0,
                            i == reference
                                ? null
                                : new(
                                    values[i].Mean - values[reference].Mean,
                                    Interval(own.Zip(ofReference, (mine, its) => mine - its))
                                ),
                            Sample.StandardError(columns[i][k])
                        )
                    );
            }
        }
    }

    private static Range Interval(IEnumerable<double> values)
    {
        (double low, double high) = PairedBootstrap.Interval(values);
        return new(low, high);
    }

    private static TrainingLimit? Limit(RunResult run)
    {
        IReadOnlyList<EpochFigures> epochs = run.Epochs;
        if (epochs.Count == 0)
        {
            return null; // nothing is trained
        }
        if (epochs[^1].Steps < epochs[^1].StepsPerEpoch)
        {
            return new(epochs.Count, epochs.Sum(epoch => epoch.Steps), epochs[^1].StepsPerEpoch);
        }
        int patience = run.Settings.Method.Options[nameof(SsnaTrainer.Options.Patience)]!.GetValue<int>();
        return epochs.Count - run.BestEpoch < patience ? new(epochs.Count, null, epochs[^1].StepsPerEpoch) : null;
    }

    private static MethodReport Method(string name, RunResult[] runs, List<FigureReport> figures)
    {
        MethodSettings settings = runs[0].Settings.Method;
        // Cold items have groups of test cases of their own instead.
        TestRanks[] whole = [.. runs.Select(run => run.Test.GetValueOrDefault(TestCases.All)).OfType<TestRanks>()];
        return new()
        {
            Name = name,
            Method = settings.Method,
            MethodOptions = settings.MethodOptions,
            Options = settings.Options,
            Seeds = [.. runs.Select(run => run.Settings.Seed)],
            Figures = figures,
            Groups = whole.Length == runs.Length ? GroupReport.Of(whole) : [],
            Lists = whole.Length == runs.Length ? ListReport.Of(whole) : [],
            SecondsPerEpoch = settings.IsTrained
                ? Sample.Spread([.. runs.Select(run => run.SecondsPerEpoch!.Value)])
                : null,
            SecondsTotal = Sample.Spread([.. runs.Select(run => run.SecondsTotal)]),
            PeakMemoryMb = Sample.Spread([.. runs.Select(run => run.PeakMemoryMb)]),
            TrainableParameters = runs[0].TrainableParameters,
            Limit = runs.Select(Limit).FirstOrDefault(limit => limit is not null),
            Searches = settings.Search is null ? null : [.. runs.Select(run => run.Search!)],
            BestEpochs = [.. runs.Select(run => run.BestEpoch)],
            ValidationRecallAt10 =
            [
                .. runs.Select(IReadOnlyList<double> (run) => [.. run.Epochs.Select(epoch => epoch.RecallAt10)]),
            ],
        };
    }
}
