using System.Numerics;

namespace Ssna.MLNet.Ids;

/// <summary>A catalogue's ids in the type that a caller holds them in.</summary>
/// <typeparam name="TItem">For text, <see cref="string"/> or memory of char; for integers, any integer type.</typeparam>
internal readonly struct TypedIds<TItem>
    where TItem : notnull
{
    private readonly ItemIds _ids;
    private readonly Func<TItem, int> _indexOf;
    private readonly Func<int, TItem> _idAt;

    /// <exception cref="ArgumentException">The catalogue's ids are of another type.</exception>
    public TypedIds(ItemIds ids)
    {
        _ids = ids;
        Type stored = ids.Type.RawType;
        (_indexOf, _idAt) =
            ids is ItemIds<TItem> same ? new Ways(same.Find, index => same[index])
            : typeof(TItem) == typeof(string) && ids is TextItemIds texts
                ? Ways.Of<string>(text => texts.Find(text.AsSpan()), texts.ToText)
            : IntegerTypes.Contains(typeof(TItem)) && IntegerTypes.Contains(stored)
                ? IntegerTypes.Visit<Ways, Asked>(typeof(TItem), new Asked(ids))
            : throw new ArgumentException(
                $"The catalogue's item ids are of type {ids.Type}: expected ids of type "
                    + $"{(IntegerTypes.Contains(stored) ? stored : typeof(string))}, found {typeof(TItem)}."
            );
    }

    /// <summary>The index of an item, or a negative number where the catalogue does not have it.</summary>
    /// <exception cref="ArgumentException">It is null.</exception>
    public int IndexOf(TItem item) =>
        item is null
            ? throw new ArgumentException($"Expected an item id of type {_ids.Type}, found null.", nameof(item))
            : _indexOf(item);

    /// <summary>The item at an index.</summary>
    /// <exception cref="ArgumentException">Its id does not fit the type.</exception>
    public TItem this[int index] => _idAt(index);

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
        int index = IndexOf(item);
        return index >= 0 ? index : throw new ArgumentException($"The catalogue has no item '{item}'.", parameterName);
    }

    /// <summary>The indexes of the items that the catalogue has.</summary>
    /// <exception cref="ArgumentException">One is null.</exception>
    public int[] Known(IEnumerable<TItem> items) => Known(items, out _);

    /// <summary>The indexes of the items that the catalogue has.</summary>
    /// <param name="items">The items.</param>
    /// <param name="unknown">How many of them it has not.</param>
    /// <exception cref="ArgumentException">One is null.</exception>
    public int[] Known(IEnumerable<TItem> items, out int unknown)
    {
        var known = new List<int>();
        unknown = 0;
        foreach (TItem item in items)
        {
            int index = IndexOf(item);
            if (index >= 0)
            {
                known.Add(index);
            }
            else
            {
                unknown++;
            }
        }
        return [.. known];
    }

    /// <summary>From id to index and back.</summary>
    private readonly record struct Ways(Func<TItem, int> IndexOf, Func<int, TItem> IdAt)
    {
        /// <summary>Those of a type that is <typeparamref name="TItem"/>, as the caller knows.</summary>
        public static Ways Of<T>(Func<T, int> indexOf, Func<int, T> idAt) =>
            new((Func<TItem, int>)(object)indexOf, (Func<int, TItem>)(object)idAt);
    }

    private readonly struct Asked(ItemIds ids) : IIntegerVisitor<Ways>
    {
        public Ways Visit<T>()
            where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> =>
            IntegerTypes.Visit<Ways, AskedOf<T>>(ids.Type.RawType, new AskedOf<T>(ids));
    }

    /// <summary>Ids of one integer type, asked for in another.</summary>
    private readonly struct AskedOf<TAsked>(ItemIds ids) : IIntegerVisitor<Ways>
        where TAsked : unmanaged, IBinaryInteger<TAsked>, IMinMaxValue<TAsked>
    {
        public Ways Visit<T>()
            where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
        {
            var table = (ItemIds<T>)ids;
            return Ways.Of(IndexOf, IdAt);

            int IndexOf(TAsked asked)
            {
                var wide = Int128.CreateChecked(asked);
                T narrow = T.CreateTruncating(wide);
                return Int128.CreateChecked(narrow) == wide ? table.Find(narrow) : ItemIds.Unknown;
            }

            TAsked IdAt(int index)
            {
                try
                {
                    return TAsked.CreateChecked(table[index]);
                }
                catch (OverflowException error)
                {
                    throw new ArgumentException(
                        $"The catalogue's item ids are of type {table.Type}: expected a type that holds all of them, such as "
                            + $"{typeof(T)}, found {typeof(TAsked)}, which cannot hold '{table[index]}'.",
                        error
                    );
                }
            }
        }
    }
}
