using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>
/// Where wanted items stand among all items of a catalogue. Scores are held for a tile of the catalogue at a time, so that
/// many users share a product however large the catalogue is.
/// </summary>
internal static class TargetRanks
{
    /// <summary>The rank of every user's target: 1 and the number of other items that score as high or higher.</summary>
    /// <param name="users">Of length 1: (B, d).</param>
    /// <param name="items">The catalogue.</param>
    /// <param name="targets">The index of each user's target: (B). Fastest where few tiles hold them all.</param>
    /// <param name="repeats">What is added to their cosines, or null for nothing.</param>
    /// <returns>(B), 0 where a score is NaN.</returns>
    public static int[] Of(Tensor users, ItemVectors items, int[] targets, RepeatScores? repeats = null)
    {
        using var _ = TensorState.Frozen();
        if (users.device_type != DeviceType.CPU)
        {
            return OnDevice(users, items, targets, repeats);
        }
        int[] tiles = Array.ConvertAll(targets, TileOf);
        var wanted = new float[targets.Length];
        var reached = new int[targets.Length];
        var invalid = new bool[targets.Length];

        // A target's own tile comes first and says what its score is: taken from another product than the one that it is
        // compared in, it could be rounded otherwise and miss itself.
        foreach (int tile in tiles.Distinct())
        {
            CountTile(tile, own: true);
        }
        foreach (int tile in Enumerable.Range(0, TileOf(items.Count - 1) + 1))
        {
            if (Array.Exists(tiles, own => own != tile))
            {
                CountTile(tile, own: false);
            }
        }
        return [.. reached.Zip(invalid, (rank, isInvalid) => isInvalid ? 0 : rank)];

        // For the users whose target is in the tile, or for all others.
        void CountTile(int tile, bool own)
        {
            using var scope = NewDisposeScope();
            int first = tile * ItemVectors.Tile;
            int count = Math.Min(ItemVectors.Tile, items.Count - first);
            Tensor scores = items.Cosines(users, first, count); // (B, n)
            repeats?.AddTo(scores, 0, first);
            var all = new FloatRows(scores);
            TensorRows.ForEach(
                targets.Length,
                count,
                row =>
                {
                    if ((tiles[row] == tile) != own)
                    {
                        return;
                    }
                    if (own)
                    {
                        wanted[row] = all[row][targets[row] - first];
                    }
                    reached[row] += ScoreCount.AtLeast(all[row], wanted[row], out bool hasNaN);
                    invalid[row] |= hasNaN;
                }
            );
        }
    }

    /// <summary>The same, counted where the scores are: a number a user comes to the host, and not all scores.</summary>
    internal static int[] OnDevice(Tensor users, ItemVectors items, int[] targets, RepeatScores? repeats = null)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        Tensor wantedItems = DeviceMemory.Upload(users.device, Array.ConvertAll(targets, item => (long)item))[0]; // (B)
        Tensor wanted = zeros(targets.Length, 1, ScalarType.Float32, device: users.device); // (B, 1)
        Tensor reached = zeros(targets.Length, ScalarType.Int64, device: users.device); // (B)
        Tensor invalid = zeros(targets.Length, ScalarType.Bool, device: users.device); // (B)
        int[] own = [.. targets.Select(TileOf).Distinct()];
        foreach (int tile in own)
        {
            using var inTile = NewDisposeScope();
            (Tensor scores, Tensor inside, Tensor column) = Tile(tile);
            wanted.copy_(where(inside, scores.gather(1, column), wanted));
            Count(scores, inside.squeeze(1));
        }
        for (int tile = 0; tile <= TileOf(items.Count - 1); tile++)
        {
            if (own.Length > 1 || own[0] != tile)
            {
                using var inTile = NewDisposeScope();
                (Tensor Scores, Tensor Inside, Tensor Column) here = Tile(tile);
                Count(here.Scores, here.Inside.squeeze(1).logical_not());
            }
        }
        Tensor ranks = reached.MaskInPlace(invalid, 0L); // (B)
        return Array.ConvertAll(DeviceMemory.Read(ranks).data<long>().ToArray(), rank => (int)rank);

        // Scores (B, n), whether a target is in the tile (B, 1), and its column there, or any (B, 1).
        (Tensor Scores, Tensor Inside, Tensor Column) Tile(int tile)
        {
            int first = tile * ItemVectors.Tile;
            int count = Math.Min(ItemVectors.Tile, items.Count - first);
            Tensor column = wantedItems.PlusNumber(-(long)first).unsqueeze(1); // (B, 1)
            Tensor within = column.Within(0, count - 1); // (B, 1)
            Tensor scores = items.Cosines(users, first, count); // (B, n)
            repeats?.AddTo(scores, 0, first);
            return (scores, within.eq(column), within);
        }

        void Count(Tensor scores, Tensor rows)
        {
            reached.AddInPlace(scores.ge(wanted).sum(1).mul_(rows));
            invalid.logical_or_(scores.isnan().any(1).logical_and_(rows));
        }
    }

    /// <summary>The tile of the catalogue that holds an item.</summary>
    public static int TileOf(int item) => item / ItemVectors.Tile;
}
