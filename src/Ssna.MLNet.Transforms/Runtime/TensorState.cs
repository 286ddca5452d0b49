using TorchSharp;

namespace Ssna.MLNet.Runtime;

/// <summary>
/// The grad mode and the inference mode of a thread belong to the host, which may have set either for work of its own. Our
/// work begins by setting both for itself, and leaves them as it found them.
/// </summary>
/// <remarks>
/// The default dtype is one for the whole process and cannot be set for a while without another thread seeing it: tensors are
/// made with their dtype named.
/// </remarks>
internal sealed class TensorState : IDisposable
{
    private readonly IDisposable? _inference;
    private readonly IDisposable _gradients;

    private TensorState(bool gradients)
    {
        TorchRuntime.EnsureLoaded();
        // Tensors made in inference mode can never enter autograd, nor be written to outside of it.
        _inference = torch.is_inference_mode_enabled() ? torch.inference_mode(false) : null;
        _gradients = torch.set_grad_enabled(gradients);
    }

    /// <summary>Until it is disposed, on this thread: tensors are computed, and nothing is kept for a way back.</summary>
    public static TensorState Frozen() => new(gradients: false);

    /// <summary>Until it is disposed, on this thread: what computes with weights that require gradients can go back.</summary>
    public static TensorState Trainable() => new(gradients: true);

    public void Dispose()
    {
        _gradients.Dispose();
        _inference?.Dispose();
    }
}
