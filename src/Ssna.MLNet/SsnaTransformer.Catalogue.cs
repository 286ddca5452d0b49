using Ssna.MLNet.Ids;

namespace Microsoft.ML.Trainers.Recommender;

public sealed partial class SsnaTransformer
{
    /// <summary>Whether the catalogue has an item: <c>GetSimilarItems</c> throws where it has not.</summary>
    /// <typeparam name="TItem">The type of the ids, as of <see cref="Recommend"/>.</typeparam>
    /// <param name="item">The item's id.</param>
    /// <exception cref="ArgumentException">The ids are of another type, or the one given is null.</exception>
    public bool Contains<TItem>(TItem item)
        where TItem : notnull
    {
        if (item is null)
        {
            throw new ArgumentNullException(nameof(item));
        }
        return new TypedIds<TItem>(_ids).IndexOf(item) >= 0;
    }

    /// <summary>The ids of all items, in catalogue order: that of the slots of the scores. It is a copy.</summary>
    /// <typeparam name="TItem">The type of the ids, as of <see cref="Recommend"/>.</typeparam>
    /// <exception cref="ArgumentException">The ids are of another type.</exception>
    public IReadOnlyList<TItem> GetItemIds<TItem>()
        where TItem : notnull => new TypedIds<TItem>(_ids).All();
}
