using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Runtime;
using TorchSharp;

namespace GpuCheck;

/// <summary>All checks, in the order of the table.</summary>
internal sealed class Checks : IDisposable
{
    private const int Seed = 1;
    private const float LossTolerance = 0.002f; // float32 on two devices, after two steps
    private const double RecallTolerance = 0.02; // of two whole trainings, whose weights part in their last digits

    private readonly Inputs _inputs;
    private readonly int _epochs;
    private readonly int? _gpu;
    private readonly Table _table;
    private readonly Folder _folder = new(); // models, and each device's layers, which several checks read

    private Checks(Inputs inputs, int epochs, int? gpu, Table table) =>
        (_inputs, _epochs, _gpu, _table) = (inputs, epochs, gpu, table);

    /// <returns>0 where nothing failed.</returns>
    public static int Run(Inputs inputs, int epochs, int gpu, TextWriter output)
    {
        TorchRuntime.EnsureLoaded();
        var table = new Table(output);
        table.Begin();
        bool there = torch.cuda.is_available() && gpu < torch.cuda.device_count();
        table.Add(
            "hardware",
            $"{Environment.ProcessorCount} cores, AMX {(Hardware.HasTiles ? "yes" : "no")}",
            there ? $"CUDA {gpu}, compute capability {CudaCapability.Of(gpu)?.ToString() ?? "unknown"}" : Table.NoGpu,
            good: there ? CudaCapability.Of(gpu) is not null : null
        );
        table.Try("symbols", () => LibraryCheck.Run(table));
        using var checks = new Checks(inputs, epochs, there ? gpu : null, table);
        checks.TwoStepsOfEveryMethod();
        checks.WholeTraining();
        return table.Failures == 0 ? 0 : 1;
    }

    public void Dispose() => _folder.Dispose();

    private void TwoStepsOfEveryMethod()
    {
        Dictionary<string, Func<SsnaTrainer.Options>> methods = new()
        {
            ["SSNA"] = () => new SsnaTrainer.Options(),
            ["SSNA, paper's settings"] = () => SsnaTrainer.Options.Paper(),
            ["SSNA, sampled loss"] = () => new() { Loss = new TrainingLoss.SampledCatalogue { Negatives = 64 } },
            ["SSNA, binary loss"] = () => new() { Loss = new TrainingLoss.BinaryCrossEntropy { Negatives = 64 } },
            ["top adapter"] = () =>
                new()
                {
                    Adaptation = new ItemAdaptation.Ssna { LayerCount = 1, Integration = LayerIntegration.None },
                },
            ["TopMlp"] = () => new() { Adaptation = new ItemAdaptation.TopMlp() },
            ["SsnaWithIds"] = () => new() { Adaptation = new ItemAdaptation.SsnaWithIds() },
            ["item ids"] = () => new() { Adaptation = new ItemAdaptation.ItemIds() },
            ["LoRA"] = () => SsnaTrainer.Options.Paper(new ItemAdaptation.LoRA { Encoder = _inputs.Encoder }),
            ["AdaLoRA"] = () => SsnaTrainer.Options.Paper(new ItemAdaptation.AdaLoRA { Encoder = _inputs.Encoder }),
            ["full fine-tuning"] = () =>
                SsnaTrainer.Options.Paper(new ItemAdaptation.FullFineTuning { Encoder = _inputs.Encoder }),
        };
        foreach ((string name, Func<SsnaTrainer.Options> options) in methods)
        {
            string check = $"{name}: loss of two steps, float32";
            _table.Try(check, () => Compare(check, options, ComputePrecision.Float32, LossTolerance));
        }
        foreach (ComputePrecision precision in new[] { ComputePrecision.BFloat16, ComputePrecision.Float16 })
        {
            string check = $"SSNA: loss of two steps, {precision} on the GPU";
            _table.Try(check, () => Compare(check, () => new SsnaTrainer.Options(), precision, 0.02f));
        }
    }

    private void Compare(string check, Func<SsnaTrainer.Options> make, ComputePrecision onGpu, float tolerance)
    {
        double cpu = Loss(make(), gpu: null, ComputePrecision.Float32);
        if (_gpu is null)
        {
            _table.Add(check, Text(cpu), Table.NoGpu, double.IsFinite(cpu) ? null : false);
            return;
        }
        double gpu = Loss(make(), _gpu, onGpu);
        _table.Add(check, Text(cpu), Text(gpu), Math.Abs(gpu - cpu) <= tolerance * Math.Abs(cpu));
    }

    private double Loss(SsnaTrainer.Options options, int? gpu, ComputePrecision precision)
    {
        options.Precision = precision;
        options.MaximumSteps = 2;
        // Everything at once: the figure is the second step's as well as the first's.
        using SsnaTransformer model = Train(new MLContext(Seed) { GpuDeviceId = gpu }, options);
        return model.Training.Epochs[^1].Loss;
    }

