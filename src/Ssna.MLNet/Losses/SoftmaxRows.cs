using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Ssna.MLNet.Model;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Ssna.MLNet.Losses;

/// <summary>Cross entropy of the softmax of logits in the CPU's memory, whose rows become their gradient one by one.</summary>
internal static unsafe class SoftmaxRows
{
    /// <inheritdoc cref="SoftmaxGradient.Differentiate"/>
    /// <returns>The sum of the rows' losses.</returns>
    public static double Differentiate(LogitBlock block)
    {
        (int rows, int stored) = ((int)block.Logits.shape[0], (int)block.Logits.shape[1]);
        var losses = new double[rows];
        if (rows > 0)
        {
            using Tensor targets = block.Targets.contiguous(); // (b)
            using Tensor? bias = block.Bias?.contiguous(); // (C)
            using Tensor? masked = block.Masked?.contiguous(); // (b, C)
            var work = new Work(
                FloatRows.AddressOf(block.Logits),
                block.Logits.dtype == ScalarType.BFloat16,
                stored,
                (int)block.Candidates,
                MemoryMarshal.Cast<byte, long>(targets.bytes).ToArray(),
                bias is null ? null : MemoryMarshal.Cast<byte, float>(bias.bytes).ToArray(),
                masked is null ? null : (bool*)FloatRows.AddressOf(masked),
                block.Smoothing,
                losses
            );
            TensorRows.ForEach(rows, stored, work.Run);
        }
        return losses.Sum();
    }

    private sealed class Work(
        void* logits,
        bool isBFloat16,
        int stored,
        int count,
        long[] targets,
        float[]? bias,
        bool* masked,
        float smoothing,
        double[] losses
    )
    {
        public void Run(int row)
        {
            if (!isBFloat16)
            {
                losses[row] = Differentiate(new Span<float>((float*)logits + ((long)row * stored), stored), row);
                return;
            }
            var rounded = new Span<ushort>((ushort*)logits + ((long)row * stored), stored);
            float[] rented = ArrayPool<float>.Shared.Rent(stored);
            Span<float> x = rented.AsSpan(0, stored);
            BFloat16Rows.Widen(rounded, x);
            losses[row] = Differentiate(x, row);
            BFloat16Rows.Round(x, rounded);
            ArrayPool<float>.Shared.Return(rented);
        }

        private double Differentiate(Span<float> stored, int row)
        {
            Span<float> x = stored[..count];
            int target = (int)targets[row];
            if (bias is not null)
            {
                TensorPrimitives.Add(x, bias, x);
            }
            ReadOnlySpan<bool> hidden = masked == null ? [] : new(masked + ((long)row * count), count);
            int open = count - Hide(x, hidden, 0);
            float total = TensorPrimitives.Sum(x);
            _ = Hide(x, hidden, float.NegativeInfinity);
            float most = TensorPrimitives.Max(x);
            float wanted = x[target];
            TensorPrimitives.Subtract(x, most, x);
            TensorPrimitives.Exp(x, x);
            float sum = TensorPrimitives.Sum(x);
            double logSum = most + Math.Log(sum);

            // softmax(x) - spread, by candidate; of the target, what is left of 1 as well.
            float spread = smoothing / open;
            TensorPrimitives.Multiply(x, 1 / sum, x);
            TensorPrimitives.Subtract(x, spread, x);
            _ = Hide(x, hidden, 0);
            x[target] -= 1 - smoothing;
            stored[count..].Clear();
            return ((1.0 - smoothing) * (logSum - wanted)) + (spread * ((open * logSum) - total));
        }

        private static int Hide(Span<float> x, ReadOnlySpan<bool> hidden, float value)
        {
            int found = 0;
            for (int i = 0; i < hidden.Length; i++)
            {
                if (hidden[i])
                {
                    x[i] = value;
                    found++;
                }
            }
            return found;
        }
    }
}
