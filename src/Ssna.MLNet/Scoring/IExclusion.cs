namespace Ssna.MLNet.Scoring;

/// <summary>Which indexes are never among the best.</summary>
internal interface IExclusion
{
    bool Contains(int index);
}

/// <summary>Those of a list.</summary>
/// <param name="ascending">The indexes, ascending, repeated at will.</param>
internal readonly ref struct Listed(ReadOnlySpan<int> ascending) : IExclusion
{
    private readonly ReadOnlySpan<int> _ascending = ascending;

    public bool Contains(int index) => _ascending.BinarySearch(index) >= 0;
}

/// <summary>Those whose place in an array holds a mark; none where the array is empty.</summary>
internal readonly ref struct Marked(ReadOnlySpan<int> marks, int mark) : IExclusion
{
    private readonly ReadOnlySpan<int> _marks = marks;
    private readonly int _mark = mark;

    public bool Contains(int index) => !_marks.IsEmpty && _marks[index] == _mark;
}
