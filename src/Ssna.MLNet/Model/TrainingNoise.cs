using System.Runtime.InteropServices;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>
/// The random numbers of a training run, from a generator of its own: libtorch's shared one belongs to the whole process,
/// where another thread's draws would change this run's.
/// </summary>
internal sealed class TrainingNoise(int seed, Device device) : IDisposable
{
    private readonly Generator _generator = new((ulong)seed, device);
    private readonly Random _keys = new(seed); // of masks made here

    /// <summary>What dropout multiplies by: 0 for <paramref name="share"/> of the numbers, 1 / (1 - share) for the others.</summary>
    public Tensor Keep(Tensor like, float share)
    {
        using var _ = TensorState.Frozen();
        float kept = 1 / (1 - share);
        if (like.device_type != DeviceType.CPU)
        {
            return empty_like(like).bernoulli_(1.0 - share, _generator).MultiplyInPlace(kept);
        }
        Tensor mask = empty(like.shape, dtype: ScalarType.Float32);
        DropoutMask.Fill(MemoryMarshal.Cast<byte, float>(mask.bytes), (ulong)_keys.NextInt64(), share, kept);
        return mask;
    }

    /// <summary>0 for <paramref name="share"/> of <paramref name="count"/> rows, 1 for the others: (count, 1).</summary>
    public Tensor KeepRows(long count, float share, Device where)
    {
        using var _ = TensorState.Frozen();
        return empty(count, 1, dtype: ScalarType.Float32, device: where).bernoulli_(1.0 - share, _generator);
    }

    /// <summary>Numbers of N(0, 1).</summary>
    public Tensor Normal(Tensor like)
    {
        using var _ = TensorState.Frozen();
        return empty_like(like).normal_(0, 1, _generator);
    }

    /// <summary>A seed of noise that can be drawn again.</summary>
    public int NextSeed() => _keys.Next();

    public void Dispose() => _generator.Dispose();
}
