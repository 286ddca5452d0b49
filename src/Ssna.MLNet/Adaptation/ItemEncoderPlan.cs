using Microsoft.ML.Transforms;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using TorchSharp;

namespace Ssna.MLNet.Adaptation;

/// <summary>What an item encoder is made from, beside the settings of its kind, to be trained.</summary>
/// <param name="Parameters">Where its weights are declared.</param>
/// <param name="Dimension">The width of item embeddings: d.</param>
/// <param name="Items">What was read of the items, in the host's memory.</param>
/// <param name="Device">Where it is to live.</param>
/// <param name="Precision">The precision of the large matrix products; never Auto.</param>
/// <param name="Steps">Steps of the optimiser that are to come, if training does not end early.</param>
internal sealed record ItemEncoderPlan(
    ParameterBuffer Parameters,
    int Dimension,
    HeldItems Items,
    torch.Device Device,
    ComputePrecision Precision,
    long Steps
);
