using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Model.Items;
using Ssna.MLNet.Training;

namespace Ssna.MLNet.Model;

/// <summary>What a model's sizes must be for it to be computed: of a trainer's options, and of settings that a file claims.</summary>
internal static class ShapeChecks
{
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range; the message names it as the option.</exception>
    public static void Sequence(int dimension, int blocks, int attentionHeads, int innerSize, int maximumSequenceLength)
    {
        OptionsChecks.AtLeast(1, dimension, nameof(SsnaTrainer.Options.Dimension));
        OptionsChecks.AtLeast(1, blocks, nameof(SsnaTrainer.Options.SequenceBlocks));
        OptionsChecks.AtLeast(1, attentionHeads, nameof(SsnaTrainer.Options.AttentionHeads));
        OptionsChecks.Require(
            dimension % attentionHeads == 0,
            attentionHeads,
            nameof(SsnaTrainer.Options.AttentionHeads),
            $"a divisor of Dimension, which is {dimension}"
        );
        OptionsChecks.AtLeast(1, innerSize, nameof(SsnaTrainer.Options.InnerSize));
        OptionsChecks.AtLeast(1, maximumSequenceLength, nameof(SsnaTrainer.Options.MaximumSequenceLength));
    }

    /// <summary>The linear maps that low-rank matrices are for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none, or one that is not defined.</exception>
    public static void Targets(EncoderProjections targets, string name)
    {
        EncoderProjections all = Enum.GetValues<EncoderProjections>().Aggregate((one, other) => one | other);
        OptionsChecks.Require(
            targets != EncoderProjections.None && (targets & ~all) == 0,
            targets,
            name,
            "at least one of the defined values"
        );
    }

    /// <summary>All of a saved model's sizes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range; the message names it.</exception>
    public static void Model(SsnaModelShape shape)
    {
        Sequence(
            shape.Dimension,
            shape.SequenceBlocks,
            shape.AttentionHeads,
            shape.InnerSize,
            shape.MaximumSequenceLength
        );
        if (shape.Items is FeatureEncoderShape features)
        {
            OptionsChecks.AtLeast(1, features.LayerCount, nameof(features.LayerCount));
            OptionsChecks.AtLeast(1, features.FeatureWidth, nameof(features.FeatureWidth));
            Defined(features.FeatureScaling, nameof(features.FeatureScaling));
        }
        switch (shape.Items)
        {
            case SsnaEncoderShape ssna:
                OptionsChecks.AtLeast(1, ssna.AdapterHeads, nameof(ssna.AdapterHeads));
                Defined(ssna.Integration, nameof(ssna.Integration));
                break;
            case TopMixtureEncoderShape mixture:
                OptionsChecks.AtLeast(1, mixture.AdapterHeads, nameof(mixture.AdapterHeads));
                break;
            case TopMlpEncoderShape mlp:
                OptionsChecks.AtLeast(1, mlp.LinearLayers, nameof(mlp.LinearLayers));
                break;
            case TextEncoderShape text:
                TextEncoder(text);
                break;
        }
    }

    private static void TextEncoder(TextEncoderShape shape)
    {
        OptionsChecks.Require(
            shape.Encoder.Fault is null,
            shape.Encoder.Fault,
            nameof(shape.Encoder),
            "an encoder that can be computed"
        );
        Defined(shape.Precision, nameof(shape.Precision));
        if (shape is FullFineTuningEncoderShape { TopLayers: var trained })
        {
            OptionsChecks.Require(
                trained >= 0 && trained <= shape.Encoder.LayerCount,
                trained,
                nameof(FullFineTuningEncoderShape.TopLayers),
                $"at most the encoder's {shape.Encoder.LayerCount}"
            );
        }
        if (shape is LowRankEncoderShape adapted)
        {
            Targets(adapted.Targets, nameof(adapted.Targets));
            OptionsChecks.AtLeast(1, adapted.Rank, nameof(adapted.Rank));
            OptionsChecks.Positive(adapted.Alpha, nameof(adapted.Alpha));
            OptionsChecks.Share(adapted.Dropout, nameof(adapted.Dropout));
        }
    }

    private static void Defined<T>(T value, string name)
        where T : struct, Enum => OptionsChecks.Require(Enum.IsDefined(value), value, name, "a defined value");
}
