using System.Globalization;
using System.Numerics;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Sequences;

namespace Ssna.MLNet.Ids;

/// <summary>A catalogue's ids in the type that a caller holds them in.</summary>
/// <typeparam name="TItem">For text, <see cref="string"/> or memory of char; for integers, any integer type.</typeparam>
internal readonly struct TypedIds<TItem>
    where TItem : notnull
{
    private readonly ItemIds _ids;
    private readonly Func<int, TItem> _idAt;

    /// <exception cref="ArgumentException">The catalogue's ids are of another type.</exception>
    public TypedIds(ItemIds ids)
    {
        _ids = ids;
        Type stored = ids.Type.RawType;
        _idAt =
            ids is ItemIds<TItem> same ? index => same[index]
            : typeof(TItem) == typeof(string) && ids is ItemIds<ReadOnlyMemory<char>>
                ? index => (TItem)(object)ids.ToText(index)
            : IntegerTypes.Contains(typeof(TItem)) && IntegerTypes.Contains(stored)
                ? IntegerTypes.Visit<Func<int, TItem>, Conversion>(stored, new Conversion(ids))
            : throw new ArgumentException(
                $"The catalogue's item ids are of type {ids.Type}: expected ids of type "
                    + $"{(IntegerTypes.Contains(stored) ? stored : typeof(string))}, found {typeof(TItem)}."
            );
    }

    /// <summary>Whether the catalogue has an item.</summary>
    public bool Contain(TItem item) => _ids.IndexOf(item) >= 0;

    /// <summary>A copy of all ids, in catalogue order.</summary>
    public TItem[] All()
    {
        var all = new TItem[_ids.Count];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = _idAt(i);
        }
        return all;
    }

    /// <summary>The index of an item that the catalogue must have.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    public int Require(TItem item, string parameterName)
    {
        int index = _ids.IndexOf(item);
        return index >= 0 ? index : throw new ArgumentException($"The catalogue has no item '{item}'.", parameterName);
    }

    /// <summary>The indexes of the items that the catalogue has.</summary>
    public int[] Known(IEnumerable<TItem> items)
    {
        var known = new List<int>();
        foreach (TItem item in items)
        {
            int index = _ids.IndexOf(item);
            if (index >= 0)
            {
                known.Add(index);
            }
        }
        return [.. known];
    }

    /// <summary>The known items of each history.</summary>
    /// <param name="histories">The histories.</param>
    /// <param name="first">The number of histories before them, for messages.</param>
    /// <exception cref="ArgumentException">A history is null.</exception>
    public SequenceSet Histories(IReadOnlyList<IEnumerable<TItem>> histories, int first = 0)
    {
        var builder = new SequenceSetBuilder();
        for (int i = 0; i < histories.Count; i++)
        {
            builder.Add(
                Known(
                    histories[i]
                        ?? throw new ArgumentException(
                            $"Expected a history of every user, found null at position {first + i}.",
                            nameof(histories)
                        )
                )
            );
        }
        return builder.ToSet();
    }

    /// <summary>A copy of ranked items with their ids.</summary>
    public ScoredItem<TItem>[] Scored(BestItems best)
    {
        var scored = new ScoredItem<TItem>[best.Count];
        for (int i = 0; i < scored.Length; i++)
        {
            scored[i] = new(_idAt(best.Indexes[i]), best.Scores[i]);
        }
        return scored;
    }

    private readonly struct Conversion(ItemIds ids) : IIntegerVisitor<Func<int, TItem>>
    {
        public Func<int, TItem> Visit<T>()
            where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
        {
            var table = (ItemIds<T>)ids;
            return index =>
            {
                try
                {
                    return (TItem)Convert.ChangeType(table[index], typeof(TItem), CultureInfo.InvariantCulture);
                }
                catch (OverflowException error)
                {
                    throw new ArgumentException(
                        $"The catalogue's item ids are of type {table.Type}: expected a type that holds all of them, such as "
                            + $"{typeof(T)}, found {typeof(TItem)}, which cannot hold '{table[index]}'.",
                        error
                    );
                }
            };
        }
    }
}
