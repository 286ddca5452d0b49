using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Tests;

namespace Ssna.MLNet.Training;

/// <summary>What could change and silently be taken for the same training, or the same search.</summary>
[TestClass]
public sealed class TrainingIdentityTests : IDisposable
{
    // Data, which are hashed as they are read; who is told; where it runs, and where it writes.
    private static readonly string[] s_others =
    [
        nameof(SsnaTrainer.Options.Items),
        nameof(SsnaTrainer.Options.ItemPipeline),
        nameof(SsnaTrainer.Options.ValidationSet),
        nameof(SsnaTrainer.Options.StartFrom), // hashed too
        nameof(TrainingOptions.Progress),
        nameof(TrainingOptions.StepProgress),
        nameof(TrainingOptions.CancellationToken),
        nameof(TrainingOptions.KeepBestOnCancellation),
        nameof(TrainingOptions.GpuDeviceId),
        nameof(TrainingOptions.FallbackToCpu),
        nameof(TrainingOptions.NumberOfThreads),
        nameof(TrainingOptions.Collective),
        nameof(TrainingOptions.CheckpointFolder),
        nameof(TrainingOptions.CheckpointInterval),
        nameof(TrainingOptions.CheckpointSteps),
        nameof(TrainingOptions.CheckpointEpochs),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Every_option_and_every_setting_of_every_kind_is_part_of_it_or_known_to_change_nothing()
    {
        TinyEncoder.Write(_folder["encoder"]);
        int kinds = 0;
        foreach (object kind in Kinds(typeof(ItemAdaptation), typeof(SequenceModel), typeof(TrainingLoss)))
        {
            var options = new SsnaTrainer.Options();
            FieldInfo choice = typeof(TrainingOptions)
                .GetFields()
                .Single(field => field.FieldType.IsInstanceOfType(kind));
            choice.SetValue(options, kind);
            if (kind is ItemAdaptation.TrainedEncoder trained)
            {
                trained.Encoder = _folder["encoder"];
            }
            SortedDictionary<string, string> identity = OptionsIdentity.Of(options, seed: 1);
            string[] names =
            [
                .. Settings(options.GetType()).Except(s_others),
                // What fetches a model is no part of it: the model counts by its content.
                .. Settings(kind.GetType())
                    .Except([nameof(ItemAdaptation.TrainedEncoder.Hub)])
                    .Select(setting => $"{choice.Name}.{setting}"),
            ];
            foreach (string name in names)
            {
                Assert.IsTrue(identity.ContainsKey(name), $"{name} with {choice.Name} {kind}");
            }
            kinds++;
        }
        Assert.IsGreaterThanOrEqualTo(12, kinds);
    }

    [TestMethod]
    public void A_folder_that_is_started_from_counts_by_what_is_in_it_and_not_by_its_place()
    {
        var options = new SsnaTrainer.Options();
        var adaptation = new ItemAdaptation.LoRA { Encoder = _folder["encoder"], InitialAdapter = _folder["adapter"] };
        options.Adaptation = adaptation;
        TinyEncoder.Write(_folder["encoder"]);
        TinyEncoder.Write(_folder["other", "encoder"]);
        string[] saved = ["0x00010003-LoRA.zip", "0x00010003-AdaLoRA.zip"];
        Adapter(saved[0]);
        IReadOnlyDictionary<string, string> before = OptionsIdentity.Of(options, seed: 1);

        adaptation.Encoder = _folder["other", "encoder"];
        Assert.IsNull(OptionsIdentity.Difference(before, OptionsIdentity.Of(options, seed: 1)));
        TinyEncoder.Write(_folder["other", "encoder"], seed: 2);
        Named("Adaptation.Encoder is a folder with the hash");
        adaptation.Encoder = _folder["encoder"];
        Assert.IsNull(OptionsIdentity.Difference(before, OptionsIdentity.Of(options, seed: 1)));
        Adapter(saved[1]);
        Named("Adaptation.InitialAdapter is a folder with the hash");

        void Named(string text) =>
            StringAssert.Contains(OptionsIdentity.Difference(before, OptionsIdentity.Of(options, seed: 1)), text);

        void Adapter(string zip)
        {
            string path = Path.Combine(SharedFolder.Checkout, "tests", "Ssna.MLNet.Tests", "Saved", zip);
            using SsnaTransformer model = SsnaTransformer.Load(new MLContext(1), path);
            model.SaveAdapter(_folder["adapter"]);
        }
    }

    [TestMethod]
    public void A_training_does_not_go_on_inside_another_encoder_of_the_same_name()
    {
        var context = new MLContext(1);
        TinyEncoder.Write(_folder["encoder"]);
        using var source = new CancellationTokenSource();
        SsnaTrainer.Options options = TextShop.Options(
            context,
            new ItemAdaptation.LoRA { Encoder = _folder["encoder"], Rank = 2 }
        );
        options.CheckpointFolder = _folder["checkpoints"];
        options.CancellationToken = source.Token;
        options.Progress = new Calling<SsnaTrainingProgress>(_ => source.Cancel());
        IDataView users = RingShop.TrainingUsers<string>(context, 40);
        Assert.Throws<OperationCanceledException>(() => Fit());
        Assert.IsNotEmpty(Directory.GetFiles(_folder["checkpoints"], "*.json"));

        TinyEncoder.Write(_folder["encoder"], seed: 2);
        (options.CancellationToken, options.Progress) = (CancellationToken.None, null);
        var error = Assert.Throws<InvalidOperationException>(() => Fit());
        StringAssert.Contains(error.Message, "CheckpointFolder");
        StringAssert.Contains(error.Message, "Adaptation.Encoder is a folder with the hash");
        TinyEncoder.Write(_folder["encoder"]);
        Fit();

        void Fit() => context.Recommendation().Trainers.Ssna(options).Fit(users).Dispose();
    }

    private static IEnumerable<object> Kinds(params Type[] choices) =>
        typeof(SsnaTrainer)
            .Assembly.GetTypes()
            .Where(type => !type.IsAbstract && choices.Any(choice => choice.IsAssignableFrom(type)))
            .Select(type => Activator.CreateInstance(type)!);

    private static IEnumerable<string> Settings(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Instance)
            .Select(field => field.Name)
            .Concat(
                type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                    .Where(property => property.SetMethod is { IsPublic: true })
                    .Select(property => property.Name)
            );
}
