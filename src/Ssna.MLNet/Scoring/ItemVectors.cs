using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>
/// The embeddings v* of a catalogue's items, as directions in a choice of precisions and lengths in float32: the sequence
/// model reads both, scores need the directions alone. Nothing in it changes.
/// </summary>
internal sealed partial class ItemVectors : IDisposable
{
    /// <summary>
    /// How many items' scores are best asked for at a time: larger products are no faster, and directions of a reduced
    /// precision are made float32 for so many items only.
    /// </summary>
    public const int Tile = 1 << 14;

    private const string DirectionsTensor = "items.directions";
    private const string LengthsTensor = "items.lengths";
    private const string ScalesTensor = "items.scales";
    private const int LargestInt8 = 127;

    private readonly Tensor _directions; // (I, d): float32, float16 or int8
    private readonly Tensor _lengths; // (I, 1)
    private readonly Tensor? _scales; // (I, 1): what int8 directions are multiples of

    private ItemVectors(Tensor directions, Tensor lengths, Tensor? scales)
    {
        _directions = directions.DetachFromDisposeScope();
        _lengths = lengths.DetachFromDisposeScope();
        _scales = scales?.DetachFromDisposeScope();
    }

    public ItemPrecision Precision =>
        _directions.dtype switch
        {
            ScalarType.Float32 => ItemPrecision.Float32,
            ScalarType.Float16 => ItemPrecision.Float16,
            _ => ItemPrecision.Int8,
        };

    /// <summary>The number of items: I.</summary>
    public int Count => (int)_directions.shape[0];

    /// <summary>The width of an embedding: d.</summary>
    public int Dimension => (int)_directions.shape[1];

    public Device Device => _directions.device;

    /// <summary>The tensors by name, for saving.</summary>
    public IEnumerable<(string Name, Tensor Value)> Tensors =>
        _scales is null
            ? [(DirectionsTensor, _directions), (LengthsTensor, _lengths)]
            : [(DirectionsTensor, _directions), (LengthsTensor, _lengths), (ScalesTensor, _scales)];

    /// <summary>The memory that they take.</summary>
    public long Bytes => Tensors.Sum(tensor => tensor.Value.numel() * SafetensorsType.SizeOf(tensor.Value.dtype));

