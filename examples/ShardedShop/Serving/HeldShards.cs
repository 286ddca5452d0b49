namespace ShardedShop.Serving;

/// <summary>The shards that this silo has in memory.</summary>
/// <param name="metrics">Where their number is told.</param>
internal sealed class HeldShards(ShopMetrics metrics)
{
    private readonly Lock _gate = new();
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);

    public string[] Names
    {
        get
        {
            lock (_gate)
            {
                return [.. _names];
            }
        }
    }

    public void Add(string name)
    {
        lock (_gate)
        {
            _names.Add(name);
        }
        metrics.Holds(1);
    }

    public void Remove(string name)
    {
        lock (_gate)
        {
            _names.Remove(name);
        }
        metrics.Holds(-1);
    }
}
