using System.Numerics;
using Ssna.MLNet.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Ssna.MLNet.Encoders;

internal abstract partial class EncoderFamily
{
    /// <summary>
    /// Song et al. 2020: RoBERTa's positions, no token types, and in every layer's attention scores a number that the distance of
    /// two tokens decides, from one table of all layers.
    /// </summary>
    public static EncoderFamily MPNet { get; } = new MPNetFamily();

    /// <summary>
    /// Which row of MPNet's table a distance has: Raffel et al. 2020, with 32 rows and distances up to 128. Half of the rows are
    /// for keys behind the query, half for those before it; in each half, 8 for a distance each and 8 for wider and wider ranges.
    /// </summary>
    /// <param name="distance">The key's place minus the query's.</param>
    internal static int MPNetBucket(int distance)
    {
        int far = Math.Abs(distance);
        // 8 + 8 log(far / 8) / log(128 / 8), rounded down: in whole numbers, 2 log2(far / 8) is log2(far^2 / 64).
        int bucket = far < 8 ? far : Math.Min(15, 8 + BitOperations.Log2((ulong)far * (ulong)far / 64));
        return distance > 0 ? bucket + 16 : bucket;
    }

    private sealed class MPNetFamily : EncoderFamily
    {
        private const int Buckets = 32;
        private const int OnlyPadId = 1;

        public override string Name => "MPNet";

        public override string ModelType => "mpnet";

        public override ConfigurationFields Fields { get; } = ConfigurationFields.Common with { TokenTypes = null };

        // transformers takes 32 whatever the file says.
        public override IReadOnlyDictionary<string, int> FixedFields { get; } =
            new Dictionary<string, int> { ["relative_attention_num_buckets"] = Buckets };

        public override int DefaultPadId => OnlyPadId;

        public override int FirstPosition(int padId) => padId + 1;

        // And it counts positions from 1 whatever the file says.
        public override string? Fault(EncoderConfiguration configuration) =>
            configuration.PadId == OnlyPadId
                ? null
                : $"'pad_token_id' of {configuration.PadId}, other than {OnlyPadId}";

        protected override void DeclareShared(EncoderConfiguration configuration, EncoderLayout layout) =>
            layout.Table("distances", Buckets, configuration.HeadCount, "encoder.relative_attention_bias");

        protected override void DeclareLayer(EncoderConfiguration configuration, EncoderLayout layout, int index)
        {
            string start = $"encoder.layer.{index}";
            var names = new PostNormNames(
                $"{start}.attention.attn.q",
                $"{start}.attention.attn.k",
                $"{start}.attention.attn.v",
                $"{start}.attention.attn.o",
                $"{start}.attention.LayerNorm",
                $"{start}.intermediate.dense",
                $"{start}.output.dense",
                $"{start}.output.LayerNorm"
            );
            PostNormLayer.Declare(configuration, layout, index, names);
        }

        public override AttentionBias AttentionBias(EncoderConfiguration configuration, Func<Parameter> next) =>
            new DistanceBias(configuration, next());
    }

    /// <param name="configuration">The sizes.</param>
    /// <param name="table">What a distance adds in each head: (buckets, H).</param>
    private sealed class DistanceBias(EncoderConfiguration configuration, Parameter table) : AttentionBias
    {
        public override Tensor Forward(long length)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor ofDistance = OfDistances(length).t(); // (H, 2 T - 1)
            // T keys in a row, from where the last query is at first, to where the first one is.
            Tensor upwards = ofDistance.unfold(1, length, 1); // (H, T, T)
            return upwards.flip(1).unsqueeze(0).MoveToOuterDisposeScope(); // (1, H, T, T)
        }

        public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue length)
        {
            int longest = configuration.MaximumTokens;
            OnnxValue ofDistance = graph.Weight("distances", OfDistances(longest)); // (2 M - 1, H)
            OnnxValue places = graph.Counting(length); // (T)
            OnnxValue distance = graph.Subtract(graph.Unsqueeze(places, 0), graph.Unsqueeze(places, 1)); // (T, T)
            OnnxValue row = graph.Add(distance, graph.Number(longest - 1L)); // (T, T)
            return graph.Unsqueeze(graph.Transpose(graph.Gather(ofDistance, row), 2, 0, 1), 0); // (1, H, T, T)
        }

        // The key's place minus the query's, from one end of a text to the other: (2 T - 1, H).
        private Tensor OfDistances(long length)
        {
            long[] buckets =
            [
                .. Enumerable.Range(1 - (int)length, (2 * (int)length) - 1).Select(d => (long)MPNetBucket(d)),
            ];
            return table.index_select(0, tensor(buckets, device: table.device)); // (2 T - 1, H)
        }
    }
}
