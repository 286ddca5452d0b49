using System.Runtime.InteropServices;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Sequences;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Tests.Devices;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>
/// What a GPU would be asked to do, asked of libtorch's device <c>meta</c>, which knows shapes and no numbers: every method, loss,
/// precision and stage, with no tensor of the CPU among a device's, no generator, and few crossings between host and device.
/// </summary>
[TestClass]
public sealed class MetaDeviceTests
{
    private static Device Meta => torch.device("meta"); // not before libtorch is loaded
    private static readonly string[] s_losses = ["FullCatalogue", "SampledCatalogue", "InBatch", "BinaryCrossEntropy"];
    private static readonly string[] s_features = ["Ssna", "TopAdapter", "TopMlp", "SsnaWithIds", "ItemIds"];
    private static readonly string[] s_texts = ["LoRA", "AdaLoRA", "FullFineTuning"];
    private static readonly ComputePrecision[] s_precisions =
    [
        ComputePrecision.Float32,
        ComputePrecision.BFloat16,
        ComputePrecision.Float16,
    ];

    private static string s_folder = "";

    // Where libtorch's objects lie in memory as LibTorch says.
    private static bool IsSupported =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public TestContext TestContext { get; set; } = null!;

    public static IEnumerable<object[]> Trainings =>
        from precision in s_precisions
        from training in s_features
            .SelectMany(method => s_losses, (method, loss) => (method, loss))
            .Concat(s_texts.Select(method => (method, loss: "InBatch")))
        select new object[] { training.method, training.loss, precision };

    [ClassInitialize]
    public static void Prepare(TestContext _)
    {
        TorchRuntime.EnsureLoaded();
        s_folder = Directory.CreateTempSubdirectory("ssna-meta").FullName;
        TinyEncoder.Write(s_folder);
        if (IsSupported)
        {
            MetaKernels.Register();
        }
    }

    [ClassCleanup]
    public static void Clean() => Directory.Delete(s_folder, recursive: true);

