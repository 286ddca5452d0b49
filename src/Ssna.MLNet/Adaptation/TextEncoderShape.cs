using System.Text.Json.Serialization;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Adaptation;

/// <summary>What decides the tensors of every method that trains inside a text encoder.</summary>
/// <param name="Encoder">Family and sizes of the encoder.</param>
/// <param name="Precision">The precision of the encoder's matrix products; never Auto.</param>
internal abstract record TextEncoderShape(
    EncoderConfiguration Encoder,
    [property: MayDiffer] ComputePrecision Precision
) : ItemEncoderShape
{
    [JsonIgnore]
    public override int Depth => Encoder.LayerCount;

    public override void Check()
    {
        OptionsChecks.Require(Encoder.Fault is null, Encoder.Fault, nameof(Encoder), "an encoder that can be computed");
        OptionsChecks.Defined(Precision, nameof(Precision));
    }

    public override bool Takes(ItemInputs inputs, int itemCount) =>
        inputs is TextInputs text
        && !string.IsNullOrEmpty(text.Column)
        && text.MaximumTokens >= 2
        && text.MaximumTokens <= Encoder.MaximumTokens;
}

/// <summary>What the training of an encoder needs, and its result does not.</summary>
/// <param name="Pretrained">The encoder that training starts from; taken over by the model.</param>
/// <param name="ActivationCheckpointing">
/// Whether what lies between a text and its CLS vector is computed again on the way back, instead of being kept.
/// </param>
/// <param name="Adapter">A folder in PEFT's layout that low-rank deltas start from, or null.</param>
internal sealed record EncoderTraining(TextEncoder Pretrained, bool ActivationCheckpointing, string? Adapter = null);
