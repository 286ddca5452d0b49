using Microsoft.ML;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Interop;

/// <summary>
/// One cursor's computation of a mapper's outputs: gathers the inputs of a block of rows, and serves the outputs of the
/// row <see cref="Row"/> of it. What the rows of a block share is computed when the first getter asks for it.
/// </summary>
/// <remarks>Used by one thread at a time; parallel cursors have one each.</remarks>
internal abstract class BlockComputation : IDisposable
{
    private IDisposable? _memory;

    /// <summary>Who asked for the cursor or row, and may stop it.</summary>
    internal ReaderCancellation? Reader { get; } = ReaderCancellation.Current;

    /// <summary>The row of the block, from 0, that the getters answer for.</summary>
    public int Row { get; internal set; }

    /// <summary>The rows gathered so far.</summary>
    public int Count { get; private set; }

    /// <summary>Takes over what is to end with the computation.</summary>
    internal void Keep(IDisposable? memory) => _memory = memory;

    /// <summary>Forgets the block before.</summary>
    internal void Begin()
    {
        Row = -1;
        Count = 0;
        Clear();
    }

    /// <summary>Takes the inputs of the input row's present position into the block.</summary>
    internal void Gather()
    {
        GatherRow(Count);
        Count++;
    }

    /// <summary>Forgets inputs and results of the block before. The first call comes before any row.</summary>
    protected abstract void Clear();

    /// <summary>Copies the present inputs, through getters of the input row, to <paramref name="row"/> of the block.</summary>
    protected abstract void GatherRow(int row);

    /// <summary>A <see cref="ValueGetter{TValue}"/> of the column's type for the row <see cref="Row"/>.</summary>
    /// <param name="output">The index into <see cref="BlockMapper.Outputs"/>; only active outputs are asked for.</param>
    public abstract Delegate CreateGetter(int output);

    /// <summary>Overrides call this last: the transformer's memory may go with it.</summary>
    public virtual void Dispose()
    {
        _memory?.Dispose();
        GC.SuppressFinalize(this);
    }
}
