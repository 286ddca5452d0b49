using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>Models and trainings on the CPU, as tests of parts of training need them.</summary>
internal static class Runs
{
    public static SsnaModel Model(TrainingOptions options, Tensor features, int seed, Ranks? ranks = null)
    {
        options.Seed = seed;
        return TrainingSetup.CreateModel(
            options,
            Held.Of(features, ranks),
            new RunPlace(CPU, ComputePrecision.Float32)
        );
    }

    public static SsnaTrainingResult Train(
        TrainingOptions options,
        Tensor features,
        SequenceSet training,
        ValidationCases cases,
        int seed = 1,
        Action<string>? log = null,
        StartingModel? start = null,
        CancellationToken token = default
    )
    {
        options.Seed = seed;
        var context = new MLContext();
        context.Log += (_, entry) =>
        {
            if (entry.Kind is ChannelMessageKind.Info or ChannelMessageKind.Warning)
            {
                log?.Invoke(entry.RawMessage);
            }
        };
        using IChannel channel = ((IChannelProvider)context).Start(nameof(Runs));
        return SsnaTraining.Run(
            options,
            Held.Of(features, new Ranks(options.Collective)),
            training,
            cases,
            RunPlace.On(CPU, options.Precision),
            new RunContext(host: null, channel, token.CanBeCanceled ? token : options.CancellationToken),
            start
        );
    }
}