    [TestMethod]
    public void The_watch_sees_mixed_devices_generators_waits_and_uploads()
    {
        RequireSupport();
        using var scope = NewDisposeScope();
        (Tensor here, Tensor there) = (ones(3, 3), ones(3, 3, device: Meta));
        Expect("aten::mm", () => there.mm(here));
        Expect("aten::cat", () => cat([there, here]));
        Expect("aten::index_select", () => there.index_select(0, tensor(new long[] { 1 })));
        Expect(
            "aten::mm",
            () => // on the way back
            {
                Tensor leaf = ones(3, 3, device: Meta, requires_grad: true);
                leaf.mm(there).backward([here.to(Meta)]);
                there.mm(here);
            }
        );
        Expect(
            "generator",
            () =>
            {
                using var generator = new Generator(1, CPU);
                there.normal_(0, 1, generator);
            }
        );
        Expect("has the host wait", () => there.eq(there).nonzero());
        using OperatorWatch watch = OperatorWatch.Start();
        _ = DeviceMemory.Upload(Meta, [1, 2], [3]);
        _ = there.mm(there).mul(tensor(2f)); // one number may come along
        Assert.AreEqual(1, watch.Uploads);
        Assert.IsEmpty(watch.Faults);

        static void Expect(string fault, Action work)
        {
            using OperatorWatch watch = OperatorWatch.Start();
            try
            {
                work();
            }
            catch (Exception error) when (error is ExternalException)
            {
                // libtorch finds some by itself
            }
            StringAssert.Contains(string.Join("; ", watch.Faults), fault);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Trainings))]
    public void Steps_stay_on_the_device(string method, string loss, ComputePrecision precision)
    {
        RequireSupport();
        SsnaTrainer.Options options = Options(method, loss);
        using Tensor items = Items(method);
        using TensorState state = TensorState.Trainable();
        using var setup = Setup(options, items, precision);
        using SsnaModel model = setup.Model;
        Crossings one = Train(options, setup, steps: 1);
        Crossings three = Train(options, setup, steps: 3);
        Crossings step = (three - one) / 2;

        bool text = s_texts.Contains(method);
        // The index lists; of texts their ids, lengths and order; of AdaLoRA what it has chosen.
        Assert.AreEqual(1 + (text ? 3 : 0) + (method == "AdaLoRA" ? AdaLoRAOf(precision) : 0), step.Uploads, "uploads");
        // Whether gradients are numbers in float16; what AdaLoRA chooses by.
        int overflow = precision == ComputePrecision.Float16 ? 1 : 0;
        Assert.AreEqual(overflow + (method == "AdaLoRA" ? AdaLoRAOf(precision) : 0), step.Reads, "reads");

        // Where gradients seem to have overflown, as zeros do not say otherwise, the optimiser has not been asked.
        static int AdaLoRAOf(ComputePrecision precision) => precision == ComputePrecision.Float16 ? 0 : 1;
    }

    [TestMethod]
    [DataRow("LoRA")]
    [DataRow("FullFineTuning")]
    public void Activations_that_are_computed_again_stay_on_the_device(string method)
    {
        RequireSupport();
        SsnaTrainer.Options options = Options(method, "InBatch");
        ((ItemAdaptation.TrainedEncoder)options.Adaptation).ActivationCheckpointing = true;
        using Tensor items = Items(method);
        using TensorState state = TensorState.Trainable();
        using var setup = Setup(options, items, ComputePrecision.BFloat16);
        using SsnaModel model = setup.Model;
        Assert.AreEqual(6, Train(options, setup, steps: 1).Uploads, "texts go twice");
    }

    [TestMethod]
    [DynamicData(nameof(Methods))]
    public void Optimiser_validation_embedding_and_ranking_stay_on_the_device(string method)
    {
        RequireSupport();
        SsnaTrainer.Options options = Options(method, "InBatch");
        using var scope = NewDisposeScope();
        using Tensor items = Items(method);
        using TensorState state = TensorState.Trainable();
        using var setup = Setup(options, items, ComputePrecision.Float16);
        using SsnaModel model = setup.Model;
        using TensorState frozen = TensorState.Frozen();
        bool text = s_texts.Contains(method);

        Assert.AreEqual(default, Watched(() => setup.Adam.Step()));
        Assert.AreEqual(default, Watched(() => setup.Average?.Add()));
        // Of a block: its histories in one copy, its targets in another; its ranks come back. And the texts of the catalogue.
        // To learn repeats, the places of what was taken go up, and its scores and the sums of all come back; to add them,
        // places and numbers.
        Assert.AreEqual(new Crossings(2 + 3 + (text ? 3 : 0), 1 + 2), Watched(() => setup.Validation.Measure()));

        Tensor embeddings = zeros(0);
        // Inputs and texts go up.
        Assert.AreEqual(
            new Crossings(text ? 3 : 1, 0),
            Watched(() => embeddings = ItemEmbeddings.Of(model, Held.Of(items), RunContext.None))
        );
        Assert.AreEqual(Meta.type, embeddings.device_type);

        using ItemVectors vectors = ItemVectors.Of(embeddings);
        SequenceSet histories = CircleShop.Sequences(20);
        var repeats = new Repeats(
            new RepeatRates(new float[CircleShop.Items], 0.5f),
            new RepeatWeights(new float[HistoryItem.Recencies], 0, 0, 0)
        );
        foreach (ItemPrecision precision in Enum.GetValues<ItemPrecision>())
        {
            using ItemVectors kept = vectors.In(precision);
            using var all = new Candidates(kept, new float[CircleShop.Items]);
            using var some = new Candidates(kept, new float[CircleShop.Items], [3, 5, 8]);
            foreach (Candidates candidates in new[] { all, some })
            {
                Crossings best = Watched(() =>
                {
                    using RankedBlock block = new(
                        candidates,
                        UserEmbeddings.Of(model, kept, histories),
                        k: 2,
                        row => [.. histories[row].ToArray().Order()],
                        repeats.Of([
                            .. Enumerable
                                .Range(0, histories.Count)
                                .Select(row => (ReadOnlyMemory<int>)histories[row].ToArray()),
                        ])
                    );
                    block.Best(0);
                });
                Assert.AreEqual(
                    new Crossings(4, 1),
                    best,
                    "users, what is excluded and what repeats add go up, the best come back"
                );
            }
        }
    }

    public static IEnumerable<object[]> Methods => s_features.Concat(s_texts).Select(method => new object[] { method });

    private static void RequireSupport()
    {
        if (!IsSupported)
        {
            Assert.Inconclusive("libtorch's operators are watched on Linux x64 alone.");
        }
    }

    private static Crossings Train(SsnaTrainer.Options options, TrainingSetup setup, int steps)
    {
        using var position = new TrainingPosition(Meta);
        var training = new EpochTraining(options, setup, position, RunContext.None);
        return Watched(() => Assert.AreEqual(steps, training.Run(steps, () => { }).Steps));
    }

    private static Crossings Watched(Action work)
    {
        using OperatorWatch watch = OperatorWatch.Start();
        int reads = DeviceMemory.Reads;
        work();
        Assert.IsEmpty(watch.Faults, string.Join("\n", watch.Faults));
        return new Crossings(watch.Uploads, DeviceMemory.Reads - reads);
    }

    private static TrainingSetup Setup(SsnaTrainer.Options options, Tensor items, ComputePrecision precision) =>
        new(
            options,
            Held.Of(items),
            CircleShop.Sequences(300),
            ValidationCases.HoldOutLast(CircleShop.Sequences(100)).Cases,
            new RunPlace(Meta, precision),
            RunContext.None
        );

    private static SsnaTrainer.Options Options(string method, string loss)
    {
        SsnaTrainer.Options options = CircleShop.Options();
        options.Adaptation = method switch
        {
            "Ssna" => options.Adaptation,
            "TopAdapter" => new ItemAdaptation.Ssna
            {
                LayerCount = 1,
                Integration = LayerIntegration.None,
                FeatureScaling = FeatureScaling.None,
            },
            "TopMlp" => new ItemAdaptation.TopMlp { FeatureScaling = FeatureScaling.Standardize },
            "SsnaWithIds" => new ItemAdaptation.SsnaWithIds
            {
                AdapterHeads = 2,
                Integration = LayerIntegration.Weighted,
            },
            "ItemIds" => new ItemAdaptation.ItemIds(),
            "LoRA" => new ItemAdaptation.LoRA { Encoder = s_folder, Rank = 2 },
            "AdaLoRA" => new ItemAdaptation.AdaLoRA
            {
                Encoder = s_folder,
                InitialRank = 3,
                TargetRank = 2,
                WarmUpSteps = 0,
                FinalSteps = 0,
            },
            _ => new ItemAdaptation.FullFineTuning { Encoder = s_folder },
        };
        options.Loss =
            loss == "InBatch"
                ? new TrainingLoss.InBatch { MaskHistory = true, LogQCorrection = true }
                : CircleShop.Loss(loss);
        options.ItemDropout = 0.1f;
        if (s_texts.Contains(method))
        {
            options.WeightAverageDecay = 0;
        }
        return options;
    }

    private static Tensor Items(string method)
    {
        if (method == "ItemIds")
        {
            return arange(CircleShop.Items, ScalarType.Int64); // (I)
        }
        if (!s_texts.Contains(method))
        {
            return CircleShop.Features(); // (I, a, D)
        }
        Tensor tokens = full(CircleShop.Items, 6, 7, ScalarType.Int32); // (I, T)
        tokens.narrow(1, 4, 2).narrow(0, 0, 30).fill_(-1);
        return tokens;
    }

    /// <summary>How often numbers went to the device, and came back.</summary>
    private readonly record struct Crossings(int Uploads, int Reads)
    {
        public static Crossings operator -(Crossings left, Crossings right) =>
            new(left.Uploads - right.Uploads, left.Reads - right.Reads);

        public static Crossings operator /(Crossings all, int count) => new(all.Uploads / count, all.Reads / count);
    }
}
