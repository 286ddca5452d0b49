using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>
/// Keeps float16 gradients within the format's range: they are made this many times larger and brought back before the
/// optimiser sees them. Halved when a step overflows, doubled after a long run without; the rule of PyTorch's GradScaler.
/// </summary>
internal sealed class LossScale
{
    private const int GrowAfter = 2000;
    private int _goodSteps;

    /// <summary>What the loss's gradient is multiplied by.</summary>
    public float Value { get; private set; } = 65536;

    /// <summary>Brings gradients back to their size, and adapts <see cref="Value"/>.</summary>
    /// <returns>Whether they are numbers; where not, they are set to zero and the step is to be left out.</returns>
    public bool Unscale(Tensor gradients)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        if (!gradients.isfinite().all().cpu().item<bool>())
        {
            gradients.zero_();
            Value /= 2;
            _goodSteps = 0;
            return false;
        }
        gradients.DivideInPlace(Value);
        if (++_goodSteps == GrowAfter)
        {
            Value *= 2;
            _goodSteps = 0;
        }
        return true;
    }
}
