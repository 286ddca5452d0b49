using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>A <see cref="SequencePacking"/> on a device.</summary>
/// <param name="Rows">Rows: R.</param>
/// <param name="Width">Slots of a row: W.</param>
/// <param name="Positions">As <see cref="SequencePacking.Positions"/>: (R * W), int64.</param>
/// <param name="Segments">As <see cref="SequencePacking.Segments"/>: (R * W), int64.</param>
internal sealed record PackedSequences(int Rows, int Width, Tensor Positions, Tensor Segments);
