using Ssna.MLNet.Model;
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
    private float _value = 65536;

    /// <summary>What the loss's gradient is multiplied by.</summary>
    public float Value => _value;

    public void Visit(StateVisitor visitor)
    {
        visitor.Value("scale.value", ref _value);
        visitor.Value("scale.good", ref _goodSteps);
    }

    /// <summary>Brings gradients back to their size, and adapts <see cref="Value"/>.</summary>
    /// <returns>Whether they are numbers; where not, they are set to zero and the step is to be left out.</returns>
    public bool Unscale(Tensor gradients)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        if (!gradients.isfinite().all().cpu().item<bool>())
        {
            gradients.zero_();
            _value /= 2;
            _goodSteps = 0;
            return false;
        }
        gradients.DivideInPlace(Value);
        if (++_goodSteps == GrowAfter)
        {
            _value *= 2;
            _goodSteps = 0;
        }
        return true;
    }
}
