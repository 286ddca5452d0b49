using Microsoft.ML.Transforms;

namespace Ssna.MLNet.Encoders;

/// <summary>One linear map of one layer, and where its weight is.</summary>
/// <param name="Layer">From the bottom, from 0.</param>
/// <param name="Kind">Which of the layer's maps.</param>
/// <param name="Module">The name that Hugging Face's library gives it, without the model's prefix.</param>
/// <param name="Parameter">The place in <see cref="EncoderLayout"/> of the parameter that holds the weight.</param>
/// <param name="FirstRow">The weight's first row in that parameter.</param>
/// <param name="Outputs">The weight's rows.</param>
/// <param name="Inputs">The weight's columns.</param>
internal sealed record EncoderProjection(
    int Layer,
    EncoderProjections Kind,
    string Module,
    int Parameter,
    long FirstRow,
    long Outputs,
    long Inputs
)
{
    private const string WeightSuffix = ".weight";

    /// <summary>All maps of the given kinds, layer by layer from the bottom.</summary>
    public static IReadOnlyList<EncoderProjection> Of(EncoderConfiguration configuration, EncoderProjections kinds)
    {
        IReadOnlyList<EncoderParameter> layout = EncoderLayout.Of(configuration);
        var found = new List<EncoderProjection>();
        for (int layer = 0; layer < configuration.LayerCount; layer++)
        {
            Add(layer, EncoderProjections.Query, "attention.qkv", 0);
            Add(layer, EncoderProjections.Key, "attention.qkv", 1);
            Add(layer, EncoderProjections.Value, "attention.qkv", 2);
            Add(layer, EncoderProjections.AttentionOutput, "attention.output", 0);
            Add(layer, EncoderProjections.FeedForwardInner, "feedforward.inner", 0);
            Add(layer, EncoderProjections.FeedForwardOutput, "feedforward.output", 0);
        }
        return found;

        void Add(int layer, EncoderProjections kind, string name, int part)
        {
            if (!kinds.HasFlag(kind))
            {
                return;
            }
            int place = 0;
            while (layout[place].Name != $"layer.{layer}.{name}{WeightSuffix}")
            {
                place++;
            }
            long[] shape = layout[place].SourceShape;
            string module = layout[place].Sources[part][..^WeightSuffix.Length];
            found.Add(new EncoderProjection(layer, kind, module, place, part * shape[0], shape[0], shape[1]));
        }
    }
}
