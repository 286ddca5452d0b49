using Microsoft.ML.Trainers.Recommender;

namespace ShardedShop.Grains;

// How the library's two types travel between silos: Orleans writes what it has generated code for. For types that are generic its
// surrogates are so too.

[GenerateSerializer, Immutable]
internal struct ScoredItemSurrogate<TItem>
{
    [Id(0)]
    public TItem Item;

    [Id(1)]
    public float Score;
}

[RegisterConverter]
internal sealed class ScoredItemConverter<TItem> : IConverter<ScoredItem<TItem>, ScoredItemSurrogate<TItem>>
{
    public ScoredItem<TItem> ConvertFromSurrogate(in ScoredItemSurrogate<TItem> surrogate) =>
        new(surrogate.Item, surrogate.Score);

    public ScoredItemSurrogate<TItem> ConvertToSurrogate(in ScoredItem<TItem> value) =>
        new() { Item = value.Item, Score = value.Score };
}

[GenerateSerializer, Immutable]
internal struct ShardQuerySurrogate<TItem>
    where TItem : notnull
{
    [Id(0)]
    public float[] User;

    [Id(1)]
    public TItem[] History;

    [Id(2)]
    public int K;

    [Id(3)]
    public bool ExcludeHistory;
}

[RegisterConverter]
internal sealed class ShardQueryConverter<TItem> : IConverter<ShardQuery<TItem>, ShardQuerySurrogate<TItem>>
    where TItem : notnull
{
    public ShardQuery<TItem> ConvertFromSurrogate(in ShardQuerySurrogate<TItem> surrogate) =>
        new(surrogate.User, surrogate.History, surrogate.K, surrogate.ExcludeHistory);

    public ShardQuerySurrogate<TItem> ConvertToSurrogate(in ShardQuery<TItem> value) =>
        new()
        {
            User = value.User.ToArray(),
            History = [.. value.History],
            K = value.K,
            ExcludeHistory = value.ExcludeHistory,
        };
}
