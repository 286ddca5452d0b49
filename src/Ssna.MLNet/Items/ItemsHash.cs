using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ssna.MLNet.Items;

/// <summary>What tells tables of items from one another: taken as their rows are read, of which no rank keeps all.</summary>
internal sealed class ItemsHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _rows;

    /// <summary>Takes the next row.</summary>
    public void Add<T>(ReadOnlySpan<T> row)
        where T : unmanaged
    {
        int length = row.Length;
        _hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in length)));
        _hash.AppendData(MemoryMarshal.AsBytes(row));
        _rows++;
    }

    /// <summary>The hash of all rows, as 16 hexadecimal digits.</summary>
    public string Finish()
    {
        _hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in _rows)));
        return Convert.ToHexStringLower(_hash.GetHashAndReset())[..16];
    }

    public void Dispose() => _hash.Dispose();
}
