using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Ssna.MLNet.Ids;

/// <summary>
/// Text ids, end to end in one buffer of characters with an open-addressing hash table beside it: two objects for the garbage
/// collector however many ids there are, and look-ups that allocate nothing. The empty text means missing.
/// </summary>
internal sealed class TextItemIds : ItemIds<ReadOnlyMemory<char>>
{
    private char[] _characters = [];
    private int[] _ends = []; // where each id ends in the buffer; it starts where the one before it ends
    private int[] _slots = new int[16]; // index + 1 of the id in this slot, or 0; a power of two, at most half full
    private int _count;

    public override int Count => _count;

    public override PrimitiveDataViewType Type => TextDataViewType.Instance;

    public override ReadOnlyMemory<char> this[int index]
    {
        get
        {
            int start = Start(index);
            return _characters.AsMemory(start, _ends[index] - start);
        }
    }

    public override int Find(ReadOnlyMemory<char> id) => Find(id.Span);

    /// <summary>The index of an id, <see cref="ItemIds.Unknown"/>, or <see cref="ItemIds.Missing"/>.</summary>
    public int Find(ReadOnlySpan<char> id) => id.IsEmpty ? Missing : _slots[SlotOf(id)] - 1;

    public override int FindOrAdd(ReadOnlyMemory<char> id) => FindOrAdd(id.Span);

    /// <summary>The index of an id, which is added where it is new, or <see cref="ItemIds.Missing"/>.</summary>
    public int FindOrAdd(ReadOnlySpan<char> id)
    {
        if (id.IsEmpty)
        {
            return Missing;
        }
        int slot = SlotOf(id);
        if (_slots[slot] == 0)
        {
            if (2 * (_count + 1) > _slots.Length)
            {
                Rehash();
                slot = SlotOf(id);
            }
            Append(id);
            _slots[slot] = _count;
        }
        return _slots[slot] - 1;
    }

    public override ReadOnlyMemory<char> TextOf(int index) => this[index];

    protected override void SaveIds(BinaryWriter writer)
    {
        for (int i = 0; i < _count; i++)
        {
            // UTF-16, as ids with half a surrogate pair would not survive UTF-8.
            ReadOnlySpan<char> id = this[i].Span;
            writer.Write7BitEncodedInt(id.Length);
            foreach (char character in id)
            {
                writer.Write((ushort)character);
            }
        }
    }

    protected override void LoadIds(BinaryReader reader, int count)
    {
        var buffer = new char[256];
        for (int i = 0; i < count; i++)
        {
            int length = reader.Read7BitEncodedInt();
            if (length <= 0)
            {
                throw Contracts.ExceptDecode($"Item ids are damaged: id {i} has a length of {length}.");
            }
            for (int j = 0; j < length; j++)
            {
                if (j == buffer.Length)
                {
                    Array.Resize(ref buffer, 2 * buffer.Length);
                }
                buffer[j] = (char)reader.ReadUInt16();
            }
            FindOrAdd(buffer.AsSpan(0, length));
        }
    }

    private int Start(int index) => index == 0 ? 0 : _ends[index - 1];

    /// <summary>The slot of an id, or the free one where it belongs.</summary>
    private int SlotOf(ReadOnlySpan<char> id)
    {
        int mask = _slots.Length - 1;
        int slot = string.GetHashCode(id) & mask;
        while (_slots[slot] != 0 && !this[_slots[slot] - 1].Span.SequenceEqual(id))
        {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void Append(ReadOnlySpan<char> id)
    {
        int start = _count == 0 ? 0 : _ends[_count - 1];
        if (id.Length > _characters.Length - start)
        {
            long size = Math.Min(Array.MaxLength, Math.Max(start + (long)id.Length, 2L * _characters.Length));
            if (size < start + (long)id.Length)
            {
                throw new InvalidOperationException(
                    $"Expected ids of at most {Array.MaxLength} characters together, found more."
                );
            }
            Array.Resize(ref _characters, (int)size);
        }
        if (_count == _ends.Length)
        {
            Array.Resize(ref _ends, Math.Max(16, 2 * _count));
        }
        id.CopyTo(_characters.AsSpan(start));
        _ends[_count++] = start + id.Length;
    }

    private void Rehash()
    {
        _slots = new int[2 * _slots.Length];
        for (int i = 0; i < _count; i++)
        {
            _slots[SlotOf(this[i].Span)] = i + 1;
        }
    }
}
