using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using Command = System.CommandLine.Command;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>One process that fits, recommends, loads and adds items for long: whether its memory stays what it is.</summary>
internal static class SoakRun
{
    private const int Rounds = 10;
    private const int Items = 2000;
    private const int NewItems = 50;
    private const int Layers = 2;
    private const int Width = 64;
    private const double Allowed = 1.05;

    public static Command Command()
    {
        var fits = new Option<int>("--fits") { DefaultValueFactory = _ => 30 };
        var requests = new Option<int>("--requests") { DefaultValueFactory = _ => 20_000, Description = "Recommend." };
        var loads = new Option<int>("--loads") { DefaultValueFactory = _ => 200 };
        var catalogues = new Option<int>("--catalogues") { DefaultValueFactory = _ => 50, Description = "WithItems." };
        var json = new Option<string?>("--json") { Description = "Where the figures are written." };
        var command = new Command("soak", "Resident memory over long work in one process.")
        {
            fits,
            requests,
            loads,
            catalogues,
            json,
        };
        command.SetAction(arguments =>
        {
            var results = new Results("soak");
            using var folder = new TemporaryFolder();
            var work = new Work(folder["model.zip"]);
            double first = 0;
            double last = 0;
            for (int round = 1; round <= Rounds; round++)
            {
                work.Fit(Part(fits));
                work.Load(Part(loads));
                work.AddItems(Part(catalogues));
                work.Recommend(Part(requests));
                last = Resident();
                first = round == 1 ? last : first;
                results.Add($"resident after {round} of {Rounds} parts", last, "MB");
            }
            results.Add("the end, of that after a tenth", 100 * last / first, "%");
            results.Write(arguments.GetValue(json));
            return last <= Allowed * first ? 0 : 1;

            int Part(Option<int> option) => arguments.GetValue(option) / Rounds;
        });
        return command;
    }

    // Without what is garbage already: when that is collected is .NET's affair.
    private static double Resident()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        NativeHeap.Trim();
        return Machine.ResidentMegabytes;
    }

    /// <param name="zip">Where a model is saved and loaded from.</param>
    private sealed class Work(string zip)
    {
        private readonly MLContext _context = new(1);

        public void Fit(int count)
        {
            for (int i = 0; i < count; i++)
            {
                var options = new SsnaTrainer.Options
                {
                    Items = Rows(GeneratedShop.Items(Items, Layers, Width)),
                    Dimension = 64,
                    MaximumEpochs = 2,
                };
                IDataView users = _context.Data.LoadFromEnumerable(GeneratedShop.Users(1000, Items, interactions: 10));
                using SsnaTransformer model = _context.Recommendation().Trainers.Ssna(options).Fit(users);
                model.Save(zip);
            }
        }

        public void Load(int count)
        {
            for (int i = 0; i < count; i++)
            {
                SsnaTransformer.Load(_context, zip).Dispose();
            }
        }

        public void AddItems(int count)
        {
            using SsnaTransformer model = SsnaTransformer.Load(_context, zip);
            for (int i = 0; i < count; i++)
            {
                IEnumerable<ItemRow> news = GeneratedShop.Items(Items + NewItems, Layers, Width).Skip(Items);
                model.WithItems(Rows(news)).Dispose();
            }
        }

        public void Recommend(int count)
        {
            using SsnaTransformer model = SsnaTransformer.Load(_context, zip);
            for (int i = 0; i < count; i++)
            {
                model.Recommend([i % Items, (i * 7) % Items, (i * 31) % Items], k: 10);
            }
        }

        private IDataView Rows(IEnumerable<ItemRow> items)
        {
            var schema = SchemaDefinition.Create(typeof(ItemRow));
            schema[nameof(ItemRow.Layers)].ColumnType = new VectorDataViewType(
                NumberDataViewType.Single,
                Layers,
                Width
            );
            return _context.Data.LoadFromEnumerable(items, schema);
        }
    }
}
