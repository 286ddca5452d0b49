using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;

namespace Ssna.MLNet.Evaluation;

/// <summary>
/// Goes through two scored views side by side, and refuses those that are not of the same rows: the same labels and histories, in
/// the same order, ranked among the same items, whatever the order of these.
/// </summary>
internal sealed class RowPairs
{
    private readonly IHost _host;
    private readonly ScoredColumns _columns;
    private readonly ScoredRowReader _rows;
    private readonly ScoredRowReader _others;
    private readonly int[] _places; // of the other view's items in the first

    /// <exception cref="InvalidOperationException">The views do not score the same items.</exception>
    public RowPairs(IHost host, ScoredColumns columns, ScoredRowReader rows, ScoredRowReader others)
    {
        (_host, _columns, _rows, _others) = (host, columns, rows, others);
        _places = new int[others.Items.Count];
        var found = new bool[rows.Items.Count];
        for (int i = 0; i < _places.Length; i++)
        {
            _places[i] = rows.Items.Find(others.Items.TextOf(i));
            if (_places[i] < 0)
            {
                throw OneSided(others.Items.ToText(i), "second");
            }
            found[_places[i]] = true;
        }
        int missing = Array.IndexOf(found, false);
        if (missing >= 0)
        {
            throw OneSided(rows.Items.ToText(missing), "first");
        }
    }

    /// <summary>Rows read so far.</summary>
    public long Count { get; private set; }

    /// <summary>The wanted item among the first view's.</summary>
    public int Label { get; private set; }

    /// <summary>The same item among the second view's.</summary>
    public int OtherLabel { get; private set; }

    /// <summary>Goes to the next row of both.</summary>
    /// <exception cref="InvalidOperationException">The views differ here, or one of them has ended.</exception>
    public bool MoveNext()
    {
        bool more = _rows.MoveNext();
        if (more != _others.MoveNext())
        {
            throw _host.Fault(
                $"Expected two scored views of the same rows, found {Count} in the {(more ? "second" : "first")} and more in the "
                    + $"{(more ? "first" : "second")}."
            );
        }
        if (!more)
        {
            return false;
        }
        Count++;
        (Label, OtherLabel) = (_rows.Label(), _others.Label());
        if (Label != PlaceOf(OtherLabel))
        {
            throw Different(_columns.Label, Name(_rows, Label), Name(_others, OtherLabel));
        }
        return true;
    }

    /// <summary>Refuses histories of this row that differ.</summary>
    /// <param name="history">In items of the first view.</param>
    /// <param name="other">In items of the second.</param>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public void RequireSame(ReadOnlySpan<int> history, ReadOnlySpan<int> other)
    {
        if (history.Length != other.Length)
        {
            throw Different(_columns.Sequence!, $"{history.Length} items", $"{other.Length}");
        }
        for (int i = 0; i < history.Length; i++)
        {
            if (history[i] != PlaceOf(other[i]))
            {
                throw Different(
                    _columns.Sequence!,
                    $"{Name(_rows, history[i])} as item {i + 1}",
                    Name(_others, other[i])
                );
            }
        }
    }

    private int PlaceOf(int other) => other < 0 ? other : _places[other];

    private static string Name(ScoredRowReader rows, int item) =>
        item switch
        {
            ItemIds.Missing => "none",
            ItemIds.Unknown => "an item without a score",
            _ => $"'{rows.Items.ToText(item)}'",
        };

    private Exception Different(string column, string found, string other) =>
        _host.Fault(
            $"Row {Count}, column '{column}': expected the same row in both scored views, in the same order, found {found} in the "
                + $"first and {other} in the second."
        );

    private Exception OneSided(string item, string view) =>
        _host.Fault(
            $"Column '{_columns.Score}': expected scores of the same items in both views, found item '{item}' in the {view} alone "
                + "(WithItems and WithoutItems of a model change its items)."
        );
}
