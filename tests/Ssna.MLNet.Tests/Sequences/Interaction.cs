namespace Ssna.MLNet.Tests.Sequences;

/// <summary>A row of interactions for tests.</summary>
internal sealed class Interaction<TUser, TItem, TTime>(TUser user, TItem item, TTime time)
{
    public Interaction()
        : this(default!, default!, default!) { }

    public TUser User { get; set; } = user;

    public TItem Item { get; set; } = item;

    public TTime Time { get; set; } = time;
}
