using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>
/// Keeps float16 gradients within the format's range: they are made this many times larger and brought back before the
/// optimiser sees them. Halved when a step overflows, doubled after a long run without: the rule of PyTorch's GradScaler, with a
/// floor, below which a smaller scale loses gradients and saves none.
/// </summary>
internal sealed class LossScale
{
    private const int GrowAfter = 2000;
    private const float Least = 1;
    private int _goodSteps;
    private int _skipped;
    private float _value = 65536;

    /// <summary>What the loss's gradient is multiplied by.</summary>
    public float Value => _value;

    /// <summary>Says how many of an epoch's steps were left out, if any were, and begins to count anew.</summary>
    public void Report(RunContext context, int epoch)
    {
        if (_skipped > 0)
        {
            context.Warning(
                $"Epoch {epoch}: {_skipped} steps overflowed Float16 and were left out; gradients are now scaled by {_value}."
                    + (_value == Least ? " At that, Precision Float32 or a smaller LearningRate may help." : "")
            );
        }
        _skipped = 0;
    }

    public void Visit(StateVisitor visitor)
    {
        visitor.Value("scale.value", ref _value);
        visitor.Value("scale.good", ref _goodSteps);
        visitor.Value("scale.skipped", ref _skipped);
    }

    /// <summary>Brings gradients back to their size, and adapts <see cref="Value"/>.</summary>
    /// <returns>Whether they are numbers; where not, they are set to zero and the step is to be left out.</returns>
    public bool Unscale(Tensor gradients)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        if (!DeviceMemory.Read(gradients.isfinite().all()).item<bool>())
        {
            gradients.zero_();
            _value = Math.Max(Least, _value / 2);
            _goodSteps = 0;
            _skipped++;
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