    private void WholeTraining()
    {
        Whole? cpu = null;
        _table.Try("whole training on the CPU", () => cpu = Whole.Of(this, gpu: null, _folder.File("cpu.zip")));
        Whole? gpu = null;
        if (_gpu is not null)
        {
            _table.Try("whole training on the GPU", () => gpu = Whole.Of(this, _gpu, _folder.File("gpu.zip")));
        }
        if (cpu is null)
        {
            return;
        }
        Row("extraction, seconds", whole => Text(whole.Extraction));
        Row("default training, seconds an epoch", whole => Text(whole.EpochSeconds));
        Row("validation, seconds an epoch", whole => Text(whole.ValidationSeconds));
        Row(
            $"default training of at most {_epochs} epochs, best validation Recall@10",
            whole => Text(whole.Recall),
            whole => Math.Abs(whole.Recall - cpu.Recall) <= RecallTolerance
        );
        Row(
            "test Recall@10",
            whole => Text(whole.TestRecall),
            whole => Math.Abs(whole.TestRecall - cpu.TestRecall) <= RecallTolerance
        );
        Row(
            "model saved there, loaded on the CPU: largest difference of a score",
            whole => Text(whole.LoadedOnCpu),
            whole => whole.LoadedOnCpu <= 2e-3
        );
        if (gpu is not null)
        {
            _table.Try(
                "model saved on the CPU, loaded on the GPU",
                () =>
                {
                    double difference = Whole.Differences(this, _folder.File("cpu.zip"), null, _gpu);
                    _table.Add(
                        "model saved on the CPU, loaded on the GPU: the same",
                        "",
                        Text(difference),
                        difference <= 2e-3
                    );
                }
            );
        }
        else
        {
            _table.Add("model saved on the CPU, loaded on the GPU: the same", "", Table.NoGpu, null);
        }

        void Row(string check, Func<Whole, string> show, Func<Whole, bool>? good = null) =>
            _table.Add(
                check,
                show(cpu),
                gpu is not null ? show(gpu)
                    : _gpu is null ? Table.NoGpu
                    : "see above",
                good is null || gpu is null ? null : good(gpu)
            );
    }

    private SsnaTransformer Train(MLContext context, SsnaTrainer.Options options)
    {
        options.Items = _inputs.Items(context);
        bool features = options.Adaptation is not (ItemAdaptation.TrainedEncoder or ItemAdaptation.ItemIds);
        options.ItemPipeline = features
            ? Extraction(context, ComputePrecision.Float32, _folder.File(context.GpuDeviceId is null ? "cpu" : "gpu"))
            : null;
        return context.Recommendation().Trainers.Ssna(options).Fit(Split(context).TrainSet);
    }

    private EncoderLayersEstimator Extraction(MLContext context, ComputePrecision precision, string? cache = null) =>
        context.Transforms.Text.ExtractEncoderLayers(
            new EncoderLayersEstimator.Options
            {
                OutputColumnName = "Layers",
                InputColumnName = "Text",
                Model = _inputs.Encoder,
                Precision = precision,
                CacheFolder = cache,
            }
        );

    private DataOperationsCatalog.TrainTestData Split(MLContext context) =>
        context.Data.LeaveOneOutSplit(_inputs.Sequences(context));

    private static string Text(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>What one whole training on a device gave.</summary>
    private sealed record Whole(
        double Extraction,
        double EpochSeconds,
        double ValidationSeconds,
        double Recall,
        double TestRecall,
        double LoadedOnCpu
    )
    {
        public static Whole Of(Checks checks, int? gpu, string path)
        {
            var context = new MLContext(Seed) { GpuDeviceId = gpu };
            long start = Stopwatch.GetTimestamp();
            IDataView items = checks._inputs.Items(context);
            IDataView extracted = checks.Extraction(context, ComputePrecision.Auto).Fit(items).Transform(items);
            _ = extracted.GetColumn<float[]>("Layers").Count();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            using SsnaTransformer model = checks.Train(
                context,
                new SsnaTrainer.Options { MaximumEpochs = checks._epochs }
            );
            model.Save(path);
            ItemRankingMetrics metrics = context
                .Recommendation()
                .EvaluateRanking(model.Transform(checks.Split(context).TestSet));
            IReadOnlyList<SsnaTrainingProgress> epochs = model.Training.Epochs;
            return new Whole(
                seconds,
                epochs.Min(epoch => epoch.TrainingTime.TotalSeconds),
                epochs.Min(epoch => epoch.ValidationTime.TotalSeconds),
                epochs.Max(epoch => epoch.ValidationRecallAt10),
                metrics.All.Recall(10),
                Differences(checks, path, gpu, null)
            );
        }

        /// <summary>How far the scores of one file part on two devices, for the first users.</summary>
        public static double Differences(Checks checks, string path, int? one, int? other)
        {
            float[][] first = Scores(checks, path, one);
            float[][] second = Scores(checks, path, other);
            return first.Zip(second, (a, b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max()).Max();
        }

        private static float[][] Scores(Checks checks, string path, int? gpu)
        {
            var context = new MLContext(Seed) { GpuDeviceId = gpu };
            using SsnaTransformer model = SsnaTransformer.Load(context, path);
            IDataView users = context.Data.TakeRows(checks.Split(context).TestSet, 64);
            return [.. model.Transform(users).GetColumn<float[]>("Score")];
        }
    }

    private sealed class Folder : IDisposable
    {
        private readonly string _path = Directory.CreateTempSubdirectory("gpu-check").FullName;

        public string File(string name) => Path.Combine(_path, name);

        public void Dispose() => Directory.Delete(_path, recursive: true);
    }
}
