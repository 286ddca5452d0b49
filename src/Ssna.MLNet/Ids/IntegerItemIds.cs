using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using Microsoft.ML.Data;

namespace Ssna.MLNet.Ids;

/// <summary>Ids of an integer type; every value is an id, none means missing.</summary>
internal sealed class IntegerItemIds<T> : ItemIds<T>
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    private readonly List<T> _ids = [];
    private readonly Dictionary<T, int> _indexes = [];

    public override int Count => _ids.Count;

    public override PrimitiveDataViewType Type { get; } = ColumnTypeExtensions.PrimitiveTypeFromType(typeof(T));

    public override T this[int index] => _ids[index];

    public override int Find(T id) => _indexes.TryGetValue(id, out int index) ? index : Unknown;

    public override int FindOrAdd(T id)
    {
        if (!_indexes.TryGetValue(id, out int index))
        {
            index = _ids.Count;
            _ids.Add(id);
            _indexes.Add(id, index);
        }
        return index;
    }

    public override ReadOnlyMemory<char> TextOf(int index) =>
        _ids[index].ToString(null, CultureInfo.InvariantCulture).AsMemory();

    protected override void SaveIds(BinaryWriter writer)
    {
        Span<byte> bytes = stackalloc byte[Unsafe.SizeOf<T>()];
        foreach (T id in _ids)
        {
            id.WriteLittleEndian(bytes);
            writer.Write(bytes);
        }
    }

    protected override void LoadIds(BinaryReader reader, int count)
    {
        Span<byte> bytes = stackalloc byte[Unsafe.SizeOf<T>()];
        for (int i = 0; i < count; i++)
        {
            reader.BaseStream.ReadExactly(bytes);
            FindOrAdd(T.ReadLittleEndian(bytes, isUnsigned: T.IsZero(T.MinValue)));
        }
    }
}
