using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Onnx;
using TorchSharp;
using static Ssna.MLNet.Onnx.TensorProto.Types;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

internal sealed partial class ItemVectors
{
    /// <summary>The items in a graph.</summary>
    public GraphItems ToOnnx(OnnxGraph graph) => new(graph, this);

    /// <summary>
    /// Items in a graph, in the precision that they are kept in. Directions of a reduced precision stand there in tiles, and a
    /// loop makes one of them float32 at a time: made so together, a runtime would do it once for all when it loads the file, and
    /// hold them in float32.
    /// </summary>
    internal sealed class GraphItems
    {
        private readonly OnnxGraph _graph;
        private readonly ItemVectors _items;
        private readonly OnnxValue _directions; // (I, d); of a reduced precision (tiles, N, d)
        private readonly OnnxValue _factors; // (I, 1): an embedding by its direction
        private readonly int _tile; // N

        public GraphItems(OnnxGraph graph, ItemVectors items)
        {
            (_graph, _items) = (graph, items);
            _tile = Math.Min(Tile, items.Count);
            _directions = graph.Weight(DirectionsTensor, IsTiled ? Tiles() : items._directions);
            _factors = graph.Weight(
                LengthsTensor,
                items._scales is null ? items._lengths : items._lengths * items._scales
            ); // (I, 1)
        }

        private bool IsTiled => _items.Precision != ItemPrecision.Float32;

        /// <summary>v* of items: (B, W) to (B, W, d).</summary>
        public OnnxValue Embeddings(OnnxValue indexes)
        {
            OnnxValue directions = IsTiled
                ? _graph.Cast(FromTiles(indexes), DataType.Float)
                : _graph.Gather(_directions, indexes); // (B, W, d)
            return _graph.Multiply(directions, _graph.Gather(_factors, indexes)); // (B, W, d)
        }

        /// <summary>The cosines of users, of length 1, with all items: (B, d) to (B, I).</summary>
        public OnnxValue Cosines(OnnxValue users)
        {
            if (!IsTiled)
            {
                return _graph.ProductOfRows(users, _directions); // (B, I)
            }
            OnnxGraph body = _graph.Body("tile");
            DataType type = _items._scales is null ? DataType.Float16 : DataType.Int8;
            OnnxValue tile = body.Input("items.tile", type, "Directions of some items.", _tile, _items.Dimension); // (N, d)
            OnnxValue products = body.ProductOfRows(users, body.Cast(tile, DataType.Float)); // (B, N)
            body.Output(products, "items.tile.products", DataType.Float, "Their products.", "batch", _tile);
            OnnxValue stacked = _graph.Apply(
                "Scan",
                [_directions],
                ("body", body),
                ("num_scan_inputs", 1L),
                ("scan_output_axes", new long[] { 1 })
            ); // (B, tiles, N)
            OnnxValue all = _graph.Slice(_graph.Reshape(stacked, 0, -1), 1, 0, _items.Count); // (B, I)
            return _items._scales is null
                ? all
                : _graph.Multiply(all, _graph.Weight(ScalesTensor, _items._scales.view(1, -1))); // (B, I)
        }

        private OnnxValue FromTiles(OnnxValue indexes)
        {
            OnnxValue size = _graph.Number((long)_tile);
            OnnxValue tile = _graph.Divide(indexes, size); // (B, W)
            OnnxValue place = _graph.Subtract(indexes, _graph.Multiply(tile, size)); // (B, W)
            OnnxValue both = _graph.Concatenate(2, _graph.Unsqueeze(tile, 2), _graph.Unsqueeze(place, 2)); // (B, W, 2)
            return _graph.Apply("GatherND", [_directions, both]); // (B, W, d)
        }

        // The last one is filled up with zeros.
        private Tensor Tiles()
        {
            int tiles = (_items.Count + _tile - 1) / _tile;
            Tensor all = zeros(
                tiles * (long)_tile,
                _items.Dimension,
                dtype: _items._directions.dtype,
                device: _items.Device
            ); // (tiles * N, d)
            all.narrow(0, 0, _items.Count).copy_(_items._directions);
            return all.view(tiles, _tile, _items.Dimension); // (tiles, N, d)
        }
    }
}
