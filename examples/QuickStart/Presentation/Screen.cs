using System.Diagnostics;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Spectre.Console;

namespace QuickStart.Presentation;

/// <summary>What the example prints.</summary>
internal sealed class Screen
{
    private readonly IAnsiConsole _console = AnsiConsole.Console;
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>Every finished epoch of the training.</summary>
    public IReadOnlyList<SsnaTrainingProgress> Epochs => _epochs;

    private readonly List<SsnaTrainingProgress> _epochs = [];

    public void Introduce(Shop shop)
    {
        var purchases = shop.TestCustomers.Sum(customer => customer.Sequence.Length + 1);
        _console.MarkupLine(
            $"[bold]The sample shop[/] (synthetic): {shop.Items.Length:N0} articles, "
                + $"{shop.TestCustomers.Length:N0} customers, {purchases:N0} purchases."
        );
    }

    /// <summary>Runs a training and shows how it goes: as a bar, or line by line where output goes to a file.</summary>
    public T Train<T>(Func<IProgress<SsnaTrainingProgress>, T> fit)
    {
        var started = _clock.Elapsed;
        var trained =
            _console.Profile.Capabilities.Interactive && !Console.IsOutputRedirected ? WithBar(fit) : WithLines(fit);
        _console.MarkupLine(
            $"Trained in {(_clock.Elapsed - started).TotalSeconds:F1} s: {_epochs.Count} epochs, epoch {_epochs[^1].BestEpoch} kept."
        );
        return trained;
    }

    /// <summary>Prints how the trained model does beside simpler ones and beside the best that is possible.</summary>
    public void Compare(
        IReadOnlyList<(string Name, ItemRankingMetrics Metrics)> baselines,
        (string Name, ItemRankingMetrics Metrics) trained,
        (string Name, ItemRankingMetrics Metrics) ceiling
    )
    {
        var table = new Table()
            .RoundedBorder()
            .Title($"Which of the {trained.Metrics.CatalogueSize} articles comes next?");
        table.AddColumn("");
        foreach (var heading in new[] { "Recall@10", "NDCG@10", "Recall@50" })
        {
            table.AddColumn(new TableColumn(heading).RightAligned());
        }

        foreach (var (name, metrics) in baselines.Append(trained).Append(ceiling))
        {
            var figures = metrics.All;
            table.AddRow(name, $"{figures.Recall(10):F3}", $"{figures.Ndcg(10):F3}", $"{figures.Recall(50):F3}");
        }

        var better = baselines.Max(baseline => baseline.Metrics.All.Recall(10));
        _console.WriteLine();
        _console.Write(table);
        _console.WriteLine(
            $"SSNA's ten hold the next purchase {trained.Metrics.All.Recall(10) / better:F2} times as often as the better baseline's."
        );
    }

    /// <summary>Prints what a customer bought, gets recommended, and bought in truth.</summary>
    public void Recommend(Shop shop, TestCustomer customer, string[] recommended)
    {
        _console.WriteLine();
        _console.MarkupLine($"[bold]Customer {customer.User}[/] bought, the latest last:");
        History(shop, customer.Sequence);
        _console.WriteLine("and gets recommended:");
        Ranking(shop, recommended, customer.Label, "bought next");
        if (!recommended.Contains(customer.Label))
        {
            _console.WriteLine($"  Bought next: {shop.NameOf(customer.Label)}.");
        }
    }

    public void IntroduceNew(Shop shop, ShopItem item, IReadOnlyList<Fan> fans)
    {
        _console.WriteLine();
        _console.MarkupLine(
            $"[bold]A new article[/], known by its text alone: {Markup.Escape(shop.NameOf(item.Item))}."
        );
        if (fans.Count == 0)
        {
            _console.WriteLine("No customer gets it recommended.");
            return;
        }

        _console.WriteLine($"It is among the ten best for {fans.Count:N0} customers. One of them bought:");
        History(shop, fans[0].Sequence);
        _console.WriteLine("and gets recommended:");
        Ranking(shop, fans[0].Recommended.Take(Math.Max(5, fans[0].Place + 1)), item.Item, "new");
    }

    public void Written(params string[] files)
    {
        _console.WriteLine();
        _console.WriteLine($"Done in {_clock.Elapsed.TotalSeconds:F0} s. Written:");
        foreach (var file in files)
        {
            _console.WriteLine($"  {Path.GetFullPath(file)}");
        }
    }

    public void Cancelled() => _console.WriteLine("Cancelled; nothing was saved.");

    private T WithBar<T>(Func<IProgress<SsnaTrainingProgress>, T> fit) =>
        _console
            .Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new ElapsedTimeColumn())
            .Start(progress =>
            {
                var bar = progress.AddTask("Reading texts").IsIndeterminate();
                return fit(
                    new EpochListener(epoch =>
                    {
                        _epochs.Add(epoch);
                        bar.IsIndeterminate = false;
                        bar.MaxValue = epoch.MaximumEpochs;
                        bar.Value = epoch.Epoch;
                        bar.Description = Markup.Escape(Describe(epoch));
                    })
                );
            });

    private T WithLines<T>(Func<IProgress<SsnaTrainingProgress>, T> fit) =>
        fit(
            new EpochListener(epoch =>
            {
                _epochs.Add(epoch);
                Console.WriteLine(Describe(epoch));
            })
        );

    private static string Describe(SsnaTrainingProgress epoch) =>
        $"Epoch {epoch.Epoch} of at most {epoch.MaximumEpochs}: loss {epoch.Loss:F3}, "
        + $"validation Recall@10 {epoch.ValidationRecallAt10:F3}";

    private void History(Shop shop, string[] sequence)
    {
        const int Shown = 6;
        if (sequence.Length > Shown)
        {
            _console.MarkupLine($"     [grey]({sequence.Length - Shown} earlier)[/]");
        }

        foreach (var item in sequence.TakeLast(Shown))
        {
            _console.WriteLine($"     {shop.NameOf(item)}");
        }
    }

    private void Ranking(Shop shop, IEnumerable<string> items, string marked, string mark)
    {
        foreach (var (place, item) in items.Index())
        {
            var name = Markup.Escape(shop.NameOf(item));
            _console.MarkupLine(
                item == marked ? $"  {place + 1}. [green]{name}  <- {mark}[/]" : $"  {place + 1}. {name}"
            );
        }
    }

    /// <summary>Reports at once, on the training's own thread; <see cref="Progress{T}"/> would report later and out of order.</summary>
    private sealed class EpochListener(Action<SsnaTrainingProgress> report) : IProgress<SsnaTrainingProgress>
    {
        public void Report(SsnaTrainingProgress value) => report(value);
    }
}
