using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>
/// Visits everything that a training would lose with its process. One visitor writes it down, another puts it back, so that
/// both see the same: a part of training says what it holds once, for both.
/// </summary>
internal abstract class StateVisitor
{
    /// <summary>A tensor whose values count; its place stays.</summary>
    public abstract void Tensor(string name, Tensor value);

    /// <summary>A value that JSON can hold.</summary>
    public abstract void Value<T>(string name, ref T value);
}
