using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ssna.MLNet.Hub;

/// <summary>A content that is being fetched: a file that grows, with the hash of what is in it so far.</summary>
internal sealed class HubTarget : IAsyncDisposable
{
    private readonly FileStream _file;
    private readonly HubFile _content;
    private readonly Action<long>? _grown;
    private IncrementalHash _hash;

    private HubTarget(FileStream file, HubFile content, Action<long>? grown)
    {
        (_file, _content, _grown) = (file, content, grown);
        _hash = NewHash();
    }

    /// <summary>The bytes that are there.</summary>
    public long Length => _file.Length;

    /// <summary>Opens the file, with what an earlier fetch left in it.</summary>
    /// <param name="path">The file; made where there is none.</param>
    /// <param name="content">What it is to hold.</param>
    /// <param name="grown">Told of the bytes that are there, each time there are more; null for nobody.</param>
    /// <param name="cancellation">Stops the reading of what is there.</param>
    public static async Task<HubTarget> OpenAsync(
        string path,
        HubFile content,
        Action<long>? grown,
        CancellationToken cancellation
    )
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var target = new HubTarget(file, content, grown);
        try
        {
            if (file.Length > content.Size)
            {
                target.Clear();
            }
            var buffer = new byte[1 << 17];
            while (await file.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var read)
            {
                target._hash.AppendData(buffer, 0, read);
            }
            return target;
        }
        catch
        {
            await target.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Appends bytes.</summary>
    public async Task AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _file.WriteAsync(bytes, cancellation).ConfigureAwait(false);
        _hash.AppendData(bytes.Span);
        _grown?.Invoke(_file.Position);
    }

    /// <summary>Forgets all that is there.</summary>
    public void Clear()
    {
        _file.SetLength(0);
        _hash.Dispose();
        _hash = NewHash();
        _grown?.Invoke(0);
    }

    /// <summary>Writes what is there to the disk, and gives its hash in hexadecimal.</summary>
    public string Finish()
    {
        _file.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(_hash.GetCurrentHash());
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _hash.Dispose();
        return _file.DisposeAsync();
    }

    // Git's own hash, by which it names what it keeps itself, begins with kind and length.
    private IncrementalHash NewHash()
    {
        if (_content.Hash.Length == 2 * SHA256.HashSizeInBytes)
        {
            return IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {_content.Size}\0"))
        );
        return hash;
    }
}