    /// <summary>Keeps embeddings.</summary>
    /// <param name="embeddings">v*, not normalised: (I, d), float32.</param>
    /// <param name="precision">How exactly.</param>
    public static ItemVectors Of(Tensor embeddings, ItemPrecision precision = ItemPrecision.Float32)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        Tensor lengths = embeddings.norm(1, keepdim: true, p: 2); // (I, 1)
        return Of(embeddings / lengths.AtLeast(1e-12), lengths, precision);
    }

    /// <summary>Reads what <see cref="Tensors"/> were saved.</summary>
    /// <exception cref="InvalidDataException">A tensor is missing, or of another shape or type.</exception>
    public static ItemVectors Restore(ITensorSource source, int count, int dimension, Device device)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        Tensor directions = DeviceMemory.Upload(
            device,
            ModelTensors.ReadRaw(source, DirectionsTensor, count, dimension)
        ); // (I, d)
        if (directions.dtype is not (ScalarType.Float32 or ScalarType.Float16 or ScalarType.Int8))
        {
            throw new InvalidDataException(
                $"Tensor '{DirectionsTensor}': expected float32, float16 or int8, found {directions.dtype}."
            );
        }
        return new ItemVectors(
            directions,
            DeviceMemory.Upload(device, ModelTensors.Read(source, LengthsTensor, count, 1)),
            directions.dtype == ScalarType.Int8
                ? DeviceMemory.Upload(device, ModelTensors.Read(source, ScalesTensor, count, 1))
                : null
        );
    }

    /// <summary>v* of items, not normalised: (N, d), float32.</summary>
    /// <param name="items">Their indexes: (N).</param>
    public Tensor Embeddings(Tensor items)
    {
        using var scope = NewDisposeScope();
        Tensor factors = _lengths.index_select(0, items); // (N, 1)
        if (_scales is not null)
        {
            factors = factors * _scales.index_select(0, items); // (N, 1)
        }
        return (_directions.index_select(0, items) * factors).MoveToOuterDisposeScope(); // (N, d)
    }

    /// <summary>v* / |v*| of the items from one on: (N, d), float32. A view where they are kept so.</summary>
    public Tensor Directions(int first, int count)
    {
        using var scope = NewDisposeScope();
        Tensor rows = _directions.narrow(0, first, count).to(ScalarType.Float32); // (N, d)
        return (_scales is null ? rows : rows * _scales.narrow(0, first, count)).MoveToOuterDisposeScope(); // (N, d)
    }

    /// <summary>The cosines of users with the items from one on.</summary>
    /// <param name="users">Of length 1: (B, d).</param>
    /// <param name="first">The first item.</param>
    /// <param name="count">The number of items: N.</param>
    /// <returns>(B, N), each row by itself contiguous.</returns>
    public Tensor Cosines(Tensor users, int first, int count)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        if (_scales is not null && Device.type == DeviceType.CPU)
        {
            return Int8Products
                .Multiply(users, _directions.narrow(0, first, count), _scales.narrow(0, first, count))
                .MoveToOuterDisposeScope(); // (B, N)
        }
        if (count <= Tile || Precision == ItemPrecision.Float32)
        {
            return AlignedRows
                .Empty(users.shape[0], count, Device)
                .addmm_(users, Directions(first, count).t(), beta: 0, alpha: 1)
                .MoveToOuterDisposeScope(); // (B, N)
        }
        Tensor cosines = AlignedRows.Empty(users.shape[0], count, Device); // (B, N)
        for (int from = 0; from < count; from += Tile)
        {
            int part = Math.Min(Tile, count - from);
            cosines.narrow(1, from, part).copy_(Cosines(users, first + from, part));
        }
        return cosines.MoveToOuterDisposeScope(); // (B, N)
    }

    /// <summary>Some of the items.</summary>
    /// <param name="items">Their indexes: N of them.</param>
    public ItemVectors Select(int[] items)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        Tensor rows = DeviceMemory.Upload(Device, Array.ConvertAll(items, item => (long)item))[0]; // (N)
        return new ItemVectors(
            _directions.index_select(0, rows),
            _lengths.index_select(0, rows),
            _scales?.index_select(0, rows)
        );
    }

    /// <summary>With items added or replaced, in the same precision.</summary>
    /// <param name="embeddings">v* of the items: (V, d).</param>
    /// <param name="positions">Their indexes in the result: V of them.</param>
    /// <param name="count">The items of the result.</param>
    public ItemVectors With(Tensor embeddings, int[] positions, int count)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        Tensor rows = DeviceMemory.Upload(Device, Array.ConvertAll(positions, item => (long)item))[0]; // (V)
        using ItemVectors added = Of(embeddings, Precision);
        Tensor Join(Tensor old, Tensor values)
        {
            Tensor all = zeros(count, old.shape[1], dtype: old.dtype, device: old.device); // (I', ...)
            all.narrow(0, 0, Count).copy_(old);
            return all.index_copy_(0, rows, values);
        }
        return new ItemVectors(
            Join(_directions, added._directions),
            Join(_lengths, added._lengths),
            _scales is null ? null : Join(_scales, added._scales!)
        );
    }

    /// <summary>The same items in another precision.</summary>
    public ItemVectors In(ItemPrecision precision)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        Tensor directions = Directions(0, Count); // (I, d)
        // float32 ones may be a view of ours; other precisions are copies anyhow.
        return Of(precision == ItemPrecision.Float32 ? directions.clone() : directions, _lengths.clone(), precision);
    }

    public void Dispose()
    {
        _directions.Dispose();
        _lengths.Dispose();
        _scales?.Dispose();
    }

    // Takes both over.
    private static ItemVectors Of(Tensor directions, Tensor lengths, ItemPrecision precision)
    {
        switch (precision)
        {
            case ItemPrecision.Float32:
                return new ItemVectors(directions, lengths, null);
            case ItemPrecision.Float16:
                return new ItemVectors(directions.to(ScalarType.Float16), lengths, null);
            default:
                Tensor scales = directions.abs().amax([1], keepdim: true).Over(LargestInt8); // (I, 1)
                Tensor whole = (directions / scales.AtLeast(1e-12)).round_().to(ScalarType.Int8); // (I, d)
                return new ItemVectors(whole, lengths, scales);
        }
    }
}
